import type { Model } from 'mongoose';
import { instantOf, plusMs } from '../../contracts/instant';
import { documentsHash } from '../../domain/audit/documents';
import { scopeFrom } from '../../domain/policy/scope';
import { addVersion, createRecord, type AdministeredKind, type By } from '../../store/administration';
import { announce } from '../../store/announcements';
import { receiveCommand } from '../../store/commands';
import { inTransaction } from '../../store/connection';
import { claimLetter, endLetter } from '../../store/digests';
import { appendEvidence, linkEvidence, withdrawLink, type EvidenceActor } from '../../store/evidenceLinks';
import type { Models } from '../../store/models';
import { claimNotices, settleNotices, type NewNotice } from '../../store/noticeLedger';
import { recordBeat } from '../../store/outages';
import { commitStep, type PreparedStep } from '../../store/records';
import type { AdministeredDoc } from '../../store/schemas/administered';
import { capaPolicies, ladderPolicies } from '../../store/policies';
import { verifyStore } from '../../store/verify';
import { storedForm } from '../../store/storedForm';
import { ATTACHED, partOf, UNPROVEN, VOUCHED } from '../../store/vouching';
import { freshStore, type FreshStore } from '../support/mongo';
import { issueDoc } from '../support/storedRecords';
import { draftOf } from '../support/trail';

const AT = instantOf(Date.UTC(2026, 10, 2, 9));
const BY: By = { actor: { kind: 'system', name: 'test' }, at: AT, correlationId: 'c' };
const KINDS = {
  organisations: 'organisation', studies: 'study', people: 'person', memberships: 'membership', delegations: 'delegation', policyDrafts: 'policy-draft', capaPolicyDrafts: 'capa-policy-draft',
  matrixProposals: 'matrix-proposal', channels: 'channel', preferences: 'preferences', sources: 'source', signers: 'signer', legalHolds: 'legal-hold', consents: 'consent', admissions: 'admission', topics: 'topic', findings: 'finding', capaImports: 'capa-import',
} as const satisfies Partial<Record<keyof Models, AdministeredKind<AdministeredDoc>['kind']>>;
const VERSIONS = { calendars: 'calendar', policies: 'policy', capaPolicies: 'capa-policy', matrix: 'matrix', statements: 'statement' } as const;
/** What the trail vouches for by hashes; the others by entries of their own (signatures, evidence, chains) or not at all, with a reason. */
const HASHED = (Object.keys(VOUCHED) as (keyof Models)[]).filter((name) => ['record', 'administered', 'attached', 'authenticator'].includes(VOUCHED[name] as string));
/** Of a letter to somebody who was never told anything before nobody can say that it is not from an earlier release. */
const UNKNOWN = HASHED.filter((name) => name !== 'digests');

type Doc = Record<string, unknown> & { _id: string };
let fresh: FreshStore;
beforeAll(async () => {
  fresh = await freshStore();
  await seed();
});
afterAll(async () => { await fresh.drop(); });

/** Fields of any schema: what it asks for, and nothing that means anything. */
function fieldsOf(model: Model<never>): Record<string, unknown> {
  const values: Record<string, unknown> = { String: 'x', Number: 1, Boolean: false, Array: ['x'], Mixed: { a: 1 } };
  const paths = Object.entries(model.schema.paths).filter(([path]) => !['_id', 'rev', 'active', 'chain', 'createdAt', 'updatedAt'].includes(path));
  return Object.fromEntries(paths.filter(([, { isRequired, instance }]) => isRequired === true || instance === 'Mixed').map(([path, { instance }]) => [path, values[instance]]));
}

async function seed(): Promise<void> {
  const { store } = fresh;
  for (const [name, kind] of Object.entries(KINDS).filter(([, one]) => one !== 'capa-import')) {
    const model = store.models[name as keyof typeof KINDS] as never;
    await createRecord(store, { kind: { kind, model: () => model, unproven: (name === 'signers' ? UNPROVEN.signers : []) as never }, id: `one-${kind}`, by: BY, fields: fieldsOf(model) as never });
  }
  for (const [name, kind] of Object.entries(VERSIONS)) {
    const model = store.models[name as keyof typeof VERSIONS] as never;
    await addVersion(store, { model, kind, reason: 'test', by: BY, detail: {}, doc: { ...fieldsOf(model), _id: 'x/1', version: 1, createdAt: AT } as never });
  }
  expect(await commitStep(store, opened('i1'))).toMatchObject({ outcome: 'applied' });
  const { command } = await receiveCommand(store, { _id: 'k2', capability: 'escalation', recordId: 'i1', act: 'open', body: {}, bodyHash: 'x', actor: { kind: 'system', name: 'test', correlationId: 'c' }, receivedAt: AT });
  expect(await commitStep(store, { ...opened('i1', 'k2'), rev: 2, command })).toMatchObject({ outcome: 'applied' });
  await seedBeside();
}

/** What lies beside chains that no record or administered document remembers, each written by the function that the product writes it with. */
async function seedBeside(): Promise<void> {
  const { store } = fresh;
  for (const at of [AT, plusMs(AT, 60_000)]) await recordBeat(store, 'sentinel', { at, everyMs: 1000, workerStartedAt: AT, turns: null });
  await inTransaction(store, (session) => announce(store, { what: 'administrator', about: 'membership/m', organisationIds: ['o'], subject: 'Ada', addresses: ['a@example.org'], by: BY }, session));
  const notice: NewNotice = {
    _id: 'n1', recordId: 'i1', rev: 1, reason: 'level', side: 'raising', level: 1, organisationId: 'o', personId: 'p', as: 'contact', channel: 'email', address: 'a@example.org', endpointId: null,
    messageId: 'm', contentHash: '', deadline: null, due: null, severity: 'minor', drill: false, fallbackOf: null, createdAt: AT,
  };
  await claimNotices(store, [{ notice }]);
  expect(await findings()).toEqual([]);
  await settleNotices(store, [{ id: 'n1', recordId: 'i1', rev: 1, ending: { status: 'told', at: AT, contentHash: 'h', entry: draftOf('notices/i1', { action: 'notice.told' }) } }]);
  await claimLetter(store, { digestId: 'digest/p/2026-11-02', personId: 'p', address: 'a@example.org', noticeIds: ['n1'], messageIdOf: (id) => id, at: AT });
  await endLetter(store, { id: 'digest/p/2026-11-02', status: 'told', at: AT, contentHash: 'h', failure: null });
  const line = { _id: 'cro/C-1', importId: 'one-capa-import', row: 1, externalNumber: 'C-1', recordId: 'i1', number: 'CAPA-1', commandId: 'k', status: 'open' };
  const imports = { kind: 'capa-import', model: () => store.models.capaImports as never } as const;
  await inTransaction(store, async (session) => {
    await createRecord(store, { kind: imports, id: line.importId, by: BY, fields: fieldsOf(store.models.capaImports as never) as never, session, documents: { rows: documentsHash([line]) } });
    await store.models.capaImportRows.insertMany([line], { session });
  });
  const actor: EvidenceActor = { by: BY, person: { personId: 'p', name: 'Ada', role: 'quality', organisationId: 'o' } };
  const file = { ...fieldsOf(store.models.evidence as never), _id: 'f1', lineId: 'f1', storedAt: AT, retention: { class: 'operational' }, storedBy: actor.person };
  await inTransaction(store, async (session) => {
    await store.models.evidence.create([file as never], { session });
    const documents = { [partOf('evidence', 'f1')]: documentsHash([storedForm(store.models.evidence, file)]) };
    await appendEvidence(store, { evidenceId: 'f1', actor, session }, { action: 'evidence.stored', detail: {}, documents });
  });
  await linkEvidence(store, { evidenceId: 'f1', recordId: 'i1', actor });
  await withdrawLink(store, { evidenceId: 'f1', recordId: 'i1', reason: 'wrong file', actor });
}

function opened(id: string, key = 'k1'): PreparedStep {
  const { _id, capability, rev: _rev, number, content, openedAt, listedUnder: _listed, chain: _chain, dedupeKey: _key, ...record } = issueDoc(id);
  const rev = key === 'k1' ? 1 : 2;
  const actor = { kind: 'system', name: 'test', correlationId: 'c' } as const;
  const step = { capability, key, act: 'open', actor, at: AT, armed: [], ended: [], effects: [], effectsDone: true, outcomes: [] };
  const base = { recordId: id, rev, record, step, drafts: [draftOf(id, { rev })], recordedAt: AT, left: [] };
  if (rev === 1) return { ...base, birth: { number, content, openedAt } };
  return {
    ...base,
    slots: [{ no: 1, fate: 'kept', from: AT, due: null, until: AT, closedAt: AT, contact: null, reason: null } as never],
    passed: [{ name: 'd', kind: 'acknowledge', warning: null, outcome: 'fired', organisationId: 'o', due: AT, firedAt: AT, lateByMs: 0 } as never],
    agenda: { number, change: { change: 'due', reason: 'test', reviewDue: AT, reviewsLapsed: 0 } as never },
  };
}

const findings = async () => (await verifyStore(fresh.store)).findings.map(({ kind, message }) => `${kind} ${message}`);
const collectionOf = (name: keyof Models) => fresh.admin.client.db(fresh.store.models[name].db.name).collection<Doc>(fresh.store.models[name].collection.collectionName);
/** A field that has a meaning, not what the document is found by. */
function alterable(name: keyof Models, doc: Doc): string {
  const unproven: readonly string[] = name in UNPROVEN ? UNPROVEN[name as keyof typeof UNPROVEN] : [];
  const keys = ['_id', 'chain', ...unproven, ...ATTACHED.filter(({ model }) => model === name).map(({ field }) => field)];
  const found = Object.entries(doc).find(([field, value]) => !keys.includes(field) && typeof value === 'string');
  if (!found) throw new Error(`no text in ${name}`);
  return found[0];
}

describe('P2 every collection is vouched for', () => {
  it('P2 what was written by the product is intact', async () => {
    expect(await findings()).toEqual([]);
    for (const name of HASHED) expect([name, await collectionOf(name).countDocuments()]).not.toEqual([name, 0]);
  });

  it('P2 each is listed, with what vouches for it or why nothing does', () => {
    expect(Object.keys(VOUCHED).toSorted()).toEqual(Object.keys(fresh.store.models).toSorted());
  });

  it.each(HASHED)('P2 names an altered document of %s', async (name) => {
    const doc = await collectionOf(name).findOne({});
    if (!doc) throw new Error('nothing seeded');
    const field = alterable(name, doc);
    await collectionOf(name).updateOne({ _id: doc._id }, { $set: { [field]: 'forged' } });
    const found = await findings();
    await collectionOf(name).replaceOne({ _id: doc._id }, doc);
    // Of a command both its authenticator and the entry of its step say so.
    expect(found).toHaveLength(name === 'commands' ? 2 : 1);
    for (const one of found) expect(one).toMatch(/^damaged .*(?:is not what the trail says of revision|is not what was stored)/u);
  });

  it.each(HASHED)('P2 names a removed document of %s', async (name) => {
    const doc = await collectionOf(name).findOne({});
    if (!doc) throw new Error('nothing seeded');
    await collectionOf(name).deleteOne({ _id: doc._id });
    const found = await findings();
    await collectionOf(name).insertOne(doc);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^damaged .* gone/u);
  });

  it.each(UNKNOWN)('P2 names a document of %s that no chain knows of', async (name) => {
    const doc = await collectionOf(name).findOne({});
    const { field } = ATTACHED.find(({ model }) => model === name) ?? {};
    const stranger: Doc = { ...doc, _id: 'stranger', ...(field !== undefined && { [field]: 'stranger' }), number: 'X', version: 7, email: 'y', pairKey: 'y', auditReference: 'y', row: 7 };
    await collectionOf(name).insertOne(stranger);
    const found = await findings();
    await collectionOf(name).deleteOne({ _id: 'stranger' });
    expect(found.filter((one) => one.startsWith('damaged') && one.includes('stranger'))).toHaveLength(1);
  });
});

describe.each([['policies', ladderPolicies, 'policy', { ladders: {} }], ['capaPolicies', capaPolicies, 'capa-policy', { timings: {} }]] as const)('P2 a version of a pair in %s', (...[name, kind, stream, content]) => {
  const pair = scopeFrom({ kind: 'pair', organisationIds: ['spo', 'cro'] });
  const streamId = `${stream}/default@-/cro+spo`;
  const ofPair = () => collectionOf(name).findOne({ _id: 'default@-/cro+spo/1' });
  beforeAll(async () => {
    for (const scope of [undefined, pair]) {
      const policy = { key: 'default', version: 1, effectiveFrom: AT, basis: 'SOP 7', ...content, ...(scope && { scope }) };
      await kind.add(fresh.store, { policy: policy as never, reason: 'test', by: BY });
    }
  });

  it('P2 is intact beside the installation\'s of the same key', async () => {
    expect(await ofPair()).toMatchObject({ key: 'default', line: 'default@-/cro+spo', scope: pair });
    expect(await collectionOf(name).countDocuments({ key: 'default' })).toBe(2);
    expect(await findings()).toEqual([]);
  });

  it.each([['basis', 'SOP 8'], ['key', 'security'], ['scope', null], ['scope', { ...pair, organisationIds: ['cro', 'spo2'] }], ['scopeKey', null], ['line', 'default']])('P2 is named when its %s is altered to %j', async (field, value) => {
    const doc = await ofPair();
    if (!doc) throw new Error('nothing seeded');
    await collectionOf(name).updateOne({ _id: doc._id }, { $set: { [field]: value } });
    const found = await findings();
    await collectionOf(name).replaceOne({ _id: doc._id }, doc);
    expect(found).toEqual([`damaged ${streamId}: ${name} of revision 1 is not what was stored; the trail's seq 1 says what was`]);
  });

  it('P2 is named when it is gone', async () => {
    const doc = await ofPair();
    if (!doc) throw new Error('nothing seeded');
    await collectionOf(name).deleteOne({ _id: doc._id });
    const found = await findings();
    await collectionOf(name).insertOne(doc);
    expect(found).toEqual([`damaged ${streamId}: ${name} of revision 1 is gone`]);
  });

  it.each([['default@-/cro+spo/2', `${streamId}: ${name} default@-/cro+spo/2 is stored, but no entry vouches for it`], ['default@-/cro+spo2/1', `${stream}/default@-/cro+spo2: ${name} are stored, but the trail knows of nothing there`]])('P2 a version %s put beside it is named', async (_id, message) => {
    await collectionOf(name).insertOne({ ...await ofPair(), _id, version: 2 });
    const found = await findings();
    await collectionOf(name).deleteOne({ _id });
    expect(found).toEqual([`damaged ${message}`]);
  });
});

describe('P2 a step on what was altered', () => {
  it('P2 does not launder it: the trail says for ever what the step found', async () => {
    expect(await commitStep(fresh.store, opened('i2'))).toMatchObject({ outcome: 'applied' });
    await collectionOf('records').updateOne({ _id: 'i2' }, { $set: { 'state.topic': 'forged', 'content.title': 'forged' } });
    const next = { ...opened('i2', 'k2'), rev: 2, slots: [], passed: [] };
    expect(await commitStep(fresh.store, next)).toMatchObject({ outcome: 'applied' });
    expect(await findings()).toEqual([
      expect.stringContaining('i2: born is not what the trail says of revision 2'),
      expect.stringContaining('i2: revision 2 found that it was not what the trail said'),
    ]);
  });

  it('P2 refuses to be signed', async () => {
    expect(await commitStep(fresh.store, opened('i3'))).toMatchObject({ outcome: 'applied' });
    await collectionOf('records').updateOne({ _id: 'i3' }, { $set: { 'content.title': 'forged' } });
    const sign = { demand: { grantId: 'g' }, by: { kind: 'system', name: 'test' } } as never;
    expect(await commitStep(fresh.store, { ...opened('i3', 'k2'), slots: [], passed: [], sign })).toMatchObject({ outcome: 'refused', type: 'damaged', extra: { parts: ['born'] } });
  });
});
