import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The records' connection string: MONGODB_URI, else that of a stack which `npm start` set up here. */
export function findConnectionString(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  return env['MONGODB_URI'] || localUri();
}

/** As {@link findConnectionString}. Throws with the remedy when there is none. */
export function connectionString(): string {
  const uri = findConnectionString();
  if (uri === undefined) throw new Error('MONGODB_URI is not set and there is no .data/env.json: set it, or run `npm start` once.');
  return uri;
}

function localUri(): string | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join('.data', 'env.json'), 'utf8'));
    const uri = typeof parsed === 'object' && parsed !== null && 'MONGODB_URI' in parsed ? parsed.MONGODB_URI : undefined;
    return typeof uri === 'string' && uri !== '' ? uri : undefined;
  } catch {
    return undefined;
  }
}
