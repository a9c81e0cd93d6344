import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

/** Collections of policy versions. */
const VERSIONS = ['policies', 'capa_policies'] as const;
const ONE_LINE_A_KEY = { key: 1, version: -1 } as const;

/**
 * Policies belong to somebody: a key may have versions in several scopes, each with numbers of its own; a version's `_id` holds
 * scope, key and number. Stored versions stay as they were signed: without a scope they are the installation's. Repeating it changes nothing.
 */
export async function up(db: mongo.Db): Promise<void> {
  for (const name of VERSIONS) {
    const collection = db.collection(name);
    const indexes = await collection.indexes();
    const unique = indexes.find(({ key, unique: isUnique }) => isUnique === true && JSON.stringify(key) === JSON.stringify(ONE_LINE_A_KEY));
    if (unique?.name !== undefined) await collection.dropIndex(unique.name);
    await collection.createIndexes([
      { key: { key: 1, scopeKey: 1, version: -1 }, name: 'versions_of_a_line' },
      { key: { 'scope.organisationIds': 1, key: 1 }, name: 'versions_of_a_party', partialFilterExpression: { scopeKey: { $type: 'string' } } },
    ]);
  }
}
