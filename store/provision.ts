import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { mainDatabaseOf, type Store } from './connection';
import { provisionApplicationUser } from './databaseRole';
import { whileAlone } from './provisionLock';

const CHANGELOG = 'migrations';
const MIGRATIONS = join(__dirname, 'migrations');
/** Of this file as it runs, so of the migrations beside it: `.js` once compiled. */
const EXTENSION = extname(__filename);
/** After this a lock is that of a process that died, s. */
const LOCK_SECONDS = 60;
/** MongoDB looks for expired locks once a minute. */
const LOCK_WAIT_MS = (LOCK_SECONDS + 75) * 1000;

export interface ProvisionedStore {
  /** Migrations that ran now. */
  readonly migrated: readonly string[];
}

/**
 * Brings the databases to what this release needs, as the administrator: collections and indexes by
 * migrations, then the application's role, then its user. Idempotent. Throws when the server is out
 * of reach, a migration fails, or `applicationUri` names no user of its own.
 */
export async function provisionStore(uris: { readonly adminUri: string; readonly applicationUri: string }): Promise<ProvisionedStore> {
  const client = await mongo.MongoClient.connect(uris.adminUri, { serverSelectionTimeoutMS: 10_000, writeConcern: { w: 'majority' } });
  try {
    const main = client.db(mainDatabaseOf(uris.applicationUri));
    return await whileAlone(main, async () => {
      const migrated = await migrate(main, client);
      await provisionApplicationUser(client, uris.applicationUri);
      return { migrated };
    });
  } finally {
    await client.close();
  }
}

/** For a start without an administrator. Throws with the remedy when a migration of this release has not run. */
export async function requireMigrated(store: Store): Promise<void> {
  const log = await store.connection.collection<{ fileName: string }>(CHANGELOG).find({}, { projection: { fileName: 1 } }).toArray();
  const done = new Set(log.map(({ fileName }) => fileName));
  const pending = migrationFiles().filter((file) => !done.has(file));
  if (pending.length > 0) {
    throw new Error(`the database ${store.connection.name} lacks ${pending.join(', ')}: run the provisioning once with MONGODB_ADMIN_URI set`);
  }
}

async function migrate(db: mongo.Db, client: mongo.MongoClient): Promise<readonly string[]> {
  const { config, up } = await import('migrate-mongo');
  config.set({
    migrationsDir: MIGRATIONS,
    changelogCollectionName: CHANGELOG,
    lockCollectionName: 'migrations_lock',
    lockTtl: LOCK_SECONDS,
    migrationFileExtension: EXTENSION,
    // The hash of a compiled file changes with every compiler; it would run released migrations again.
    useFileHash: false,
  });
  const startedAt = Date.now();
  for (;;) {
    try {
      return await up(db, client);
    } catch (error) {
      // migrate-mongo gives its errors no codes.
      const locked = error instanceof Error && error.message.includes('a lock is in place');
      if (!locked || Date.now() - startedAt > LOCK_WAIT_MS) throw error;
      await sleep(1000);
    }
  }
}

function migrationFiles(): readonly string[] {
  return readdirSync(MIGRATIONS).filter((file) => extname(file) === EXTENSION).sort();
}
