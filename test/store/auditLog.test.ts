import { createFirstAdmin, createSecondAdmin } from '../../cli/createAdmin';
import { controlEdges } from '../../store/control';
import { instantOf } from '../../contracts/instant';
import type { CommitRequest } from '../../contracts/step';
import { emptyChain, appendTo, hashEntry } from '../../domain/audit/chain';
import { verifyChain } from '../../domain/audit/verify';
import { appendEntries, appendToStream, listEntries, readChain, readHead } from '../../store/auditLog';
import { inTransaction } from '../../store/connection';
import { recordRefusal } from '../../store/refusals';
import { seedCast } from '../support/cast';
import { committing } from '../support/committing';
import { freshStore, type FreshStore } from '../support/mongo';
import { AT, opening } from '../support/signedSteps';
import { draftOf, grow } from '../support/trail';

const TIMEOUT_MS = 60_000;
let fresh: FreshStore;
beforeAll(async () => { fresh = await freshStore(); }, TIMEOUT_MS);
afterAll(() => fresh.drop(), TIMEOUT_MS);

const UNAUTHORISED = expect.objectContaining({ code: 13 }) as unknown;

describe('the audit trail in MongoDB', () => {
  it('P2 gives back exactly what was hashed, odd values included', async () => {
    const { store } = fresh;
    const detail = { text: '\u0000\u{1f600}\ud800', big: 2 ** 53, small: 1e-7, zero: -0, empty: {}, list: [null, [], { $set: 1, 'a.b': 2 }], gone: undefined as never };
    await appendToStream(store, { streamId: 'odd', drafts: [draftOf('odd', { detail, old: null, visibleTo: [] })] });
    const entries = await readChain(store, 'odd', { limit: 10 });
    expect(verifyChain(entries)).toEqual([]);
    expect(entries[0] && hashEntry(entries[0])).toBe(entries[0]?.hash);
    expect(entries[0]).not.toHaveProperty('_id');
  });

  it('P1 keeps one entry per changed field with actor, role, organisation, old, new, reason, UTC and zone', async () => {
    const { store } = fresh;
    const actor = { kind: 'person', personId: 'p1', name: 'Ada', role: 'study_lead', organisationId: 'o1' } as const;
    const changed = (field: string) => draftOf('fields', { actor, action: 'issue.changed', field, old: 1, new: 2, reason: 'because', at: instantOf(1000) });
    await appendToStream(store, { streamId: 'fields', drafts: [changed('severity'), changed('topic')] });
    const entries = await readChain(store, 'fields', { limit: 10 });
    expect(entries.map((entry) => entry.field)).toEqual(['severity', 'topic']);
    for (const entry of entries) expect(entry).toMatchObject({ actor, old: 1, new: 2, reason: 'because', at: '1970-01-01T00:00:01.000Z', zone: 'UTC', correlationId: 'c' });
  });

  it('P4 keeps what acted for the product: workflow, run, definition and policy version', async () => {
    const actor = { kind: 'system', name: 'timer', workflowId: 'escalation/i', runId: 'r', definition: 'escalation 1', policyVersion: 'default 3' } as const;
    await appendToStream(fresh.store, { streamId: 'system', drafts: [draftOf('system', { actor })] });
    expect((await readChain(fresh.store, 'system', { limit: 1 }))[0]?.actor).toEqual(actor);
  });

  it('P3 a failing audit entry rolls the change back', async () => {
    const { store } = fresh;
    await grow(store, 'taken', ['opened']);
    const counters = store.connection.collection<{ _id: string; value: number }>('counters');
    const { entries } = appendTo(emptyChain('taken'), [draftOf('taken')]);
    const change = inTransaction(store, async (session) => {
      await counters.insertOne({ _id: 'changed', value: 1 }, { session });
      await appendEntries(store, session, entries);
    });
    await expect(change).rejects.toMatchObject({ code: 11_000 });
    expect(await counters.findOne({ _id: 'changed' })).toBeNull();
    expect(await readHead(store, 'taken')).toMatchObject({ length: 1 });
  });

  it('P3 a failing change takes the audit entry back', async () => {
    const { store } = fresh;
    const change = inTransaction(store, async (session) => {
      await appendToStream(store, { streamId: 'undone', drafts: [draftOf('undone')] }, session);
      throw new Error('the change failed');
    });
    await expect(change).rejects.toThrow('the change failed');
    expect(await readHead(store, 'undone')).toEqual(emptyChain('undone'));
  });

  it('P3 the first administrator comes whole or not at all: one without a role would lock everybody out for ever', async () => {
    const { store, admin } = fresh;
    const wanted = { organisation: 'Meridian', kind: 'cro', zone: 'Europe/Zurich', name: 'Ada', email: 'Ada@meridian.example' } as const;
    await admin.main.command({ collMod: 'memberships', validator: { role: 'nobody' } });
    await expect(createFirstAdmin(store, wanted)).rejects.toMatchObject({ code: 121 });
    expect([await store.models.organisations.countDocuments({}), await store.models.people.countDocuments({})]).toEqual([0, 0]);
    await admin.main.command({ collMod: 'memberships', validator: {} });
    expect(await createFirstAdmin(store, wanted)).toEqual(expect.any(String));
    expect(await createFirstAdmin(store, wanted)).toBeUndefined();
    expect((await store.models.memberships.find({}).sort({ role: 1 }).lean()).map(({ role }) => role)).toEqual(['instance_admin', 'organisation_admin']);
  });

  it('P8 provisioning makes two administrators of an organisation and no third; the trail says so for ever', async () => {
    const { store } = fresh;
    const second = (name: string) => createSecondAdmin(store, { organisation: 'Meridian', name, email: `${name}@meridian.example` });
    expect(await createSecondAdmin(store, { organisation: 'Nobody', name: 'B', email: 'b@example.org' })).toBeUndefined();
    expect(await second('bo')).toEqual(expect.any(String));
    expect(await second('cy')).toBeUndefined();
    const signers = await store.models.signers.find({}).lean();
    expect(signers).toMatchObject([1, 2].map(() => ({ passwordOwn: false, passwordGivenBy: 'provisioning', identity: { provisioned: true, verifiedBy: 'provisioning' } })));
    expect((await store.models.announcements.find({}).lean()).map(({ what, subject }) => [what, subject])).toEqual([['administrator', 'bo'], ['administrator', 'bo']]);
    expect(await controlEdges(store, signers.map(({ _id }) => _id))).toEqual(expect.arrayContaining([expect.objectContaining({ act: 'created', by: null }), expect.objectContaining({ act: 'verified', by: null })]));
  });

  describe('with the change that it is about', () => {
    const commit = (request: CommitRequest) => committing(fresh.store, () => AT)(request);
    const triggered = (id: string): CommitRequest => {
      const { request } = opening(id);
      return { ...request, step: { ...request.step, state: { ...(request.step.state as object), dedupeKey: 'alarm' } } };
    };
    beforeAll(() => seedCast(fresh.store));

    it('P3 a record that is refused in the end leaves no entry and no receipt', async () => {
      expect(await commit(triggered('first'))).toMatchObject({ outcome: 'applied', rev: 1 });
      expect(await commit(triggered('second'))).toMatchObject({ outcome: 'refused', type: 'exists' });
      expect(await readHead(fresh.store, 'second')).toEqual(emptyChain('second'));
      expect(await fresh.store.models.steps.countDocuments({ recordId: 'second' })).toBe(0);
    });

    it('P3 asked for again, it answers what it answered first, and writes nothing', async () => {
      const { request } = opening('again');
      const first = await commit(request);
      const { length } = await readHead(fresh.store, 'again');
      expect(first).toMatchObject({ outcome: 'applied', rev: 1 });
      expect(await commit(request)).toEqual(first);
      expect(await readHead(fresh.store, 'again')).toMatchObject({ length });
    });
  });

  describe('as the application\'s own user', () => {
    const filter = { _id: 'rights/1' };
    const trail = () => fresh.store.auditConnection.collection<{ _id: string; action: string }>('audit');
    const main = () => fresh.store.connection.collection('counters');
    const auditName = () => fresh.store.auditConnection.name;
    beforeAll(async () => {
      await grow(fresh.store, 'rights', ['opened']);
      await main().insertOne({ value: 1 });
    });

    it.each<[string, () => Promise<unknown>]>([
      ['updateOne', () => trail().updateOne(filter, { $set: { action: 'z' } })],
      ['updateMany', () => trail().updateMany({}, { $set: { action: 'z' } })],
      ['an update that would insert', () => trail().updateOne({ _id: 'new/1' }, { $set: { action: 'z' } }, { upsert: true })],
      ['replaceOne', () => trail().replaceOne(filter, { action: 'z' })],
      ['findOneAndUpdate', () => trail().findOneAndUpdate(filter, { $set: { action: 'z' } })],
      ['deleteOne', () => trail().deleteOne(filter)],
      ['deleteMany', () => trail().deleteMany({})],
      ['drop', () => trail().drop()],
      ['dropDatabase', () => fresh.store.auditConnection.dropDatabase()],
      ['rename within the database', () => trail().rename('audit_old')],
      ['rename into the main database', () => fresh.store.connection.getClient().db('admin').command({ renameCollection: `${auditName()}.audit`, to: `${fresh.store.connection.name}.stolen` })],
      ['rename over it from the main database', () => fresh.store.connection.getClient().db('admin').command({ renameCollection: `${fresh.store.connection.name}.counters`, to: `${auditName()}.audit`, dropTarget: true })],
      ['$out', () => main().aggregate([{ $out: { db: auditName(), coll: 'audit' } }]).toArray()],
      ['$merge', () => main().aggregate([{ $merge: { into: { db: auditName(), coll: 'audit' } } }]).toArray()],
      ['collMod', async () => fresh.store.auditConnection.db?.command({ collMod: 'audit', validator: {} })],
      ['dropIndex', () => trail().dropIndex('streamId_1_seq_-1')],
      ['createIndex', () => trail().createIndexes([{ key: { at: 1 } }])],
      ['another collection there', () => fresh.store.auditConnection.collection('other').insertOne({})],
      ['update of an anchor', () => fresh.store.models.anchors.collection.updateOne({}, { $set: { root: 'x' } })],
      ['delete of leaves', () => fresh.store.models.anchorLeaves.collection.deleteOne({})],
      ['granting itself more', () => fresh.store.connection.getClient().db('admin').command({ grantRolesToUser: fresh.store.connection.name, roles: ['root'] })],
    ])('P3 %s is unauthorised', async (_name, act) => {
      await expect(act()).rejects.toEqual(UNAUTHORISED);
    });

    it('P3 the entry still stands afterwards', async () => {
      expect(verifyChain(await readChain(fresh.store, 'rights', { limit: 10 }))).toEqual([]);
      expect(await trail().findOne(filter)).toMatchObject({ action: 'opened' });
    });
  });

  it('P2 writers of one stream at once make one chain without gaps', async () => {
    const { store } = fresh;
    await Promise.all(Array.from({ length: 12 }, (_, index) =>
      appendToStream(store, { streamId: 'busy', drafts: [draftOf('busy', { detail: index }), ...(index % 3 === 0 ? [draftOf('busy', { detail: `${String(index)}+` })] : [])] })));
    const entries = await readChain(store, 'busy', { limit: 100 });
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    expect(verifyChain(entries)).toEqual([]);
    // What was appended together stands together.
    const details = entries.map((entry) => entry.detail);
    for (const index of [0, 3, 6, 9]) expect(details.indexOf(`${String(index)}+`)).toBe(details.indexOf(index) + 1);
  });

  it('P2 two transactions that append to one stream are made one after the other', async () => {
    const { store } = fresh;
    await Promise.all([1, 2, 3].map((n) => inTransaction(store, (session) => appendToStream(store, { streamId: 'transactions', drafts: [draftOf('transactions', { detail: n })] }, session))));
    expect(verifyChain(await readChain(store, 'transactions', { limit: 10 }))).toEqual([]);
    expect(await readHead(store, 'transactions')).toMatchObject({ length: 3 });
  });

  it('P14 a page shows an organisation only what is for it, and goes on after the last seq', async () => {
    const { store } = fresh;
    const visible = [undefined, ['o1'], ['o2'], ['o1', 'o2'], undefined];
    await appendToStream(store, { streamId: 'seen', drafts: visible.map((visibleTo) => draftOf('seen', visibleTo ? { visibleTo } : {})) });
    const seqs = async (organisationId?: string) => (await listEntries(store, { streamId: 'seen', limit: 10, ...(organisationId && { organisationId }) })).entries.map((entry) => entry.seq);
    expect([await seqs(), await seqs('o1'), await seqs('o3')]).toEqual([[1, 2, 3, 4, 5], [1, 2, 4, 5], [1, 5]]);
    const first = await listEntries(store, { streamId: 'seen', limit: 2, organisationId: 'o1' });
    const second = await listEntries(store, { streamId: 'seen', limit: 2, organisationId: 'o1', after: first.next ?? 0 });
    expect([first.next, second.entries.map((entry) => entry.seq), second.next]).toEqual([2, [4, 5], null]);
  });

  it('P10 a refusal is kept beside the record, chained, with who, what and why', async () => {
    const { store } = fresh;
    const actor = { kind: 'person', personId: 'p1', name: 'Ada', role: 'contributor', organisationId: 'o1' } as const;
    await Promise.all([1, 2, 3].map((n) => recordRefusal(store, {
      recordId: 'i1', actor, act: 'confirm', failureType: 'wrong_state', reason: 'It is not resolved.', correlationId: `c${String(n)}`, at: instantOf(n),
    })));
    const entries = await readChain(store, 'refusals/i1', { limit: 10 });
    expect(verifyChain(entries)).toEqual([]);
    expect(entries).toHaveLength(3);
    expect(entries[0]).toMatchObject({ actor, action: 'act.refused', reason: 'It is not resolved.', detail: { act: 'confirm', type: 'wrong_state' } });
    expect(await readHead(store, 'i1')).toMatchObject({ length: 0 });
  });
});
