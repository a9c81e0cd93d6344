import { instantOf } from '../../contracts/instant';
import { merkleRoot, anchorRootOf } from '../../domain/audit/merkle';
import { findAnchor, leafPages, streamAnchors, takeAnchor } from '../../store/anchors';
import { auditCollection } from '../../store/auditLog';
import { organisationsOfStreams } from '../../store/streamOwners';
import { verifyStore } from '../support/verified';
import { appendTo, emptyChain } from '../../domain/audit/chain';
import { freshStore, type FreshStore } from '../support/mongo';
import { testSealer } from '../support/sealer';
import { addIssue, addOrganisation, draftOf, grow } from '../support/trail';

const TIMEOUT_MS = 60_000;
let fresh: FreshStore;
beforeEach(async () => {
  fresh = await freshStore();
  for (const id of ['cro', 'sponsor', 'stranger']) await addOrganisation(fresh.store, id);
  await addOrganisation(fresh.store, 'gone', false);
  await addIssue(fresh.store, 'i1', ['sponsor', 'cro']);
  await addIssue(fresh.store, 'i2', ['sponsor']);
}, TIMEOUT_MS);
afterEach(() => fresh.drop(), TIMEOUT_MS);

const take = (anchorId: string, ms = 0) => takeAnchor(fresh.store, { now: instantOf(ms), anchorId });
const headsOf = (taken: Awaited<ReturnType<typeof take>>) =>
  Object.fromEntries(taken.receipts.map((receipt) => [receipt.organisationId, receipt.heads.map((head) => [head.streamId, head.length])]));
const leavesOf = async (anchorId: string) => {
  const anchor = await findAnchor(fresh.store, anchorId);
  if (anchor === null) throw new Error('no anchor');
  const pages = [];
  for await (const page of leafPages(fresh.store, anchor)) pages.push(page);
  return pages;
};

describe('the daily anchor', () => {
  it('P2 gives each active organisation the root and the heads of its own chains, nobody else\'s', async () => {
    await grow(fresh.store, 'i1', ['a', 'b']);
    await grow(fresh.store, 'i2', ['a']);
    await grow(fresh.store, 'refusals/i1', ['act.refused']);
    await grow(fresh.store, 'notices/i2', ['notice.told']);
    await grow(fresh.store, 'organisation/cro', ['organisation.created']);
    const taken = await take('2026-11-22');
    expect(headsOf(taken)).toEqual({
      cro: [['i1', 2], ['organisation/cro', 1], ['refusals/i1', 1]],
      sponsor: [['i1', 2], ['i2', 1], ['notices/i2', 1], ['refusals/i1', 1]],
      stranger: [],
    });
    expect(new Set(taken.receipts.map((receipt) => receipt.root))).toEqual(new Set([taken.anchor.root]));
    expect(taken.receipts[0]).toMatchObject({ kind: 'cro-oversight/anchor-receipt', version: 1, streams: 5, previousRoot: '0'.repeat(64) });
  });

  it('P2 continues the anchor before and mails only what changed since', async () => {
    await grow(fresh.store, 'i1', ['a']);
    await grow(fresh.store, 'i2', ['a']);
    const first = await take('day-1');
    await grow(fresh.store, 'i2', ['b']);
    const second = await take('day-2', 1);
    expect(second.anchor).toMatchObject({ seq: 2, previousRoot: first.anchor.root });
    expect(headsOf(second)).toEqual({ cro: [], sponsor: [['i2', 2]], stranger: [] });
    expect((await leavesOf('day-2'))[0]?.map((leaf) => leaf.streamId)).toEqual(['i1', 'i2']);
  });

  it('P2 is taken once per id, and answers the same again', async () => {
    await grow(fresh.store, 'i1', ['a']);
    const first = await take('day-1');
    await grow(fresh.store, 'i1', ['b']);
    const again = await take('day-1', 99);
    expect([first.created, again.created]).toEqual([true, false]);
    expect(again.anchor).toEqual(first.anchor);
    expect(again.receipts).toEqual(first.receipts);
  });

  it('P2 is taken once when two processes try at the same moment, also under two ids', async () => {
    await grow(fresh.store, 'i1', ['a']);
    await Promise.all([take('x'), take('x'), take('y'), take('y')]);
    const anchors = [];
    for await (const anchor of streamAnchors(fresh.store)) anchors.push([anchor.seq, anchor.anchorId]);
    expect(anchors.map(([seq]) => seq)).toEqual([1, 2]);
    expect((await verifyStore(fresh.store)).findings).toEqual([]);
  });

  it('P2 goes on after a crash between leaves and anchor, though chains have grown since', async () => {
    const { store } = fresh;
    await grow(store, 'i1', ['a']);
    const head = (await auditCollection(store).findOne({ _id: 'i1/1' }))?.hash ?? '';
    await store.models.anchorLeaves.create([{ _id: 'day-1/0', anchorId: 'day-1', page: 0, heads: [{ streamId: 'i1', length: 1, head }] }]);
    await grow(store, 'i1', ['b']);
    await grow(store, 'i2', ['a']);
    const taken = await take('day-1');
    expect(taken.anchor).toMatchObject({ streams: 2, pages: 2 });
    expect((await verifyStore(store, { receipts: taken.receipts })).findings).toEqual([]);
  });

  it('P2 of an empty trail is an anchor too', async () => {
    const { anchor } = await take('day-1');
    expect(anchor).toMatchObject({ seq: 1, streams: 0 });
    expect(anchor.root).toBe(anchorRootOf({ ...anchor, merkleRoot: merkleRoot([]) }));
  });

  it('P2 pages the leaves of 2,500 chains, in order, without reading the chains', async () => {
    const { store } = fresh;
    const ids = Array.from({ length: 2500 }, (_, index) => `r${String(index).padStart(4, '0')}`);
    const documents = ids.flatMap((streamId) => appendTo(emptyChain(streamId), [draftOf(streamId), draftOf(streamId)]).entries.map((entry) => ({ _id: `${streamId}/${String(entry.seq)}`, ...entry, seal: testSealer().codeOf(entry.hash) })));
    await auditCollection(store).insertMany(documents);
    const { anchor } = await take('day-1');
    const pages = await leavesOf('day-1');
    expect(pages.map((page) => page.length)).toEqual([1000, 1000, 500]);
    expect(pages.flat().map((leaf) => leaf.streamId)).toEqual(ids);
    expect(pages.flat().every((leaf) => leaf.length === 2)).toBe(true);
    expect(anchor.streams).toBe(2500);
    expect((await verifyStore(store)).findings).toEqual([]);
    const plan = JSON.stringify(await auditCollection(store).aggregate([
      { $match: { streamId: { $gt: '' } } }, { $sort: { streamId: 1, seq: -1 } }, { $group: { _id: '$streamId', head: { $first: '$hash' } } },
    ]).explain());
    expect(plan).toContain('DISTINCT_SCAN');
  }, TIMEOUT_MS);

  it('P14 knows whose an administrative stream is', async () => {
    const { store } = fresh;
    await store.connection.collection<{ _id: string }>('people').insertOne({ _id: 'p1', organisationId: 'cro', email: 'p1' } as never);
    await store.connection.collection<{ _id: string }>('studies').insertOne({ _id: 's1', organisationIds: ['sponsor', 'cro'] } as never);
    await store.connection.collection<{ _id: string }>('memberships').insertOne({ _id: 'm1', organisationId: 'cro' } as never);
    const streams = ['person/p1', 'refusals/person/p1', 'study/s1', 'membership/m1', 'calendar/cro', 'policy/default', 'organisation/cro', 'i2', 'unknown'];
    expect(Object.fromEntries(await organisationsOfStreams(store, streams))).toEqual({
      'person/p1': ['cro'], 'refusals/person/p1': ['cro'], 'study/s1': ['sponsor', 'cro'], 'membership/m1': ['cro'], 'calendar/cro': ['cro'],
      'policy/default': [], 'organisation/cro': ['cro'], i2: ['sponsor'], unknown: [],
    });
  });
});
