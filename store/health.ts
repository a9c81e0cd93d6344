import type { Store } from './connection';

/** The database's own clock; also proof that it answers as a writable primary. Throws when it does not. */
export async function databaseNow(store: Store): Promise<Date> {
  const hello = await store.connection.getClient().db('admin').command({ hello: 1 });
  if (hello['isWritablePrimary'] !== true || !(hello['localTime'] instanceof Date)) throw new Error('mongod is not a writable primary');
  return hello['localTime'];
}
