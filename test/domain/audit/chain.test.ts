import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { AuditDraft } from '../../../contracts/audit';
import { instantOf } from '../../../contracts/instant';
import { appendTo, canonicalText, emptyChain, hashEntry, ZERO_HASH } from '../../../domain/audit/chain';
import { verifyChain } from '../../../domain/audit/verify';

const draft = (over: Partial<AuditDraft> = {}): AuditDraft => ({
  streamId: 's1', at: instantOf(0), zone: 'UTC', actor: { kind: 'system', name: 'timer' }, action: 'issue.opened', correlationId: 'c', ...over,
});
const chainOf = (...drafts: Partial<AuditDraft>[]) => appendTo(emptyChain('s1'), drafts.map(draft)).entries;

describe('P2 the hash chain', () => {
  it('P2 begins at the zero hash, counts from 1, and each entry carries the hash of the one before', () => {
    const { entries, head } = appendTo(emptyChain('s1'), [draft(), draft({ action: 'issue.closed' })]);
    expect(entries.map((entry) => [entry.seq, entry.prevHash])).toEqual([[1, ZERO_HASH], [2, entries[0]?.hash]]);
    expect(head).toEqual({ streamId: 's1', length: 2, head: entries[1]?.hash });
  });

  it('P2 continues a chain wherever it was cut into batches', () => {
    const whole = chainOf({ action: 'a' }, { action: 'b' }, { action: 'c' });
    const first = appendTo(emptyChain('s1'), [draft({ action: 'a' })]);
    const rest = appendTo(first.head, [draft({ action: 'b' }), draft({ action: 'c' })]);
    expect([...first.entries, ...rest.entries]).toEqual(whole);
  });

  it('P2 hashes SHA-256 over RFC 8785, so that anybody can recompute it with other tools', () => {
    const [entry] = chainOf({ new: { b: 1, a: 'é' } });
    const text = `{"action":"issue.opened","actor":{"kind":"system","name":"timer"},"at":"1970-01-01T00:00:00.000Z","correlationId":"c","new":{"a":"é","b":1},"prevHash":"${ZERO_HASH}","seq":1,"streamId":"s1","zone":"UTC"}`;
    expect(entry?.hash).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('P2 does not depend on the order of keys nor on keys that are undefined', () => {
    const [entry] = chainOf({ detail: { a: 1, b: 2 } });
    if (entry === undefined) throw new Error('no entry');
    const shuffled = Object.fromEntries(Object.entries(entry).reverse()) as unknown as typeof entry;
    expect(hashEntry(shuffled)).toBe(entry.hash);
    expect(hashEntry({ ...entry, reason: undefined } as unknown as typeof entry)).toBe(entry.hash);
  });

  it('P2 stores exactly what it hashed: no undefined, no negative zero, no lone surrogate', () => {
    const [entry] = chainOf({ reason: 'x\ud800y', detail: { gone: undefined, zero: -0 } as never });
    expect(entry?.reason).toBe('x\ufffdy');
    expect(entry?.detail).toStrictEqual({ zero: 0 });
    expect(entry && hashEntry(entry)).toBe(entry?.hash);
  });

  it.each([['a date', new Date(0)], ['NaN', Number.NaN], ['a bigint', 1n], ['a function', () => 1]])('P2 refuses %s, which JSON cannot say', (_name, value) => {
    expect(() => chainOf({ detail: value as never })).toThrow(TypeError);
  });

  it('P2 refuses a draft of another stream', () => {
    expect(() => appendTo(emptyChain('s1'), [draft({ streamId: 's2' })])).toThrow(TypeError);
  });

  it('P2 any JSON value hashes to what its serialised copy hashes to', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(canonicalText(JSON.parse(JSON.stringify(value)))).toBe(canonicalText(value));
    }));
  });
});

describe('P2 verifying a chain', () => {
  const chain = chainOf({ action: 'a' }, { action: 'b' }, { action: 'c' }, { action: 'd' });
  const found = (entries: typeof chain) => verifyChain(entries).map(({ kind, seq }) => [kind, seq]);

  it('P2 finds nothing in a chain that nobody touched', () => {
    expect(found(chain)).toEqual([]);
  });

  it('P2 names the entry whose content was changed, and only that', () => {
    expect(found(chain.map((entry) => (entry.seq === 2 ? { ...entry, action: 'B' } : entry)))).toEqual([['changed', 2]]);
  });

  it('P2 names an added field as a change', () => {
    expect(found(chain.map((entry) => (entry.seq === 3 ? { ...entry, reason: 'later' } : entry)))).toEqual([['changed', 3]]);
  });

  it('P2 names a value that JSON cannot say as a change', () => {
    expect(found(chain.map((entry) => (entry.seq === 3 ? { ...entry, at: new Date(0) as never } : entry)))).toEqual([['changed', 3]]);
  });

  it('P2 names the broken link when an entry was changed and hashed afresh', () => {
    const forged = chain.map((entry) => {
      if (entry.seq !== 2) return entry;
      const changed = { ...entry, action: 'B' };
      return { ...changed, hash: hashEntry(changed) };
    });
    expect(found(forged)).toEqual([['broken_link', 3]]);
  });

  it('P2 names the first of the missing entries', () => {
    expect(found(chain.filter((entry) => entry.seq !== 2 && entry.seq !== 3))).toEqual([['missing', 2]]);
    expect(found(chain.slice(1))).toEqual([['missing', 1]]);
  });

  it('P2 names an entry that stands twice or in another stream', () => {
    expect(found([...chain.slice(0, 2), ...chain.slice(1)])).toEqual([['out_of_place', 3]]);
    expect(found(chain.map((entry) => (entry.seq === 2 ? { ...entry, streamId: 's9' } : entry)))[0]).toEqual(['out_of_place', 2]);
  });

  it('P2 finds every single change of any one field of any one entry', () => {
    const fields = ['action', 'at', 'correlationId', 'prevHash', 'hash', 'zone'] as const;
    fc.assert(fc.property(fc.integer({ min: 0, max: 3 }), fc.constantFrom(...fields), fc.string(), (index, field, value) => {
      fc.pre(chain[index]?.[field] !== value);
      const [first] = verifyChain(chain.map((entry, at) => (at === index ? { ...entry, [field]: value } : entry)));
      expect([index + 1, index + 2]).toContain(first?.seq);
    }));
  });
});
