import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../cli/verify';
import type { AnchorReceipt, AuditEntry, Seal } from '../../contracts/audit';
import { instantOf } from '../../contracts/instant';
import { appendTo, hashEntry } from '../../domain/audit/chain';
import { anchorRootOf, merkleRoot } from '../../domain/audit/merkle';
import { takeAnchor } from '../../store/anchors';
import { createRecord } from '../../store/administration';
import { readChain, readHead } from '../../store/auditLog';
import { channelKind } from '../../store/channelMap';
import { setPreferences } from '../../store/preferences';
import { sourceKind } from '../../store/sources';
import { verifyStore } from '../support/verified';
import { freshStore, type FreshStore } from '../support/mongo';
import { testSealer } from '../support/sealer';
import { addIssue, addOrganisation, grow } from '../support/trail';

const TIMEOUT_MS = 60_000;
let fresh: FreshStore;
let receipts: readonly AnchorReceipt[];
let directory: string;

beforeEach(async () => {
  fresh = await freshStore();
  const { store } = fresh;
  await addOrganisation(store, 'sponsor');
  for (const id of ['i1', 'i2', 'i3']) await addIssue(store, id, ['sponsor']);
  await grow(store, 'i1', ['a', 'b', 'c']);
  await grow(store, 'i2', ['a', 'b']);
  const first = await takeAnchor(store, { now: instantOf(0), anchorId: 'day-1' });
  await grow(store, 'i1', ['d', 'e', 'f', 'g']);
  await grow(store, 'i3', ['a']);
  const second = await takeAnchor(store, { now: instantOf(1), anchorId: 'day-2' });
  receipts = [...first.receipts, ...second.receipts];
  // Put there by hand, for the receipts.
  await fresh.admin.main.collection('organisations').deleteMany({});
  directory = mkdtempSync(join(tmpdir(), 'receipts-'));
  receipts.forEach((receipt, index) => { writeFileSync(join(directory, `${String(index)}.json`), JSON.stringify(receipt)); });
}, TIMEOUT_MS);
afterEach(async () => {
  rmSync(directory, { recursive: true });
  await fresh.drop();
}, TIMEOUT_MS);

/** The command as a person runs it. */
async function command(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await main(argv, { MONGODB_URI: fresh.uri }, { out: (text) => { said.out += text; }, err: (text) => { said.err += text; } });
  return { code, ...said };
}
const trail = () => fresh.admin.audit.collection<AuditEntry & { _id: string; seal?: Seal }>('audit');
const sealed = (entry: AuditEntry) => ({ ...entry, seal: testSealer().codeOf(entry.hash) });
const placesOf = (findings: readonly { kind: string; streamId: string | null; seq: number | null }[]) => findings.map(({ kind, streamId, seq }) => [kind, streamId, seq]);

/** As somebody who has the key ring, too: with seals. */
async function rewriteFrom(streamId: string, seq: number): Promise<void> {
  const chain = await readChain(fresh.store, streamId, { limit: 100 });
  const kept = chain[seq - 2];
  const head = { streamId, length: seq - 1, head: kept?.hash ?? '0'.repeat(64) };
  const drafts = chain.slice(seq - 1).map(({ seq: _seq, prevHash: _prev, hash: _hash, ...draft }) => ({ ...draft, reason: 'forged' }));
  for (const entry of appendTo(head, drafts).entries) await trail().replaceOne({ _id: `${streamId}/${String(entry.seq)}` }, sealed(entry));
}

/** Makes the anchors match the chains again, as somebody with a root shell and time would. */
async function forgeAnchors(): Promise<void> {
  let previousRoot = '0'.repeat(64);
  for (const anchor of await fresh.store.models.anchors.find().sort({ seq: 1 }).lean()) {
    const page = await fresh.store.models.anchorLeaves.findOne({ anchorId: anchor._id }).lean();
    const heads = [];
    for (const { streamId, length } of page?.heads ?? []) {
      const end = Math.min(length, (await readHead(fresh.store, streamId)).length);
      const entry = await trail().findOne({ _id: `${streamId}/${String(end)}` });
      if (entry) heads.push({ streamId, length: end, head: entry.hash });
    }
    const content = { anchorId: anchor._id, at: anchor.at, previousRoot, streams: heads.length };
    const root = anchorRootOf({ ...content, merkleRoot: merkleRoot(heads) });
    await fresh.admin.audit.collection<{ _id: string }>('anchors').updateOne({ _id: anchor._id }, { $set: { root, previousRoot, streams: heads.length } });
    await fresh.admin.audit.collection<{ _id: string }>('anchor_leaves').updateOne({ _id: `${anchor._id}/0` }, { $set: { heads } });
    previousRoot = root;
  }
}

describe('P2 verifying the stored trail', () => {
  it('P2 an untouched store is intact, by function and by command', async () => {
    expect(await verifyStore(fresh.store, { receipts })).toMatchObject({ intact: true, streams: 3, entries: 10, anchors: 2, receipts: 2, findings: [] });
    expect(await command('--receipts', directory)).toEqual({ code: 0, out: 'intact: 10 entries in 3 chains, seals NOT checked, set CRO_KEYS_FILE, 2 anchors, 2 receipts; evidence NOT read: no key ring is at hand, set CRO_KEYS_FILE\n', err: '' });
  });

  it('P2 stays intact while the store goes on growing after the last anchor', async () => {
    await grow(fresh.store, 'i2', ['c', 'd']);
    await grow(fresh.store, 'i4', ['a']);
    expect((await verifyStore(fresh.store, { receipts })).findings).toEqual([]);
  });

  it('P2 names the first bad seq after one byte was changed', async () => {
    await trail().updateOne({ _id: 'i1/4' }, { $set: { action: 'D' } });
    expect(placesOf((await verifyStore(fresh.store)).findings)).toEqual([['changed', 'i1', 4]]);
    const said = await command('--receipts', directory);
    expect(said.code).toBe(1);
    expect(said.out).toContain('i1: seq 4 was changed');
    expect(said.out).toContain('NOT intact, 1 finding:');
  });

  it('P2 names the last entry of a chain when it was deleted', async () => {
    await trail().deleteOne({ _id: 'i1/7' });
    expect((await command('--receipts', directory)).out).toContain('i1: seq 7 missing: the receipt of anchor day-2 for sponsor attests 7 entries');
  });

  it('P2 names a record all of whose entries were deleted', async () => {
    await trail().deleteMany({ streamId: 'i2' });
    expect((await command('--receipts', directory)).out).toContain('i2: all entries, seq 1 to 2, missing: the receipt of anchor day-1 for sponsor');
  });

  it('P2 names the stream and the span in which a rewriting with fresh hashes began', async () => {
    await rewriteFrom('i1', 5);
    expect(placesOf((await verifyStore(fresh.store, { receipts })).findings)).toEqual([['rewritten', 'i1', 4], ['rewritten', 'i1', 4]]);
    expect((await command('--receipts', directory)).out).toContain('i1: rewritten from an entry in seq 4 to 7 on');
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a changed byte', async () => { await trail().updateOne({ _id: 'i3/1' }, { $set: { action: 'Z' } }); const entry = await trail().findOne({ _id: 'i3/1' }); if (entry) { const { _id, seal: _seal, ...rest } = entry; await trail().replaceOne({ _id }, sealed({ ...rest, hash: hashEntry(rest) })); } }, 'i3: rewritten from an entry in seq 1'],
    ['the last entry deleted', () => trail().deleteOne({ _id: 'i1/7' }), 'i1: seq 7 missing'],
    ['a record deleted', () => trail().deleteMany({ streamId: 'i2' }), 'i2: all entries'],
    ['a chain rewritten', () => rewriteFrom('i1', 2), 'i1: rewritten from an entry in seq 1 to 3'],
  ])('P2 receipts name %s also when anchors and leaves were forged to match', async (_name, tamper, told) => {
    await tamper();
    await forgeAnchors();
    expect(await verifyStore(fresh.store)).toMatchObject({ intact: true });
    const { code, out } = await command('--receipts', directory);
    expect(code).toBe(1);
    expect(out).toContain(told);
    expect(out).toContain('anchor day-');
  });

  it('P2 names anchors that were deleted', async () => {
    await fresh.admin.audit.collection<{ _id: string }>('anchors').deleteOne({ _id: 'day-2' });
    expect((await verifyStore(fresh.store)).intact).toBe(true);
    expect((await command('--receipts', directory)).out).toContain('anchor day-2 is missing');
    await fresh.admin.audit.collection<{ _id: string }>('anchors').deleteOne({ _id: 'day-1' });
    expect((await verifyStore(fresh.store, { receipts })).findings.map((finding) => finding.anchorId)).toEqual(['day-1', 'day-2']);
  });

  it('P2 without any receipt, a record still remembers the end of its chain', async () => {
    const { length, head } = await readHead(fresh.store, 'i3');
    await fresh.admin.main.collection<{ _id: string }>('records').updateOne({ _id: 'i3' }, { $set: { chain: { length, head } } });
    await fresh.admin.audit.collection('anchors').deleteMany({});
    expect((await verifyStore(fresh.store)).findings).toEqual([]);
    await trail().deleteOne({ _id: 'i3/1' });
    expect(placesOf((await verifyStore(fresh.store)).findings)).toEqual([['missing', 'i3', 1]]);
  });

  it('P2 an entry that was hidden under another stream is missed, and not taken for the one that is attested', async () => {
    const end = await readHead(fresh.store, 'i3');
    await fresh.admin.main.collection<{ _id: string }>('records').updateOne({ _id: 'i3' }, { $set: { chain: { length: end.length, head: end.head } } });
    await trail().updateOne({ _id: 'i3/1' }, { $set: { streamId: 'elsewhere' } });
    for (const argv of [[], ['--record', 'i3'], ['--receipts', directory, '--record', 'i3']]) {
      const { code, out } = await command(...argv);
      expect([argv, code, out]).toEqual([argv, 1, expect.stringContaining('i3: all entries, seq 1, missing')]);
    }
    expect((await command()).out).toContain('elsewhere: seq 1 is kept as i3/1');
  });

  it('P2 an entry that was added behind a record\'s back is named, though it continues the chain', async () => {
    const remember = async () => {
      const { length, head } = await readHead(fresh.store, 'i3');
      await fresh.admin.main.collection<{ _id: string }>('records').updateOne({ _id: 'i3' }, { $set: { chain: { length, head } } });
    };
    await remember();
    await grow(fresh.store, 'i3', ['issue.closed']);
    expect(placesOf((await verifyStore(fresh.store, { receipts })).findings)).toEqual([['added', 'i3', 2]]);
    expect((await command('--record', 'i3')).out).toContain('i3: seq 2 was added: the record itself knows of 1 entries');
    await remember();
    expect((await verifyStore(fresh.store, { receipts })).findings).toEqual([]);
  });

  it('P2 everything that is administered remembers the end of its chain, channels, preferences and sources too', async () => {
    const by = { actor: { kind: 'system', name: 'provisioning' } as const, at: instantOf(0), correlationId: 'c' };
    const named = { organisationId: 'x', name: 'x', secrets: [] };
    await createRecord(fresh.store, { kind: channelKind, id: 'c', by, fields: { ...named, studyId: null, country: null, role: null, severities: null, channel: 'email', target: 'x', phiApproved: false, lastTest: null } });
    await createRecord(fresh.store, { kind: sourceKind, id: 's', by, fields: { ...named, kind: 'event', strength: 'hmac', raises: {} } as never });
    await setPreferences(fresh.store, { personId: 'p', preferences: { quietHours: null, digest: null }, by });
    const kept = ['channel/c', 'preferences/p', 'source/s'];
    expect((await verifyStore(fresh.store)).findings).toEqual([]);
    await trail().deleteMany({ streamId: { $in: kept } });
    expect((await verifyStore(fresh.store)).findings.filter(({ kind }) => kind === 'missing').map(({ kind, streamId }) => [kind, streamId]).toSorted()).toEqual(kept.map((streamId) => ['missing', streamId]));
  });

  it('P2 an empty trail, or a record that nobody knows, is not called intact', async () => {
    expect(await command('--record', 'ISS-ALP-101-42')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('no entry of record ISS-ALP-101-42') as string });
    await fresh.admin.audit.dropDatabase();
    expect(await command()).toMatchObject({ code: 2, out: '', err: expect.stringContaining('no entry at all') as string });
    expect((await command('--receipts', directory)).out).toContain('anchor day-1 is missing');
  });

  it('P2 one record alone: its own, its refusals and its notices, and nobody else\'s findings', async () => {
    await grow(fresh.store, 'refusals/i2', ['act.refused']);
    await trail().updateOne({ _id: 'i1/4' }, { $set: { action: 'D' } });
    expect(await verifyStore(fresh.store, { recordId: 'i2', receipts })).toMatchObject({ intact: true, streams: 2, entries: 3 });
    expect(placesOf((await verifyStore(fresh.store, { recordId: 'i1' })).findings)).toEqual([['changed', 'i1', 4]]);
    await trail().deleteOne({ _id: 'i2/2' });
    expect((await command('--record', 'i2')).out).toContain('i2: seq 2 missing: anchor day-2');
  });

  it('refuses what it cannot understand, with exit code 2', async () => {
    expect(await command('--help')).toMatchObject({ code: 0 });
    expect(await command('--recepits', directory)).toMatchObject({ code: 2, err: expect.stringContaining('--recepits') as string });
    expect(await command('--receipts', '/nowhere')).toMatchObject({ code: 2, err: expect.stringContaining('/nowhere') as string });
    writeFileSync(join(directory, 'other.json'), '{"kind":"something"}');
    expect(await command('--receipts', directory)).toMatchObject({ code: 2, err: expect.stringContaining('other.json is not an anchor receipt') as string });
  });
});
