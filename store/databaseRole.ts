import { mongo } from 'mongoose';
import { auditDatabaseOf, mainDatabaseOf } from './connection';

/** All that the application may do to the audit trail, to signatures and to evidence: 21 CFR 11.10(e), 11.70, E6(R3) 4.2.2(b). */
const AUDIT_ACTIONS = ['find', 'insert', 'changeStream', 'listIndexes'] as const;
export const AUDIT_COLLECTIONS = ['audit', 'anchors', 'anchor_leaves', 'signatures', 'evidence', 'evidence_links', 'evidence_link_withdrawals', 'evidence.files', 'evidence.chunks'] as const;

/** Name, in `admin`, of the application's role for a pair of databases: `cro_application` for `cro`. */
export function applicationRoleOf(mainDatabase: string): string {
  return `${mainDatabase}_application`;
}

/**
 * Creates or corrects the application's role and the user that `applicationUri` names, password
 * included. Idempotent. Throws when the URI names no user or password, or the administrator itself.
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
  const audit = auditDatabaseOf(mainDatabase);
  const privileges = AUDIT_COLLECTIONS.map((collection) => ({ resource: { db: audit, collection }, actions: [...AUDIT_ACTIONS] }));
  const { roles: found } = await admin.command({ rolesInfo: role });
  const command = Array.isArray(found) && found.length > 0 ? { updateRole: role } : { createRole: role };
  await admin.command({ ...command, privileges, roles: [{ role: 'readWrite', db: mainDatabase }] });
}

function credentialsOf(uri: string): { username: string; password: string; source: string } {
  // Never connected: the driver's own reading of a connection string, escapes and defaults included.
  const { credentials } = new mongo.MongoClient(uri).options;
  if (credentials?.username === undefined || credentials.username === '' || credentials.password === '') {
    throw new Error('MONGODB_URI must name the application\'s user and password, mongodb://user:password@host/cro?authSource=admin');
  }
  return { username: credentials.username, password: credentials.password, source: credentials.source };
}
