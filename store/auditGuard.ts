import type { Store } from './connection';
import { AUDIT_COLLECTIONS } from './databaseRole';

const UNAUTHORISED = 13;

/** What would change, hide or unprotect entries (EMA 6.2.1: also "access modification"). */
const FORBIDDEN = [
  'update', 'remove', 'dropCollection', 'dropDatabase', 'renameCollection', 'renameCollectionSameDB', 'collMod', 'convertToCapped',
  'bypassDocumentValidation', 'dropIndex', 'anyAction',
] as const;
/** Whoever may do one of these, anywhere, may give itself the rest. */
const SELF_HELP = ['grantRole', 'createRole', 'createUser', 'anyAction', 'applyOps'] as const;

interface Privilege {
  readonly resource: { readonly db?: string; readonly collection?: string; readonly cluster?: boolean; readonly anyResource?: boolean };
  readonly actions: readonly string[];
}

/** The application's database user may change the audit trail; nothing must start like that. */
export class AuditWritable extends Error {
  constructor(database: string, why: string) {
    super(
      `The audit trail in ${database} is not protected from the application's own database user: ${why}. ` +
        'Give MONGODB_URI a user that has only the role that provisioning makes (set MONGODB_ADMIN_URI once), on a mongod with authentication.',
    );
    this.name = 'AuditWritable';
  }
}

/**
 * Refuses a store whose user could change the audit trail, twice over: by the rights it has, and by
 * trying an update and a removal that match nothing (21 CFR 11.10(e), E6(R3) 4.2.2(b)).
 * Throws AuditWritable, or the driver's error when the store is out of reach.
 */
export async function refuseIfAuditWritable(store: Store): Promise<void> {
  const database = store.auditConnection.name;
  const excess = excessOf(await privilegesOf(store), database);
  if (excess !== undefined) throw new AuditWritable(database, excess);
  for (const collection of AUDIT_COLLECTIONS) {
    const trail = store.auditConnection.collection(collection);
    const nothing = { _id: { $in: [] } };
    if (!(await isUnauthorised(() => trail.updateOne(nothing, { $set: { tried: true } })))) throw new AuditWritable(database, `it may update ${collection}`);
    if (!(await isUnauthorised(() => trail.deleteOne(nothing)))) throw new AuditWritable(database, `it may remove from ${collection}`);
  }
}

async function privilegesOf(store: Store): Promise<readonly Privilege[]> {
  const status = await store.connection.db?.admin().command({ connectionStatus: 1, showPrivileges: true });
  const { authenticatedUsers, authenticatedUserPrivileges } = (status?.['authInfo'] ?? {}) as {
    authenticatedUsers?: readonly unknown[];
    authenticatedUserPrivileges?: readonly Privilege[];
  };
  if (authenticatedUsers === undefined || authenticatedUsers.length === 0) throw new AuditWritable(store.auditConnection.name, 'nobody is signed in, MongoDB runs without authentication');
  return authenticatedUserPrivileges ?? [];
}

function excessOf(privileges: readonly Privilege[], database: string): string | undefined {
  for (const { resource, actions } of privileges) {
    const own = SELF_HELP.find((action) => actions.includes(action));
    if (own !== undefined) return `it may ${own}, and so give itself any right`;
    const found = FORBIDDEN.find((action) => actions.includes(action));
    // An empty name stands for every database, or every collection.
    const covers = resource.anyResource === true || resource.db === database || (resource.db === '' && resource.cluster !== true);
    const spares = resource.collection?.startsWith('system.') === true;
    if (found !== undefined && covers && !spares) return `it may ${found} there`;
  }
  return undefined;
}

async function isUnauthorised(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return false;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNAUTHORISED) return true;
    throw error;
  }
}
