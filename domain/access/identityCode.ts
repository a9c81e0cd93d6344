import { plusMs, epochMsOf, instantOf, type Instant } from '../../contracts/instant';

const HOUR_MS = 3_600_000;
/** Without vowels, and without what is taken for another. 27 ** 12 of them: nobody guesses one in its time. */
const LETTERS = '23456789BCDFGHJKMNPQRSTVWXZ';
const LENGTH = 12;
const GROUP = 4;

/** What a code is of: one account as it is now. Another password, or a verification, makes another code. */
export interface CodedAccount {
  readonly personId: string;
  readonly passwordHash: string;
  /** Revision of what the person signs by. */
  readonly rev: number;
}

/** HMAC-SHA-256 of a text under a key of the installation, hex. */
export type Mac = (text: string) => string;

/**
 * The code by which the person in front of somebody shows that the account is in their hands (21 CFR 11.100(b)): it is seen in their own session only,
 * after the last password. It counts in the hour and the one after.
 */
export function identityCode(account: CodedAccount, { mac, now }: { readonly mac: Mac; readonly now: Instant }): { readonly code: string; readonly until: Instant } {
  const hour = hourOf(now);
  return { code: codeOf(account, mac, hour), until: plusMs(instantOf(hour * HOUR_MS), 2 * HOUR_MS) };
}

/** Whether this is the code of the account now. Case, blanks and hyphens do not count. */
export function isIdentityCode(given: string, account: CodedAccount, { mac, now }: { readonly mac: Mac; readonly now: Instant }): boolean {
  const bare = (text: string): string => text.toUpperCase().replaceAll(/[\s-]/gu, '');
  return [hourOf(now), hourOf(now) - 1].some((hour) => bare(codeOf(account, mac, hour)) === bare(given));
}

const hourOf = (now: Instant): number => Math.floor(epochMsOf(now) / HOUR_MS);

function codeOf({ personId, passwordHash, rev }: CodedAccount, mac: Mac, hour: number): string {
  let rest = BigInt(`0x${mac(JSON.stringify([personId, passwordHash, rev, hour]))}`);
  const letters = Array.from({ length: LENGTH }, () => {
    const letter = LETTERS[Number(rest % BigInt(LETTERS.length))] ?? '';
    rest /= BigInt(LETTERS.length);
    return letter;
  });
  return Array.from({ length: LENGTH / GROUP }, (_, group) => letters.slice(group * GROUP, (group + 1) * GROUP).join('')).join('-');
}
