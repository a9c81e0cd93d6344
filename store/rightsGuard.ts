import type { Store } from './connection';
import { actionsOn, KEPT, WRITING, type Kept } from './privileges';

const UNAUTHORISED = 13;
/** Whoever may do one of these, anywhere, may give itself the rest. */
const SELF_HELP = ['grantRole', 'createRole', 'createUser', 'anyAction', 'applyOps'] as const;
/** At so many collections a time the guard tries what must not be possible. */
const AT_ONCE = 8;

interface Privilege {
  readonly resource: { readonly db?: string; readonly collection?: string; readonly cluster?: boolean; readonly anyResource?: boolean };
  readonly actions: readonly string[];
}

/** The application's database user may do more than the product does; nothing must start like that. */
export class RightsTooWide extends Error {
  constructor(database: string, why: string) {
    super(
      `What is kept in ${database} is not protected from the application's own database user: ${why}. ` +
        'Give MONGODB_URI a user that has only the role that provisioning makes (set MONGODB_ADMIN_URI once), on a mongod with authentication.',
    );
    this.name = 'RightsTooWide';
  }
}

/**
 * Refuses a store whose user may do more to any collection than store/privileges.ts says, twice over: by the rights it has, and
 * by trying an update and a removal that match nothing (21 CFR 11.10(d), (e); E6(R3) 4.2.2(b); EMA 6.2.1 "access modification").
 * Throws RightsTooWide, or the driver's error when the store is out of reach.
 */
export async function refuseIfRightsTooWide(store: Store): Promise<void> {
  const privileges = await privilegesOf(store);
  const own = SELF_HELP.find((action) => privileges.some(({ actions }) => actions.includes(action)));
  if (own !== undefined) throw new RightsTooWide(store.connection.name, `it may ${own}, and so give itself any right`);
  for (const database of [store.auditConnection.name, store.connection.name]) {
    const excess = excessOf(privileges, database, KEPT.filter(({ audit = false }) => audit === (database === store.auditConnection.name)));
    if (excess !== undefined) throw new RightsTooWide(database, excess);
  }
  for (let n = 0; n < KEPT.length; n += AT_ONCE) await Promise.all(KEPT.slice(n, n + AT_ONCE).map((kept) => tryIt(store, kept)));
}

async function privilegesOf(store: Store): Promise<readonly Privilege[]> {
  const status = await store.connection.db?.admin().command({ connectionStatus: 1, showPrivileges: true });
  const { authenticatedUsers, authenticatedUserPrivileges } = (status?.['authInfo'] ?? {}) as {
    authenticatedUsers?: readonly unknown[];
    authenticatedUserPrivileges?: readonly Privilege[];
  };
  if (authenticatedUsers === undefined || authenticatedUsers.length === 0) throw new RightsTooWide(store.connection.name, 'nobody is signed in, MongoDB runs without authentication');
  return authenticatedUserPrivileges ?? [];
}

/** What the privileges allow in a database beyond its table. A collection that is not in the table may only be read. */
function excessOf(privileges: readonly Privilege[], database: string, table: readonly Kept[]): string | undefined {
  for (const { resource, actions } of privileges) {
    // An empty name stands for every database, or every collection.
    const covers = resource.anyResource === true || resource.db === database || (resource.db === '' && resource.cluster !== true);
    if (!covers || resource.collection?.startsWith('system.') === true) continue;
    const { collection = '' } = resource;
    const kept = table.find((one) => one.collection === collection);
    const found = WRITING.find((action) => actions.includes(action) && !(kept && actionsOn(kept).includes(action)));
    if (found !== undefined) return collection === '' ? `it may ${found} there` : `it may ${found} there, in ${collection}`;
  }
  return undefined;
}

async function tryIt(store: Store, kept: Kept): Promise<void> {
  const connection = kept.audit ? store.auditConnection : store.connection;
  const tried = connection.collection(kept.collection);
  const allowed = actionsOn(kept);
  const nothing = { _id: { $in: [] } };
  if (!allowed.includes('update') && !(await isUnauthorised(() => tried.updateOne(nothing, { $set: { tried: true } })))) throw new RightsTooWide(connection.name, `it may update ${kept.collection}`);
  if (!allowed.includes('remove') && !(await isUnauthorised(() => tried.deleteOne(nothing)))) throw new RightsTooWide(connection.name, `it may remove from ${kept.collection}`);
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
