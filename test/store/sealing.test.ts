import { createSecretKey } from 'node:crypto';
import path from 'node:path';
import { main } from '../../cli/verify';
import type { AuditEntry } from '../../contracts/audit';
import { instantOf } from '../../contracts/instant';
import { appendTo } from '../../domain/audit/chain';
import { createAuthenticator } from '../../platform/derivedKeys';
import { openKeyRing, type KeyRing } from '../../platform/keyRing';
import { auditCollection, readChain, readHead } from '../../store/auditLog';
import type { Store } from '../../store/connection';
import { beginSealing, SEALING_STREAM } from '../../store/sealing';
import { verifyStore } from '../../store/verify';
import { freshStore, type FreshStore } from '../support/mongo';
import { draftOf, grow } from '../support/trail';

const KEYS = path.join(__dirname, '../support/test-keys.json');
let fresh: FreshStore;
beforeEach(async () => { fresh = await freshStore(); });
afterEach(async () => { await fresh.drop(); });

const trail = () => fresh.admin.audit.collection<AuditEntry & { _id: string; seal?: object }>('audit');
const findings = async (store: Store = fresh.store) => (await verifyStore(store)).findings.map(({ kind, streamId, seq }) => [kind, streamId, seq]);

/** What somebody with the database alone can do: an entry that chains, and moves nothing else. */
async function forge(streamId: string, seal?: object): Promise<void> {
  const { entries } = appendTo(await readHead(fresh.store, streamId), [draftOf(streamId, { action: 'forged' })]);
  await trail().insertMany(entries.map((entry) => ({ _id: `${streamId}/${String(entry.seq)}`, ...entry, ...(seal && { seal }) })));
}

/** The trail as a release before seals left it. */
const unsealAll = () => trail().updateMany({}, { $unset: { seal: '' } });

describe('P2 entries are sealed with the key ring', () => {
  it('P2 every entry has a seal beside its hash, which no reader sees as part of it', async () => {
    await grow(fresh.store, 's1', ['a', 'b']);
    const stored = await auditCollection(fresh.store).find({ streamId: 's1' }).toArray();
    expect(stored.map(({ seal }) => seal)).toEqual(stored.map(({ hash }) => createAuthenticator(openKeyRing(KEYS), 'audit-seal').codeOf(hash)));
    expect((await readChain(fresh.store, 's1', { limit: 9 })).every((entry) => !('seal' in entry))).toBe(true);
    expect(await verifyStore(fresh.store)).toMatchObject({ intact: true, sealsChecked: true, unsealed: 0 });
  });

  it('P2 names an entry that somebody with the database alone appended, although it chains', async () => {
    await grow(fresh.store, 's1', ['a', 'b']);
    await forge('s1');
    expect(await findings()).toEqual([['unsealed', 's1', 3]]);
    await forge('new');
    expect(await findings()).toEqual([['unsealed', 's1', 3], ['unsealed', 'new', 1]]);
  });

  it.each([
    ['a seal of another entry', async () => (await trail().findOne({ _id: 's1/1' }))?.seal],
    ['a made up one', () => Promise.resolve({ keyId: openKeyRing(KEYS).active.id, mac: '0'.repeat(64) })],
    ['something else', () => Promise.resolve({ key: 1 })],
    ['a key that nobody has', () => Promise.resolve({ keyId: 'mine', mac: '0'.repeat(64) })],
  ])('P2 is not taken in by %s', async (_name, sealOf) => {
    await grow(fresh.store, 's1', ['a', 'b']);
    await forge('s1', await sealOf());
    expect(await findings()).toEqual([['seal_broken', 's1', 3]]);
  });

  it('P2 a chain rewritten with fresh hashes is named from the first entry on that lost its seal', async () => {
    await grow(fresh.store, 's1', ['a', 'b', 'c']);
    const chain = await readChain(fresh.store, 's1', { limit: 9 });
    const drafts = chain.slice(1).map(({ seq: _seq, prevHash: _prev, hash: _hash, ...draft }) => ({ ...draft, reason: 'forged' }));
    for (const entry of appendTo({ streamId: 's1', length: 1, head: chain[0]?.hash ?? '' }, drafts).entries) {
      await trail().updateOne({ _id: `s1/${String(entry.seq)}` }, { $set: { ...entry } });
    }
    expect(await findings()).toEqual([['seal_broken', 's1', 2], ['seal_broken', 's1', 3]]);
  });

  it('P2 old entries stay verifiable after the key was rotated, and not without the old key', async () => {
    await grow(fresh.store, 's1', ['a']);
    const old = openKeyRing(KEYS);
    const key = createSecretKey(Buffer.alloc(32, 9));
    const rotated: KeyRing = { active: { id: 'next', key }, find: (id) => (id === 'next' ? key : old.find(id)) };
    const opened = (ring: KeyRing): Store => ({ ...fresh.store, sealer: createAuthenticator(ring, 'audit-seal') });
    await grow(opened(rotated), 's1', ['b']);
    expect(await findings(opened(rotated))).toEqual([]);
    expect(await findings(opened({ ...rotated, find: (id) => (id === 'next' ? key : undefined) }))).toEqual([['seal_broken', 's1', 1]]);
  });

  it('P2 without the key ring nothing is written, and verification says that it checked no seal', async () => {
    await grow(fresh.store, 's1', ['a']);
    const reading: Store = { ...fresh.store, sealer: undefined };
    await expect(grow(reading, 's1', ['b'])).rejects.toThrow('without the key ring');
    await forge('s1', { keyId: 'x', mac: 'x' });
    expect(await verifyStore(reading)).toMatchObject({ intact: true, sealsChecked: false });
    const said = { out: '' };
    const console = { out: (text: string) => { said.out += text; }, err: () => undefined };
    expect(await main([], { MONGODB_URI: fresh.uri }, console)).toBe(0);
    expect(said.out).toContain('seals NOT checked, set CRO_KEYS_FILE');
    expect(await main([], { MONGODB_URI: fresh.uri, CRO_KEYS_FILE: KEYS }, console)).toBe(1);
    expect(said.out).toContain('seal_broken  s1: seq 2');
  });
});

describe('P2 a trail from before seals', () => {
  const begin = () => beginSealing(fresh.store, instantOf(5));
  beforeEach(async () => {
    await grow(fresh.store, 'old', ['a', 'b']);
    await grow(fresh.store, 'older', ['a']);
    await unsealAll();
  });

  it('P2 is marked once, and goes on sealed', async () => {
    await begin();
    await begin();
    await grow(fresh.store, 'old', ['c']);
    await grow(fresh.store, 'new', ['a']);
    expect(await verifyStore(fresh.store)).toMatchObject({ intact: true, unsealed: 3, streams: 4 });
    expect((await verifyStore(fresh.store, { recordId: 'old' })).findings).toEqual([]);
  });

  it('P2 grows by no unsealed entry, nor does a chain begin with one', async () => {
    await begin();
    await forge('old');
    await forge('later');
    expect(await findings()).toEqual([['unsealed', 'old', 3], ['unsealed', 'later', 1]]);
  });

  it('P2 is not rewritten behind the mark', async () => {
    await begin();
    const [first] = await readChain(fresh.store, 'old', { limit: 1 });
    const { entries } = appendTo({ streamId: 'old', length: 1, head: first?.hash ?? '' }, [draftOf('old', { action: 'forged' })]);
    await trail().replaceOne({ _id: 'old/2' }, { ...entries[0] } as never);
    expect(await findings()).toEqual([['unsealed', 'old', 2]]);
  });

  it('P2 the mark cannot be taken away, moved, or made again by whoever has the database alone', async () => {
    await begin();
    await grow(fresh.store, 'new', ['a']);
    await forge('old');
    const leaves = fresh.admin.audit.collection<{ _id: string; heads: { streamId: string; length: number; head: string }[] }>('anchor_leaves');
    const page = await leaves.findOne({ _id: 'sealing/0' });
    const { head, length } = await readHead(fresh.store, 'old');
    await leaves.updateOne({ _id: 'sealing/0' }, { $set: { heads: (page?.heads ?? []).map((leaf) => (leaf.streamId === 'old' ? { ...leaf, length, head } : leaf)) } });
    expect((await findings()).slice(0, 1)).toEqual([['seal_broken', SEALING_STREAM, 1]]);
    await trail().deleteOne({ _id: 'sealing/1' });
    await leaves.deleteMany({ anchorId: SEALING_STREAM });
    await begin();
    expect(await findings()).toEqual([['unsealed', 'older', 1], ['unsealed', 'old', 1], ['unsealed', 'old', 2], ['unsealed', 'old', 3]]);
  });
});
