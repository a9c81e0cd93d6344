import { instantOf, plusMs } from '../../contracts/instant';
import { hours } from '../../contracts/spans';
import { emptyChain } from '../../domain/audit/chain';
import { drill } from '../../domain/drill/machine';
import { project } from '../../domain/drill/projection';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { CAPA_DEFAULT } from '../../domain/capa/defaults';
import { listedUnder } from '../../domain/lists/listedUnder';
import { scopeFrom, scopeKeyOf } from '../../domain/policy/scope';
import { jsonOf } from '../../store/commands';
import type { Models } from '../../store/models';
import type { FreshStore } from './mongo';
import { plant, type Planting } from './planted';
import { controlDoc } from './storedRecords';

const AT = instantOf(Date.UTC(2026, 5, 1));
const LATER = plusMs(instantOf(Date.now()), 86_400_000);
const WEEK = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [{ from: '09:00', to: '17:30' }]]));

/** Collections that nobody reads over the API, or that hold what other kinds show, with the reason. */
export const NOT_PLANTED: Readonly<Partial<Record<keyof Models, string>>> = {
  organisations: 'the sponsors themselves', studies: 'their studies', statements: 'of the installation', outages: 'of the installation', heartbeats: 'of the installation',
  credentials: 'only who holds one lists it', counters: 'no route shows one', nonces: 'no route shows one', tallies: 'no route shows one', signInFailures: 'no route shows one', triggers: 'no route shows one',
  signingGrants: 'answered once, to whom it was given', evidenceUploadChunks: 'shown as numbers of an upload', anchors: 'no route shows one', anchorLeaves: 'no route shows one', digests: 'no route shows one',
};

/** The rest of the kinds beside {@link plant}: together one thing in every collection that a route may show. The organisation's record links to `linkedId`. Answers their ids. */
export async function plantEveryKind(fresh: FreshStore, { linkedId, ...planting }: Planting & { readonly linkedId: string }): Promise<readonly string[]> {
  const { organisationId, otherId, studyId, mark } = planting;
  const ids = await plant(fresh, planting);
  const { main, audit } = fresh.admin;
  const into = async (collection: string, doc: object): Promise<void> => { await main.collection(collection).insertOne(doc); };
  const id = (kind: string): string => `${kind}-${studyId}`;
  const kept = (kind: string) => ({ _id: id(kind), rev: 1, active: true, createdAt: AT, updatedAt: AT, chain: { length: 0, head: emptyChain('').head } });
  const person = { personId: id('person'), name: mark, role: 'quality', organisationId };
  const parties = { raisingOrganisationId: organisationId, accountableOrganisationId: otherId };
  const visibleTo = [organisationId, otherId];
  const seen = { ...parties, studyId, systemId: null, visibleTo, assigneeIds: [] };
  const { state } = drill.open({
    id: id('drill'), number: `DRL-${mark}`, drill: true, topic: 'data', studyId, startedBy: id('person'), startedFor: organisationId, ...parties, window: hours(24), kind: 'escalation', people: [], matrixVersion: null,
    request: { severity: 'critical' }, issue: { topic: 'data', studyId, title: mark, description: mark, severity: 'critical', ...parties },
  }, AT);
  const control = controlDoc(id('control'));
  const drilled = { ...controlDoc(id('drill')), capability: 'drill', number: `DRL-${mark}`, stateVersion: drill.version, state: jsonOf(state), ...project(state) };
  for (const doc of [{ ...control, state: { ...(control.state as object), studyId, ...parties, organisationIds: visibleTo, visibleTo } }, drilled]) {
    const record = { ...doc, ...seen, number: `N-${doc._id}`, content: { title: mark, description: mark } };
    await into('records', { ...record, listedUnder: listedUnder(record) });
  }
  await into('slots', { _id: `${id('control')}/1`, controlId: id('control'), rev: 1, no: 1, fate: 'held', from: AT, due: AT, until: AT, closedAt: AT, contact: { how: 'call', evidence: mark, by: id('person') }, reason: mark });
  await into('deadline_ledger', {
    _id: `${id('issue')}|1|ack`, recordId: id('issue'), capability: 'escalation', number: mark, rev: 1, name: 'ack/raising', kind: 'acknowledge', warning: null, outcome: 'fired', organisationId, due: AT, firedAt: AT, lateByMs: 5, severity: 'major', topic: 'data', ...seen,
    recordedAt: AT, recordedLateByMs: 5, toldAt: null, toldLateByMs: null,
  });
  await into('notices', {
    _id: id('notice'), recordId: id('issue'), rev: 1, reason: 'level', side: 'raising', level: 1, organisationId, personId: id('person'), as: 'contact', channel: 'email', address: `${mark}@example.org`, endpointId: null, messageId: mark, contentHash: '-', deadline: null, due: null,
    severity: 'major', drill: false, status: 'told', holdUntil: null, digestId: null, rest: [], fallbackOf: null, attempts: 1, possiblyRepeated: false, createdAt: AT, toldAt: AT, failedAt: null, failure: mark, reachedAt: null, readAt: null,
  });
  await into('steps', { _id: `${id('issue')}|open`, recordId: id('issue'), capability: 'escalation', rev: 1, key: 'open', act: mark, actor: { kind: 'system', name: mark, correlationId: 'c' }, at: AT, armed: [], ended: [], effects: [], effectsDone: true, outcomes: [] });
  await into('commands', { _id: Buffer.from(id('command')).toString('hex').padEnd(64, '0').slice(0, 64), capability: 'escalation', recordId: id('issue'), act: 'open', body: { title: mark }, bodyHash: '-', actor: { kind: 'person', personId: id('person'), organisationId, role: 'quality', correlationId: 'c' }, status: 'received', receivedAt: LATER, attempts: 0 });
  await into('announcements', { _id: id('announcement'), about: `organisation/${organisationId}`, organisationId, what: 'organisation_changed', personId: id('person'), address: `${mark}@example.org`, subject: mark, role: null, byName: mark, at: AT, until: null, attempts: 0, nextAt: AT, sentAt: AT, failure: null, readAt: null });
  await into('admissions', { ...kept('admission'), organisationId, personId: 'root', acts: ['change_organisation'], givenBy: id('person'), until: LATER, reason: mark, uses: [] });
  await into('topics', { ...kept('topic'), organisationIds: visibleTo.toSorted(), pairKey: visibleTo.toSorted().join('|'), topic: mark.toLowerCase(), label: mark, description: mark, proposedBy: person, agreedBy: person });
  await into('preferences', { ...kept('person'), quietHours: { from: '22:00', to: '06:00', zone: mark }, digest: null });
  await into('signers', { ...kept('person'), passwordOwn: true, passwordGivenBy: null, identity: { how: mark, at: AT, by: id('person') }, acceptedStatement: null, totp: null, totpStep: 0 });
  const version = 1 + await main.collection('calendars').countDocuments({ organisationId });
  await into('calendars', { _id: `${organisationId}/${String(version)}`, organisationId, version, zone: 'Europe/Zurich', week: WEEK, holidays: [], halfDays: [], holidaySource: mark, createdAt: AT });
  const [policy] = DEFAULT_POLICIES;
  for (const [collection, key, content] of [['policies', 'default', { ladders: policy?.ladders }], ['capa_policies', 'default', { timings: CAPA_DEFAULT.timings }]] as const) {
    const scope = scopeFrom({ kind: 'study', studyId, organisationIds: visibleTo });
    const scopeKey = scopeKeyOf(scope);
    await into(collection, { _id: `${key}@${String(scopeKey)}/1`, key, line: `${key}@${String(scopeKey)}`, version: 1, effectiveFrom: AT, basis: mark, scope, scopeKey, approvals: [], draftId: null, createdAt: AT, ...content });
    const draft = { key, basis: mark, effectiveFrom: null, baseVersion: 1, status: 'proposed', organisationId, authorIds: [id('person')], version: null, contentVersion: 1, scope, scopeKey, approvals: [], proposedAt: AT, declined: null, ...content };
    await into(collection === 'policies' ? 'policy_drafts' : 'capa_policy_drafts', { ...kept('draft'), ...draft });
  }
  await into('capa_import_rows', { _id: `${otherId}/${mark}`, importId: id('import'), row: 2, externalNumber: mark, recordId: id('capa'), number: mark, commandId: '-', status: 'draft' });
  await into('evidence_uploads', { _id: id('upload'), recordId: id('issue'), replaces: null, fileName: mark, mediaType: 'text/plain', sizeBytes: 1, sha256: mark, retentionClass: 'operational', sealedKey: '-', attempt: 0, openedBy: person, openedAt: AT, expiresAt: LATER });
  await audit.collection('signatures').insertOne({
    _id: id('signature') as never, recordId: id('issue'), rev: 1, act: 'regrade', subject: 'severity', version: 1, contentHash: '-', content: { said: mark }, meaning: 'approval', ...person, printedName: mark, organisationName: mark, signedAt: AT, zone: 'UTC', statementVersion: 1,
  });
  await audit.collection('evidence_link_withdrawals').insertOne({ _id: `${id('evidence')}/gone` as never, evidenceId: id('evidence'), recordId: id('issue'), reason: mark, withdrawnBy: person, withdrawnAt: AT });
  await link(fresh, { issueId: id('issue'), capaId: id('capa'), evidenceId: id('evidence'), linkedId });
  return [...ids, ...['control', 'drill', 'notice', 'announcement', 'admission', 'topic', 'draft', 'upload', 'signature'].map(id)];
}

interface Linking { readonly issueId: string; readonly capaId: string; readonly evidenceId: string; readonly linkedId: string }

/** As if somebody who may know of both had linked them: a link of the issue, the source of the CAPA, and what their trails and that of a file say. */
async function link({ admin: { main, audit } }: FreshStore, { issueId, capaId, evidenceId, linkedId }: Linking): Promise<void> {
  const records = main.collection<{ _id: string }>('records');
  const links = [{ recordId: linkedId, kind: 'causes' }];
  await records.updateOne({ _id: issueId }, { $set: { 'state.links': links } });
  await records.updateOne({ _id: capaId }, { $set: { 'state.links': links, 'state.source': { type: 'issue', recordId: linkedId, reference: `ISS-${linkedId}` } } });
  const entry = (streamId: string, more: object) => ({ _id: `${streamId}/2`, streamId, seq: 2, at: AT, zone: 'UTC', actor: { kind: 'system', name: 'test' }, correlationId: 'c', prevHash: '', hash: '', ...more });
  await audit.collection('audit').insertMany([
    entry(issueId, { action: 'issue.linked', field: 'links', old: null, new: linkedId, detail: { kind: 'causes' } }),
    entry(capaId, { action: 'content.recorded', field: 'content', old: null, new: { title: 'T' }, detail: { content: { source: { type: 'issue', recordId: linkedId, reference: `ISS-${linkedId}` } } } }),
    entry(`evidence/${evidenceId}`, { action: 'evidence.linked', detail: { recordId: linkedId } }),
  ] as never);
}
