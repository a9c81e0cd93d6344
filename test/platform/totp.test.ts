import { base32Of, newTotpSecret, totpCode, totpStepAt, totpStepOf, totpUri } from '../../platform/totp';

/** RFC 6238, appendix B: the seeds, and per moment (s) the codes of SHA1, SHA256, SHA512. */
const SEEDS = { sha1: '12345678901234567890', sha256: '12345678901234567890123456789012', sha512: '1234567890123456789012345678901234567890123456789012345678901234' } as const;
const VECTORS = [
  [59, '94287082', '46119246', '90693936'],
  [1111111109, '07081804', '68084774', '25091201'],
  [1111111111, '14050471', '67062674', '99943326'],
  [1234567890, '89005924', '91819424', '93441116'],
  [2000000000, '69279037', '90698825', '38618901'],
  [20000000000, '65353130', '77737706', '47863826'],
] as const;

describe('P7 time-based codes', () => {
  test.each(VECTORS)('P7 at %s s they are those of RFC 6238', (...[seconds, sha1, sha256, sha512]) => {
    const code = (algorithm: keyof typeof SEEDS) => totpCode(Buffer.from(SEEDS[algorithm]), totpStepAt(seconds * 1000), { digits: 8, algorithm });
    expect([code('sha1'), code('sha256'), code('sha512')]).toEqual([sha1, sha256, sha512]);
  });

  test('P7 a code is taken one step early or late, not two, and names its own step', () => {
    const secret = Buffer.from(SEEDS.sha1);
    const now = 1_800_000_015_000;
    const step = totpStepAt(now);
    for (const off of [-1, 0, 1]) expect(totpStepOf(secret, totpCode(secret, step + off), now)).toBe(step + off);
    for (const off of [-2, 2]) expect(totpStepOf(secret, totpCode(secret, step + off), now)).toBeUndefined();
    for (const code of ['12345', '', '1234567']) expect(totpStepOf(secret, code, now)).toBeUndefined();
  });

  test('P7 secrets are 160 random bits', () => {
    const [one, other] = [newTotpSecret(), newTotpSecret()];
    expect([one.length, one.equals(other)]).toEqual([20, false]);
  });

  test.each([['', ''], ['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['fooba', 'MZXW6YTB'], ['foobar', 'MZXW6YTBOI']])('base32 of "%s" is that of RFC 4648, without padding', (text, expected) => {
    expect(base32Of(Buffer.from(text))).toBe(expected);
  });

  test('the address for apps names issuer, account and form', () => {
    expect(totpUri(Buffer.from('foobar'), { issuer: 'cro oversight', account: 'a@example.org' }))
      .toBe('otpauth://totp/cro%20oversight:a%40example.org?secret=MZXW6YTBOI&issuer=cro%20oversight&algorithm=SHA1&digits=6&period=30');
  });
});
