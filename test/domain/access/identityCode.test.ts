import { createHmac } from 'node:crypto';
import { instantOf, plusMs } from '../../../contracts/instant';
import { identityCode, isIdentityCode } from '../../../domain/access/identityCode';

describe('P8 11.100(b) the code that shows that the person holds the account', () => {
  const mac = (text: string): string => createHmac('sha256', 'key').update(text).digest('hex');
  const now = instantOf(Date.parse('2026-11-02T10:20:00Z'));
  const account = { personId: 'ana', passwordHash: 'hash of hers', rev: 3 };
  const { code, until } = identityCode(account, { mac, now });

  test('P8 is easily read out, and counts however it is written, till the end of the next hour', () => {
    expect([code, until]).toEqual([expect.stringMatching(/^[2-9B-Z]{4}(?:-[2-9B-Z]{4}){2}$/), '2026-11-02T12:00:00.000Z']);
    for (const given of [code, code.toLowerCase(), code.replaceAll('-', ' ')]) expect(isIdentityCode(given, account, { mac, now: plusMs(until, -1) })).toBe(true);
    expect([isIdentityCode(code, account, { mac, now: until }), isIdentityCode('', account, { mac, now })]).toEqual([false, false]);
  });

  test.each([
    ['another password', { ...account, passwordHash: 'hash of whoever gave one' }], ['a verification since', { ...account, rev: 4 }], ['another person', { ...account, personId: 'bo' }],
  ])('P8 counts no more after %s', (_, other) => {
    expect(isIdentityCode(code, other, { mac, now })).toBe(false);
  });

  test('P8 is another one under another key', () => {
    expect(isIdentityCode(code, account, { mac: (text) => createHmac('sha256', 'other').update(text).digest('hex'), now })).toBe(false);
  });
});
