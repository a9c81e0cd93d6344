import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import mongoose, { mongo } from 'mongoose';
import { auditDatabaseOf, openStore, type Store } from '../../store/connection';
import { applicationRoleOf, provisionApplicationUser } from '../../store/databaseRole';
import { defineModels, type Models } from '../../store/models';
import { commandAuthenticator } from './committing';
import { testSealer } from './sealer';

export interface FreshStore {
  /** Opened as the application's own user, with its narrow rights on the audit trail. */
  readonly store: Store;
  /** The application's connection string; names the fresh database. */
  readonly uri: string;
  /** The administrator's connection string; names the fresh database too. */
  readonly adminUri: string;
  /** The administrator, for tampering and for looking past the application's rights; `models` may change and remove what the application's may not. */
  readonly admin: { readonly client: mongo.MongoClient; readonly main: mongo.Db; readonly audit: mongo.Db; readonly models: Models };
  /** Closes everything and removes databases, role and user. */
  drop(): Promise<void>;
}

/**
 * A pair of databases of its own (`<name>`, `<name>_audit`) with collections, indexes, role and
 * user as provisioning makes them, so that test files can run side by side. Needs
 * TEST_MONGODB_ADMIN_URI, or one's own: an administrator on a replica set with authentication.
 */
export async function freshStore(administrator = testMongoAdminUri()): Promise<FreshStore> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const adminUri = withDatabase(administrator, name);
  const uri = withCredentials(adminUri, { username: name, password: randomBytes(12).toString('hex') });
  const client = await mongo.MongoClient.connect(adminUri);
  const main = client.db(name);
  await applyMigrations(main, client);
  await provisionApplicationUser(client, uri);
  const store = await openStore({ uri, sealer: testSealer(), commandAuthenticator, monitorCommands: true });
  const connection = mongoose.createConnection(adminUri, { dbName: name, autoIndex: false, autoCreate: false, maxPoolSize: 2 });
  const models = defineModels(connection, connection.useDb(auditDatabaseOf(name)));
  const admin = { client, main, audit: client.db(auditDatabaseOf(name)), models };
  const drop = async (): Promise<void> => {
    await store.close();
    await connection.close();
    await main.dropDatabase();
    await admin.audit.dropDatabase();
    await client.db('admin').command({ dropUser: name });
    await client.db('admin').command({ dropRole: applicationRoleOf(name) });
    await client.close();
  };
  return { store, uri, adminUri, admin, drop };
}

/** The administrator's connection string of the test run. Throws with the remedy when there is none. */
export function testMongoAdminUri(): string {
  const uri = process.env['TEST_MONGODB_ADMIN_URI'];
  if (uri === undefined || uri === '') throw new Error('TEST_MONGODB_ADMIN_URI is not set; `npm test` starts mongod and sets it');
  return uri;
}

/** The connection string with another database, authenticating where it did before. */
export function withDatabase(uri: string, database: string): string {
  const url = new URL(uri);
  if (!url.searchParams.has('authSource')) url.searchParams.set('authSource', url.pathname.slice(1) || 'admin');
  url.pathname = `/${database}`;
  return url.toString();
}

function withCredentials(uri: string, user: { username: string; password: string }): string {
  const url = new URL(uri);
  url.username = user.username;
  url.password = user.password;
  url.searchParams.set('authSource', 'admin');
  return url.toString();
}

/** The migrations themselves, without migrate-mongo's change log, which test/store/provision.test.ts covers. */
async function applyMigrations(main: mongo.Db, client: mongo.MongoClient): Promise<void> {
  const folder = path.join(__dirname, '../../store/migrations');
  for (const file of readdirSync(folder).sort()) {
    const migration = (await import(path.join(folder, file))) as { up(db: mongo.Db, client: mongo.MongoClient): Promise<void> };
    await migration.up(main, client);
  }
}
