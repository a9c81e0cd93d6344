import fc from 'fast-check';
import type { Actor } from '../../../contracts/actor';
import { plusMs } from '../../../contracts/instant';
import type { Signable, SigningGrant } from '../../../contracts/signature';
import { Draft } from '../../../domain/draft';
import { contentHashOf, refuseUnsigned, signatureDemand } from '../../../domain/signature/demand';
import { faultOf, type GrantUse } from '../../../domain/signature/grant';
import { shownOf } from '../../../domain/signature/shown';
import { standingOf, verifies } from '../../../domain/signature/standing';
import { instant } from '../time/calendars';

const AT = instant('2026-03-02T09:00:00Z');
const PLAN: Signable = { subject: 'plan', version: 2, content: { actions: ['retrain', 'check'], owner: 'p9' }, meanings: ['approval'] };
const GRANT: SigningGrant = {
  id: 'g1', recordId: 'r1', act: 'approve', subject: 'plan', version: 2, content: PLAN.content, contentHash: contentHashOf(PLAN.content), meaning: 'approval',
  personId: 'p1', printedName: 'Ada', role: 'quality', organisationId: 'o1', organisationName: 'One', signedAt: AT, zone: 'Europe/Zurich', statementVersion: 1,
  sessionId: 's1', expiresAt: plusMs(AT, 60_000), usedAt: null,
};
const ACTOR: Actor = { kind: 'person', personId: 'p1', organisationId: 'o1', role: 'quality', correlationId: 'c' };
const USE: GrantUse = { demand: signatureDemand({ signable: PLAN, act: 'approve', grantId: 'g1' }), recordId: 'r1', actor: ACTOR, at: plusMs(AT, 59_999), isWithdrawn: false };

describe('P7 a grant carries one act', () => {
  test('P7 the act that it was given for', () => {
    expect(faultOf(GRANT, USE)).toBeUndefined();
  });

  test.each<[string, SigningGrant | undefined, Partial<GrantUse>, string]>([
    ['that does not exist', undefined, {}, 'unknown'],
    ['of another person', GRANT, { actor: { ...ACTOR, personId: 'p2' } }, 'other_person'],
    ['used by the product itself', GRANT, { actor: { kind: 'system', name: 'timer', correlationId: '' } }, 'other_person'],
    ['for acting for another organisation', GRANT, { actor: { ...ACTOR, organisationId: 'o2' } }, 'other_organisation'],
    ['used before', { ...GRANT, usedAt: AT }, {}, 'used'],
    ['at the instant at which it expires', GRANT, { at: plusMs(AT, 60_000) }, 'expired'],
    ['of whom somebody objected to', GRANT, { isWithdrawn: true }, 'withdrawn'],
    ['of another record', GRANT, { recordId: 'r2' }, 'other_record'],
    ['for another act', GRANT, { demand: { ...USE.demand, act: 'close' } }, 'other_act'],
    ['for another part', GRANT, { demand: { ...USE.demand, subject: 'closure' } }, 'other_act'],
    ['for another version', GRANT, { demand: { ...USE.demand, version: 3 } }, 'changed'],
    ['for other content', GRANT, { demand: { ...USE.demand, contentHash: contentHashOf({ actions: ['retrain'] }) } }, 'changed'],
  ])('P7 not one %s', (...[, grant, more, fault]) => {
    expect(faultOf(grant, { ...USE, ...more })).toBe(fault);
  });

  test('P7 whatever else is wrong with another\'s grant, one learns only that it is another\'s', () => {
    expect(faultOf({ ...GRANT, usedAt: AT, recordId: 'r9' }, { ...USE, actor: { ...ACTOR, personId: 'p2' } })).toBe('other_person');
  });

  test.each([[{}, 'signature_required'], [{ signature: '' }, 'signature_required'], [{ signature: 'g1' }, undefined]])('P7 an act that signs, with the body %j: %s', (body, type) => {
    expect(refuseUnsigned(PLAN, body)?.type).toBe(type);
    expect(refuseUnsigned(undefined, body)).toBeUndefined();
  });

  test('a step carries its demand; it is signed once', () => {
    const draft = new Draft({}).sign(USE.demand);
    expect(draft.step().sign).toEqual(USE.demand);
    expect(new Draft({}).step()).not.toHaveProperty('sign');
    expect(() => draft.sign(USE.demand)).toThrow(RangeError);
  });
});

const HAND_HASHED = '721ef82f2d6c0997bffb7a8ab3f40f8fb45b0b52ce2af3afa6b0f05efbdc317f';
const json = fc.jsonValue({ maxDepth: 3 });

describe('P6 a signature is bound to content and version', () => {
  test('P6 the hash is that of the RFC 8785 form: the order of fields is nothing, every value is something', () => {
    expect(contentHashOf({ b: [1, 2], a: 'x' })).toBe(contentHashOf({ a: 'x', b: [1, 2] }));
    // printf '{"a":"x","b":[1,2]}' | sha256sum
    expect(contentHashOf({ b: [1, 2], a: 'x' })).toBe(HAND_HASHED);
    fc.assert(fc.property(json, json, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      fc.pre(!same);
      return contentHashOf({ value: one as never }) !== contentHashOf({ value: other as never }) || canonicallySame(one, other);
    }), { numRuns: 300 });
  });

  test('P6 it stands for this version until anything of it changes, and verifies for its own for ever', () => {
    const signed = { ...GRANT, rev: 7 };
    expect(standingOf(signed, PLAN)).toBe('this_version');
    for (const now of [{ ...PLAN, version: 3 }, { ...PLAN, subject: 'closure' }, { ...PLAN, content: { ...(PLAN.content as object), owner: 'p8' } }, undefined]) {
      expect(standingOf(signed, now)).toBe('not_for_this_version');
      expect(verifies(signed, signed.content)).toBe(true);
    }
    expect(verifies(signed, { ...(PLAN.content as object), owner: 'p8' })).toBe(false);
  });

  test('P5 it is shown with the instant as the signer read it', () => {
    expect(shownOf({ ...GRANT, rev: 7 }, PLAN)).toMatchObject({ printedName: 'Ada', meaning: 'approval', standing: 'this_version', verifies: true, localTime: '2026-03-02T10:00:00+01:00[Europe/Zurich]' });
  });
});

/** Values that JSON text tells apart and RFC 8785 does not: order of keys, and negative zero. */
function canonicallySame(one: unknown, other: unknown): boolean {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
    return value === 0 ? 0 : value;
  };
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}
