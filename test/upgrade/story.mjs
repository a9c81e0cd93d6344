import { randomUUID } from 'node:crypto';

/** Nobody can reach her when everything stops. */
export const UNREACHABLE = 'contributor@northstar.example';
/** Slow calendars work one hour a year from here on: what they count is armed for as long as this fixture is kept. */
const FIRST_WORKED_YEAR = 2040;
const LAST_LISTED_YEAR = 2059;
const STEADY = { studyId: 'alp-202', raisingOrganisationId: 'alpine', accountableOrganisationId: 'northstar' };
const QUICK = { studyId: 'hrb-301', raisingOrganisationId: 'harbor', accountableOrganisationId: 'meridian', topic: 'demo', severity: 'critical' };
const sponsor = 'study.lead@alpine.example';
const cro = 'study.lead@northstar.example';

/** Signs the demo's people in; `as(email)` sends in their name. */
export async function signInAll(base, users) {
  const sessions = new Map();
  const signIn = async (email) => {
    const { password } = users.find((user) => user.email === email);
    const answer = await fetch(`${base}/sessions`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }) });
    const { csrfToken } = await answer.json();
    return { Cookie: answer.headers.get('set-cookie').split(';')[0], 'X-CSRF-Token': csrfToken };
  };
  return {
    users,
    as: (email) => async (method, path, body) => {
      if (!sessions.has(email)) sessions.set(email, await signIn(email));
      const answer = await fetch(`${base}${path}`, {
        method, headers: { ...sessions.get(email), 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const content = await answer.json();
      if (!answer.ok) throw new Error(`${method} ${path} of ${email}: ${JSON.stringify(content)}`);
      return content;
    },
  };
}

/** Lives through everything that the next release has to go on with; answers the records by what they are. */
export async function tellBefore({ people, say, refuse, anchor }) {
  const records = {};
  const lead = people.as(sponsor);
  const act = (email, id, what, body = {}) => people.as(email)('POST', `/issues/${id}/${what}`, body);
  const raise = async (as, over = {}) => {
    const { id } = await lead('POST', '/issues', { ...STEADY, topic: 'data', severity: 'major', title: `An issue that is ${as}`, description: 'Recorded for the next release.', ...over });
    records[as] = id;
    return id;
  };

  const exhausted = await raise('exhausted', { topic: 'demo' });
  const climbing = await raise('climbing');
  for (const reason of ['first', 'second']) await act(cro, climbing, 'escalate', { side: 'accountable', reason });
  await lead('POST', `/issues/${climbing}/share`, { organisationId: 'harbor', extent: 'summary', reason: 'Their lab too.' });

  const acknowledged = await raise('acknowledged');
  for (const email of [cro, sponsor]) await act(email, acknowledged, 'acknowledge');
  await act(cro, acknowledged, 'progress', { note: 'Looking into it.' });
  await act(cro, acknowledged, 'comment', { text: 'The lab answers tomorrow.' });

  const promised = await raise('promised', { severity: 'minor' });
  for (const email of [cro, sponsor]) await act(email, promised, 'acknowledge');
  await act(cro, promised, 'progress', { note: 'By then.', nextUpdateAt: new Date(Date.now() + 7 * 86_400_000).toISOString() });

  const resolved = await raise('resolved');
  await act(cro, resolved, 'acknowledge');
  await act(cro, resolved, 'resolve', { resolution: 'Delivered.' });

  const closed = await raise('closed');
  await act(cro, closed, 'acknowledge');
  await act(cro, closed, 'resolve', { resolution: 'Delivered.' });
  await act(sponsor, closed, 'reject', { reason: 'Two files are missing.' });
  await act(cro, closed, 'acknowledge');
  await act(cro, closed, 'resolve', { resolution: 'Delivered whole.' });
  await act(sponsor, closed, 'confirm');

  const cancelled = await raise('cancelled');
  await act(sponsor, cancelled, 'cancel', { reason: 'Raised twice.' });
  await act('quality.head@alpine.example', cancelled, 'confirm-cancel');
  const cancelling = await raise('cancelling');
  await act(sponsor, cancelling, 'cancel', { reason: 'Raised twice.' });

  const handedOver = await raise('handedOver');
  await act(cro, handedOver, 'acknowledge');
  await act(cro, handedOver, 'hand-over', { toPersonId: 'northstar-quality', note: 'She knows the system.' });

  const regraded = await raise('regraded', { severity: 'minor' });
  await act(sponsor, regraded, 'regrade', { severity: 'major', reason: 'A second site.' });
  const linked = await raise('linked', { dedupeKey: 'feed/lab-7' });
  await act(sponsor, linked, 'link', { recordId: climbing, kind: 'caused_by' });
  await raise('unanswered');

  say('waiting until the exhausted one is');
  while ((await lead('GET', `/issues/${exhausted}`)).status !== 'exhausted') await pause(1000);
  await anchor();
  await pause(5000);

  const untold = await raise('untold');
  await act(cro, untold, 'acknowledge');
  await pause(2000);
  refuse();
  await act(cro, untold, 'assign', { personId: 'northstar-contributor' });

  // Last, because their deadlines must pass while nothing runs.
  const harbor = people.as('study.lead@harbor.example');
  for (const as of ['missed', 'late']) records[as] = (await harbor('POST', '/issues', { ...QUICK, title: `An issue that is ${as}`, description: 'Its deadline passes meanwhile.' })).id;
  for (const email of ['study.lead@meridian.example', 'study.lead@harbor.example']) await act(email, records.missed, 'acknowledge');
  return records;
}

/** A CAPA whose cause is being looked for: its section was written twice. Answers its id. */
export async function tellOpenCapa(people) {
  const auditor = people.as('quality.head@alpine.example');
  const finding = await auditor('POST', '/findings', {
    ...STEADY, auditReference: 'AUD-7', auditDate: new Date().toISOString().slice(0, 10), findingNo: '1', category: 'vendor_oversight', topic: 'data', severity: 'major',
    title: 'Visits without reports', description: 'Three reports are missing.', problem: { what: 'three reports are missing', where: 'site 12', when: 'since May', extent: 'one site' },
  });
  const find = async () => (await auditor('GET', `/findings/${finding.id}`)).capa;
  let capa = await find();
  for (; !capa; capa = await find()) await pause(500);
  const act = (email, name, body) => people.as(email)('POST', `/capas/${capa.id}/${name}`, body);
  await act('quality@northstar.example', 'accept', { ownerId: 'northstar-project-manager', seriousBreach: { answer: 'no', reason: 'no subject is concerned' } });
  const owner = 'project.manager@northstar.example';
  await act(owner, 'submit', { containment: { measures: [{ text: 'the visits are repeated', evidenceIds: [] }], noneBecause: '' } });
  for (const because of ['nobody looked', 'nobody looks at the dates of reports']) {
    await act(owner, 'save', { rootCause: { method: 'five_why', chain: [{ why: 'they are missing', because, evidenceIds: [] }], cause: { statement: '', categories: [] } } });
  }
  return capa.id;
}

/** A command that no worker takes: stored, promised with 202, to be sent again by the next release. */
export async function tellWithoutWorker({ people, records, say }) {
  const { status } = await people.as(cro)('POST', `/issues/${records.unanswered}/acknowledge`, {});
  say(`unanswered command: ${status}`);
  if (status !== 'received') throw new Error('the command was answered although there is no worker');
}

/** Gives two organisations calendars by which little is ever due. */
export async function slowDown(people) {
  const holidays = [];
  for (let day = Date.UTC(2026, 0, 1); day < Date.UTC(LAST_LISTED_YEAR + 1, 0, 1); day += 86_400_000) {
    const date = new Date(day);
    const worked = date.getUTCFullYear() >= FIRST_WORKED_YEAR && date.getUTCMonth() === 0 && date.getUTCDate() <= 7;
    if (date.getUTCDay() === 1 && !worked) holidays.push({ date: date.toISOString().slice(0, 10), name: 'Slow' });
  }
  for (const [organisation, zone] of [['alpine', 'Europe/Zurich'], ['northstar', 'Asia/Kolkata']]) {
    await people.as(`organisation.admin@${organisation}.example`)('POST', `/organisations/${organisation}/calendars`, {
      zone, week: { 1: [{ from: '10:00', to: '11:00' }] }, holidays, reason: 'For a long wait.',
    });
  }
}

function pause(ms) {
  return new Promise((done) => { setTimeout(done, ms); });
}
