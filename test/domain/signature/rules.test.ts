import fc from 'fast-check';
import { instantOf, plusMs } from '../../../contracts/instant';
import type { SignerFacts, VerifiedIdentity } from '../../../contracts/signature';
import { FIRST_SIGNATURE_WINDOW_MS } from '../../../domain/access/window';
import { refuseSigner, refuseVerifying } from '../../../domain/signature/identity';
import { componentsNeeded } from '../../../domain/signature/session';
import { DEFAULT_STATEMENT, mustAccept, statementHashOf } from '../../../domain/signature/statement';
import { instant } from '../time/calendars';

const AT = instant('2026-03-02T09:00:00Z');
const MINUTE_MS = 60_000;
const ALL = ['email', 'password'];

describe('P7 the continuous-session rule (21 CFR 11.200(a)(1))', () => {
  const last = { sessionId: 's1', at: AT };
  test.each<[string, Parameters<typeof componentsNeeded>[0], readonly string[]]>([
    ['the first signing', { sessionId: 's1', last: undefined, now: AT, totpEnrolled: false }, ALL],
    ['the first signing with a second factor', { sessionId: 's1', last: undefined, now: AT, totpEnrolled: true }, [...ALL, 'totp']],
    ['the next one', { sessionId: 's1', last, now: plusMs(AT, MINUTE_MS), totpEnrolled: true }, ['password']],
    ['one at 29:59.999', { sessionId: 's1', last, now: plusMs(AT, 30 * MINUTE_MS - 1), totpEnrolled: true }, ['password']],
    ['one after 30 minutes', { sessionId: 's1', last, now: plusMs(AT, 30 * MINUTE_MS), totpEnrolled: false }, ALL],
    ['one in another session', { sessionId: 's2', last, now: plusMs(AT, 1), totpEnrolled: true }, [...ALL, 'totp']],
    ['one before the last, by a clock set back', { sessionId: 's1', last, now: plusMs(AT, -1), totpEnrolled: false }, ALL],
  ])('P7 %s', (_, session, expected) => {
    expect(componentsNeeded(session)).toEqual(expected);
  });

  test('P7 the password is always asked for, and fewer than all only within 30 minutes of the same session', () => {
    const session = fc.record({
      sessionId: fc.constantFrom('s1', 's2'), now: fc.integer({ min: 0, max: 200 * MINUTE_MS }).map(instantOf), totpEnrolled: fc.boolean(),
      last: fc.option(fc.record({ sessionId: fc.constantFrom('s1', 's2'), at: fc.integer({ min: 0, max: 200 * MINUTE_MS }).map(instantOf) }), { nil: undefined }),
    });
    fc.assert(fc.property(session, (one) => {
      const needed = componentsNeeded(one);
      expect(needed).toContain('password');
      if (needed.length > 1) return;
      expect(one.last?.sessionId).toBe(one.sessionId);
      expect(Date.parse(one.now) - Date.parse(one.last?.at ?? '')).toBeLessThan(30 * MINUTE_MS);
    }), { numRuns: 500 });
  });
});

const SIGNER: SignerFacts = {
  passwordOwn: true, passwordGivenBy: 'admin-1', acceptedStatement: null,
  identity: { verifiedBy: 'admin-2', verifiedByName: 'Two', organisationId: 'o1', at: AT, documentKind: 'passport' },
};

describe('P8 who may sign, and who vouches for them', () => {
  test.each<[string, SignerFacts | undefined, string | undefined]>([
    ['own password and verified', SIGNER, undefined],
    ['never anything', undefined, 'identity_not_verified'],
    ['not verified', { ...SIGNER, identity: null }, 'identity_not_verified'],
    ['verified, but with a password of somebody else', { ...SIGNER, passwordOwn: false }, 'identity_not_verified'],
  ])('P8 %s', (_, signer, type) => {
    expect(refuseSigner(signer, AT)?.type).toBe(type);
  });

  test('P8 not before the window is over in which the organisation may object', () => {
    const identity = { ...SIGNER.identity, signsFrom: plusMs(AT, FIRST_SIGNATURE_WINDOW_MS) } as VerifiedIdentity;
    const refusedAfter = (ms: number) => refuseSigner({ ...SIGNER, identity }, plusMs(AT, ms))?.type;
    expect([refusedAfter(0), refusedAfter(FIRST_SIGNATURE_WINDOW_MS - 1), refusedAfter(FIRST_SIGNATURE_WINDOW_MS)]).toEqual(['signature_window', 'signature_window', undefined]);
  });

  test.each<[string, SignerFacts | undefined, string | undefined]>([
    ['whose password is their own', SIGNER, undefined],
    ['whose password is somebody else\'s', { ...SIGNER, passwordOwn: false }, 'wrong_state'],
    ['of whom nothing is known', undefined, 'wrong_state'],
  ])('P8 is vouched for: somebody %s', (...[, signer, type]) => {
    expect(refuseVerifying(signer)?.type).toBe(type);
  });
});

test('P8 the statement is accepted once per version, and again when a word of it changes', () => {
  const accepted = { version: 1, textHash: statementHashOf(DEFAULT_STATEMENT) };
  expect(mustAccept(DEFAULT_STATEMENT, null)).toBe(true);
  expect(mustAccept(DEFAULT_STATEMENT, accepted)).toBe(false);
  expect(mustAccept({ ...DEFAULT_STATEMENT, version: 2 }, accepted)).toBe(true);
  expect(mustAccept({ ...DEFAULT_STATEMENT, text: `${DEFAULT_STATEMENT.text} More.` }, accepted)).toBe(true);
});
