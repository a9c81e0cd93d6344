// The life of a CAPA, played through the API of a running demo (`npm start` in this folder): a failed backup is found, its plan is signed by
// two organisations, an action is late, the first attempt does not work, the second does. `node docs/capa-walk.mjs` takes about a minute.
// It imports nothing of the product: what it does, any client can do.
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { baseUrl, users } = JSON.parse(readFileSync(join(process.env.CRO_DATA_DIR ?? '.data', 'demo-credentials.json'), 'utf8'));
const WINDOW_MS = 10_000;
const STUDY = 'alp-101';
const idOf = (email) => { const [role, domain] = email.split('@'); return `${domain.split('.')[0]}-${role.replaceAll('.', '-')}`; };
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const inMs = (ms) => new Date(Date.now() + ms).toISOString();
const say = (text) => { console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`); };
const heading = (text) => { console.log(`\n${text}`); };

/** A person of the demo, signed in; each request has a key of its own. */
class Person {
  constructor(user) { this.user = user; this.id = idOf(user.email); }

  static async signedIn(email) {
    const person = new Person(users.find((user) => user.email === email));
    const { password } = person.user;
    const answer = await fetch(`${baseUrl}/api/v1/sessions`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }) });
    person.csrf = (await answer.json()).csrfToken;
    person.cookie = answer.headers.get('set-cookie')?.split(';')[0];
    return person;
  }

  async request(method, path, body, headers = {}) {
    const raw = body instanceof Buffer;
    const answer = await fetch(`${baseUrl}/api/v1${path}`, {
      method, body: raw ? body : body && JSON.stringify(body),
      headers: { Cookie: this.cookie, 'X-CSRF-Token': this.csrf, 'Idempotency-Key': randomUUID(), 'Content-Type': raw ? 'application/octet-stream' : 'application/json', ...headers },
    });
    const said = answer.headers.get('content-type')?.includes('json') ? await answer.json() : undefined;
    return { status: answer.status, said };
  }

  /** Throws unless the answer is good. */
  async ask(method, path, body, headers) {
    const { status, said } = await this.request(method, path, body, headers);
    if (status >= 300 || status === 202) throw new Error(`${this.user.email} ${method} ${path}: ${status} ${JSON.stringify(said)}`);
    return said;
  }

  /** Enters the credentials again, says what the signature means, and signs. */
  async sign(capa, act, meaning, said = {}) {
    const { email, password } = this.user;
    const { id, printedName, role, organisationName } = await this.ask('POST', '/signing-grants', { recordId: capa, act, meaning, zone: 'Europe/Zurich', email, password, body: said });
    const { status } = await this.ask('POST', `/capas/${capa}/${act}`, { ...said, signature: id });
    say(`${printedName}, ${role} of ${organisationName}, signs ${act} (${meaning}): ${status}`);
  }

  async acceptStatement() {
    const { version } = await this.ask('GET', '/accountability-statement');
    await this.ask('POST', '/accountability-statement/acceptances', { version });
  }

  async evidence(recordId, text) {
    const bytes = Buffer.from(`${text}\n`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const { id } = await this.ask('POST', '/evidence', { recordId, fileName: 'protocol.txt', mediaType: 'text/plain', sizeBytes: bytes.length, sha256 });
    await this.ask('PUT', `/evidence/${id}/chunks/0`, bytes, { 'X-Chunk-SHA256': sha256 });
    await this.ask('POST', `/evidence/${id}/complete`, {});
    return id;
  }
}

const refused = async (what, { status, said }) => { say(`refused, ${what}: ${status} ${said?.detail ?? ''}`); if (status !== 409) throw new Error(`409 was expected: ${JSON.stringify(said)}`); };
const until = async (what, ask) => {
  for (const end = Date.now() + 90_000; Date.now() < end; await pause(500)) { const found = await ask(); if (found) return found; }
  throw new Error(`waited 90 s for: ${what}`);
};

const [auditor, verifier, sponsorQuality] = await Promise.all(['quality.head', 'study.lead', 'quality'].map((role) => Person.signedIn(`${role}@alpine.example`)));
const [owner, worker, croQuality, assessor] = await Promise.all(['project.manager', 'contributor', 'quality', 'quality.head'].map((role) => Person.signedIn(`${role}@meridian.example`)));
for (const signer of [sponsorQuality, croQuality, assessor, owner, verifier]) await signer.acceptStatement();

heading('A finding becomes a CAPA');
const finding = await auditor.ask('POST', '/findings', {
  auditReference: `AUD-${Date.now()}`, auditDate: new Date().toISOString().slice(0, 10), findingNo: '3', category: 'backup_and_recovery', topic: 'demo', severity: 'major', studyId: STUDY,
  title: 'Restore of the eTMF failed', description: 'The yearly restore ended after 40 % of the documents.', raisingOrganisationId: 'alpine', accountableOrganisationId: 'meridian',
  problem: { what: 'the restore stopped at 40 %', where: 'eTMF', when: 'yearly restore test', extent: 'all studies on this system' },
});
const { id: capa, number } = await until('the CAPA', async () => (await auditor.ask('GET', `/findings/${finding.id}`)).capa);
const act = (person, name, body = {}) => person.ask('POST', `/capas/${capa}/${name}`, body);
const shown = () => owner.ask('GET', `/capas/${capa}`);
say(`${number} is in ${(await until('triage', async () => { const { status, said } = await owner.request('GET', `/capas/${capa}`); return status === 200 && said; })).status}`);
await refused('skipping states', await owner.request('POST', `/capas/${capa}/start`, {}));
await croQuality.sign(capa, 'accept', 'approval', { ownerId: owner.id, seriousBreach: { answer: 'no', reason: 'the originals are at hand' } });
await owner.sign(capa, 'submit', 'author', { containment: { measures: [{ text: 'a second copy each night', evidenceIds: [] }], noneBecause: '' } });
say(`accepted, contained: ${(await shown()).status}`);

async function investigate(actionInMs) {
  const evidenceIds = [await owner.evidence(capa, `restore protocol ${randomUUID()}`)];
  const chain = [['it stopped', 'a volume was missing'], ['it was missing', 'the job left it out'], ['the job left it out', 'nobody restored after the change']];
  await act(owner, 'submit', {
    rootCause: { method: 'five_why', chain: chain.map(([why, because]) => ({ why, because, evidenceIds })), cause: { statement: 'no procedure asks for a restore after a change', categories: ['procedure'] } },
    extentCheck: { lookedAt: 'all systems with the same job', finding: 'isolated', detail: '', evidenceIds }, riskBefore: { likelihood: 3, impact: 4 },
    plan: {
      documents: ['SOP-12'], actions: [{ id: 'c1', kind: 'corrective', description: 'restore after every change of a job', ownerId: worker.id, organisationId: 'meridian', due: inMs(actionInMs) }],
      effectiveness: {
        metric: 'restores that pass', baseline: '0 of 1', target: '3 of 3', window: { kind: 'calendar', ms: WINDOW_MS }, sampleSize: 3, source: 'restore protocols', measuredBy: 'manual',
        assessorId: assessor.id, assessorOrganisationId: 'meridian',
      },
    },
  });
}

async function implement() {
  await act(worker, 'report-action', { actionId: 'c1', evidenceIds: [await worker.evidence(capa, `restore protocol ${randomUUID()}`)] });
  await verifier.sign(capa, 'verify-action', 'verification', { actionId: 'c1', accepted: true });
  await act(owner, 'submit', { adverseCheck: { finding: 'none', detail: 'restore times looked at', evidenceIds: [] } });
  await croQuality.sign(capa, 'verify-implementation', 'verification');
  await sponsorQuality.sign(capa, 'verify-implementation', 'verification');
}

async function assess(outcome, measured) {
  say(`the effect is measured for ${WINDOW_MS / 1000} s …`);
  await until('the effectiveness check', async () => (await shown()).status === 'effectiveness_check');
  const evidenceIds = [await assessor.evidence(capa, `measured ${measured}`)];
  const observations = [1, 2, 3].map((no) => ({ what: `restore ${no}`, met: no <= Number(measured[0]), evidenceIds }));
  if (outcome === 'effective') {
    await act(assessor, 'save', { result: { outcome, measured, sampleSize: 2, evidenceIds, note: '', observations: observations.slice(1) } });
    const { email, password } = assessor.user;
    const { id } = await assessor.ask('POST', '/signing-grants', { recordId: capa, act: 'assess', meaning: 'assessment', zone: 'Europe/Zurich', email, password });
    const { status, said } = await assessor.request('POST', `/capas/${capa}/assess`, { signature: id });
    say(`refused, effective on two of three restores: ${status} ${said?.detail ?? ''}`);
    if (status !== 422) throw new Error(`422 was expected: ${JSON.stringify(said)}`);
  }
  await act(assessor, 'save', { reason: 'measured to the end', result: { outcome, measured, sampleSize: 3, evidenceIds, note: '', observations } });
  await assessor.sign(capa, 'assess', 'assessment');
}

heading('Root cause, plan, two signatures');
await investigate(15_000);
await croQuality.sign(capa, 'approve-plan', 'approval');
await refused('one person for both', await croQuality.request('POST', `/capas/${capa}/approve-plan`, {}));
await sponsorQuality.sign(capa, 'approve-plan', 'agreement');
await refused('editing the signed plan', await owner.request('POST', `/capas/${capa}/save`, { plan: { documents: [], actions: [], effectiveness: null } }));
await act(owner, 'start');
await refused('patching a due date', await owner.request('PATCH', `/capas/${capa}`, { dueAt: inMs(3_600_000) }));

heading('The action is late');
const { recordId: issue } = await until('the issue', async () => (await shown()).links.find(({ kind }) => kind === 'causes'));
const { number: issueNumber, level } = await verifier.ask('GET', `/issues/${issue}`);
say(`${issueNumber} is opened at level ${level}: action c1 is overdue`);
await owner.ask('POST', `/issues/${issue}/acknowledge`, {});
await verifier.ask('POST', `/issues/${issue}/acknowledge`, {});
await owner.ask('POST', `/issues/${issue}/resolve`, { resolution: 'more time was asked for' });
await verifier.ask('POST', `/issues/${issue}/confirm`, {});
await act(worker, 'request-extension', { deadline: 'action/c1', newDue: inMs(120_000), justification: 'the new volume comes next week', interimControl: 'a second copy each night' });
await croQuality.sign(capa, 'grant-extension', 'approval', { no: 1 });
const [{ originalDue, due }] = (await shown()).correctiveActions;
say(`extended: due ${due.slice(11, 19)}, originally ${originalDue.slice(11, 19)}`);

heading('It does not work');
await implement();
await refused('closing without effectiveness', await croQuality.request('POST', `/capas/${capa}/approve-closure`, {}));
await assess('ineffective', '1 of 3');
say(`iteration ${(await shown()).iteration}: ${(await shown()).status}`);

heading('The second attempt works');
await investigate(120_000);
await croQuality.sign(capa, 'approve-plan', 'approval');
await sponsorQuality.sign(capa, 'approve-plan', 'agreement');
await act(owner, 'start');
await implement();
await assess('effective', '3 of 3');
await act(owner, 'submit', { closure: { summary: 'restores are tested after every change', riskAfter: { likelihood: 1, impact: 4 } } });
await croQuality.sign(capa, 'approve-closure', 'approval');
await sponsorQuality.sign(capa, 'approve-closure', 'agreement');

heading('What an inspector sees');
const { items: signatures } = await sponsorQuality.ask('GET', `/records/${capa}/signatures`);
const { items: refusals } = await sponsorQuality.ask('GET', `/audit?record=${capa}&stream=refusals`);
const { intact, entries } = await sponsorQuality.ask('GET', `/audit/verify?record=${capa}`);
say(`${signatures.length} signatures, ${signatures.filter(({ verifies }) => verifies).length} verify; ${refusals.length} refusals kept; ${entries} entries, ${intact ? 'intact' : 'NOT INTACT'}`);
for (const { actor, reason } of refusals) say(`  ${actor.name}: ${reason}`);
console.log(`\n${number}: ${baseUrl}/api/v1/capas/${capa}`);
