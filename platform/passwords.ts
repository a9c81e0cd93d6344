import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import { z } from 'zod';

/** Length is what counts (NIST SP 800-63B 3.1.1.2); the upper bound keeps hashing bounded. */
export const passwordSchema = z.string().min(12).max(200);

/** argon2id with 64 MiB, 3 passes (RFC 9106, second recommended option). */
export function hashPassword(password: string): Promise<string> {
  return argon2.hash(password, { type: argon2.argon2id, memoryCost: 64 * 1024, timeCost: 3, parallelism: 4 });
}

let decoy: Promise<string> | undefined;

/** Whether the password is the one; takes as long for nobody, so that time does not tell who exists. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword(randomBytes(32).toString('base64'));
  const matches = await argon2.verify(passwordHash ?? (await decoy), password);
  return passwordHash !== undefined && matches;
}
