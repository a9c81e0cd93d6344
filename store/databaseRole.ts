import { mongo } from 'mongoose';
import { auditDatabaseOf, mainDatabaseOf } from './connection';
import { actionsOn, KEPT } from './privileges';

/** Name, in `admin`, of the application's role for a pair of databases: `cro_application` for `cro`. */
export function applicationRoleOf(mainDatabase: string): string {
  return `${mainDatabase}_application`;
}

/**
 * Creates or corrects the application's role, with privileges for each collection, and the user that `applicationUri` names,
 * password included. A role of an earlier release, which could write everywhere among the records, loses that. Idempotent. Throws when the URI names no user or password, or the administrator itself.
 */
export async function provisionApplicationUser(admin: mongo.MongoClient, applicationUri: string): Promise<void> {
  const { username, password, source } = credentialsOf(applicationUri);
  if (username === admin.options.credentials?.username && source === admin.options.credentials.source) {
    throw new Error('MONGODB_URI names the administrator of MONGODB_ADMIN_URI; the application needs a user of its own');
  }
  const role = applicationRoleOf(mainDatabaseOf(applicationUri));
  await provisionRole(admin.db('admin'), role, mainDatabaseOf(applicationUri));
  const roles = [{ role, db: 'admin' }];
  const users = admin.db(source);
  const { users: found } = await users.command({ usersInfo: username });
  const command = Array.isArray(found) && found.length > 0 ? { updateUser: username } : { createUser: username };
  await users.command({ ...command, pwd: password, roles });
}

async function provisionRole(admin: mongo.Db, role: string, mainDatabase: string): Promise<void> {
  const databases = { main: mainDatabase, audit: auditDatabaseOf(mainDatabase) };
  const privileges = KEPT.map((kept) => ({ resource: { db: kept.audit ? databases.audit : databases.main, collection: kept.collection }, actions: [...actionsOn(kept)] }));
  const { roles: found } = await admin.command({ rolesInfo: role });
  const command = Array.isArray(found) && found.length > 0 ? { updateRole: role } : { createRole: role };
  await admin.command({ ...command, privileges, roles: [] });
}

function credentialsOf(uri: string): { username: string; password: string; source: string } {
  // Never connected: the driver's own reading of a connection string, escapes and defaults included.
  const { credentials } = new mongo.MongoClient(uri).options;
  if (credentials?.username === undefined || credentials.username === '' || credentials.password === '') {
    throw new Error('MONGODB_URI must name the application\'s user and password, mongodb://user:password@host/cro?authSource=admin');
  }
  return { username: credentials.username, password: credentials.password, source: credentials.source };
}
