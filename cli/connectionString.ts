import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment } from '../platform/environment';

type Environment = Readonly<Record<string, string | undefined>>;

/** What commands beside a running stack take from it (dev/localEnvironment.ts). */
const FROM_STACK = ['MONGODB_URI', 'TEMPORAL_ADDRESS', 'CRO_KEYS_FILE'] as const;
export const NO_CONNECTION_STRING = 'MONGODB_URI is not set and no stack was started here: set it (or MONGODB_URI_FILE), set CRO_DATA_DIR to the stack\'s folder, or run `npm start` once.';

/** The environment, secrets read from their files, completed by what a stack that `npm start` set up left in its folder. */
export function commandEnvironment(env: Environment = process.env): Readonly<Record<string, string>> {
  const { values } = readEnvironment(env, ['MONGODB_URI', 'TEMPORAL_API_KEY']);
  return { ...stackEnvironment(values['CRO_DATA_DIR'] ?? '.data'), ...values };
}

/** The records' connection string: MONGODB_URI or its file, else that of a stack which `npm start` set up in CRO_DATA_DIR or `.data`. */
export function findConnectionString(env: Environment = process.env): string | undefined {
  return commandEnvironment(env)['MONGODB_URI'];
}

/**
 * File of the key ring that belongs to these records: CRO_KEYS_FILE; else, where the connection string is the stack's too,
 * the stack's. The ring of another installation would make every file look damaged.
 */
export function findKeyRingFile(env: Environment = process.env): string | undefined {
  const { values } = readEnvironment(env, ['MONGODB_URI', 'TEMPORAL_API_KEY']);
  return values['CRO_KEYS_FILE'] ?? (values['MONGODB_URI'] === undefined ? commandEnvironment(env)['CRO_KEYS_FILE'] : undefined);
}

/** As {@link findKeyRingFile}, for commands that write: what they write is sealed. Throws with the remedy when there is none. */
export function keyRingFile(): string {
  const file = findKeyRingFile();
  if (file === undefined) throw new Error('CRO_KEYS_FILE is not set: set it to the key ring that belongs to these records.');
  return file;
}

/** As {@link findConnectionString}. Throws with the remedy when there is none. */
export function connectionString(): string {
  const uri = findConnectionString();
  if (uri === undefined) throw new Error(NO_CONNECTION_STRING);
  return uri;
}

function stackEnvironment(folder: string): Readonly<Record<string, string>> {
  try {
    const parsed = new Map<string, unknown>(Object.entries(JSON.parse(readFileSync(join(folder, 'env.json'), 'utf8')) as object));
    return Object.fromEntries(FROM_STACK.flatMap((name) => {
      const value = parsed.get(name);
      return typeof value === 'string' && value !== '' ? [[name, value]] : [];
    }));
  } catch {
    return {};
  }
}
