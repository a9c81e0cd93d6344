import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createKeyRing } from '../platform/keyRing';
import { Refused } from './refused';

const secretsSchema = z.object({ mongodbAdminPassword: z.string().min(16), mongodbApplicationPassword: z.string().min(16) });
export type Secrets = z.infer<typeof secretsSchema>;

/**
 * Passwords of the local database, made on first use, for the owner's eyes only (mode 600).
 * Throws Refused when the database is there and its passwords are not.
 */
export function localSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json');
  if (!existsSync(file)) {
    if (existsSync(join(dataDir, 'mongo', 'db', 'WiredTiger'))) {
      throw new Refused(`${file} is missing although the database is there: put it back, or start afresh with \`npm start -- --reset\`.`);
    }
    const made: Secrets = { mongodbAdminPassword: password(), mongodbApplicationPassword: password() };
    writeFileSync(file, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  const parsed = secretsSchema.safeParse(json(readFileSync(file, 'utf8')));
  if (!parsed.success) throw new Refused(`${file} cannot be read as passwords: put it back, or start afresh with \`npm start -- --reset\`.`);
  return parsed.data;
}

/** The local key ring for payloads, made on first use. Keys live as long as the records that they open. */
export function localKeyRing(dataDir: string): string {
  const file = join(dataDir, 'keys.json');
  if (!existsSync(file)) createKeyRing(file, `local-${randomBytes(4).toString('hex')}`);
  return file;
}

/** Safe in a connection string without escaping. */
function password(): string {
  return randomBytes(24).toString('base64url');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
