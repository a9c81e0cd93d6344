import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 random bytes as text, for sessions and CSRF tokens. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** An API token, `cro_<secret>_<checksum>`: recognisable to secret scanners, a mistyped one is refused without a look-up. */
export function newToken(): string {
  const secret = randomSecret();
  return `cro_${secret}_${checksumOf(secret)}`;
}

/** Whether a text has the form of our tokens and a right checksum; says nothing of its being valid. */
export function isTokenShaped(text: string): boolean {
  const match = /^cro_([A-Za-z0-9_-]{43})_([0-9a-f]{8})$/.exec(text);
  return match !== null && checksumOf(match[1] ?? '') === match[2];
}

/** Compares without telling by time how much was right. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function checksumOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 8);
}
