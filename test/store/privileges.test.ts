import type { mongo } from 'mongoose';
import type { Models } from '../../store/models';
import { actionsOn, KEPT, keptOf } from '../../store/privileges';
import { refuseIfRightsTooWide, RightsTooWide } from '../../store/rightsGuard';
import { provisionApplicationUser } from '../../store/databaseRole';
import { freshStore, type FreshStore } from '../support/mongo';

const UNAUTHORISED = 13;
/** Provisioning's own lock and change log, made and used by the administrator. */
const PROVISIONING = ['migrations', 'migrations_lock', 'provisioning_lock'];
const named = KEPT.map((kept) => [`${kept.audit ? 'audit ' : ''}${kept.collection}`, kept] as const);

describe('P3 what the application may do to each collection', () => {
  let fresh: FreshStore;
  beforeAll(async () => { fresh = await freshStore(); });
  afterAll(async () => { await fresh.drop(); });

  const placeOf = ({ audit, collection }: { audit?: true; collection: string }, by: 'application' | 'administrator') => {
    const { main, audit: trail } = fresh.admin;
    const client = by === 'administrator' ? fresh.admin.client : fresh.store.connection.getClient();
    return client.db((audit ? trail : main).databaseName).collection<{ _id: string; x?: number }>(collection);
  };

  it('P3 has a row for each collection that there is', async () => {
    const there = async (db: mongo.Db) => (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
    const inTable = (audit: boolean) => KEPT.filter((kept) => (kept.audit ?? false) === audit).map(({ collection }) => collection);
    expect(inTable(false)).toEqual(expect.arrayContaining((await there(fresh.admin.main)).filter((name) => !PROVISIONING.includes(name) && name !== 'issues')));
    expect(inTable(true)).toEqual(expect.arrayContaining(await there(fresh.admin.audit)));
  });

  it('P3 each row names the collection and the database of its model', () => {
    const ofModels = Object.entries(fresh.store.models).map(([name, model]) => [name, model.collection.collectionName, model.db.name === fresh.admin.audit.databaseName]);
    expect(ofModels).toEqual((Object.keys(fresh.store.models) as (keyof Models)[]).map((name) => [name, keptOf(name).collection, keptOf(name).audit ?? false]));
  });

  it('P3 says why of each collection that the application may remove from, and these are few', () => {
    const open = KEPT.filter(({ reach }) => reach === 'remove');
    expect(open.map(({ collection }) => collection)).toEqual(['nonces', 'evidence_uploads', 'evidence_upload_chunks', 'histories.chunks', 'sign_in_attempts']);
    expect(open.filter(({ why }) => why === undefined)).toEqual([]);
  });

  it.each(named.filter(([, kept]) => !actionsOn(kept).includes('remove')))('P3 %s: it cannot remove one', async (_name, kept) => {
    const _id = 'protected';
    await placeOf(kept, 'administrator').insertOne({ _id }, { bypassDocumentValidation: true });
    try {
      await expect(placeOf(kept, 'application').deleteOne({ _id })).rejects.toMatchObject({ code: UNAUTHORISED });
      await expect(placeOf(kept, 'application').findOneAndDelete({ _id })).rejects.toMatchObject({ code: UNAUTHORISED });
      expect(await placeOf(kept, 'administrator').countDocuments({ _id })).toBe(1);
    } finally {
      await placeOf(kept, 'administrator').deleteOne({ _id });
    }
  });

  it.each(named.filter(([, kept]) => !actionsOn(kept).includes('update')))('P3 %s: it cannot change one', async (_name, kept) => {
    await expect(placeOf(kept, 'application').updateOne({ _id: 'x' }, { $set: { x: 1 } })).rejects.toMatchObject({ code: UNAUTHORISED });
    await expect(placeOf(kept, 'application').updateOne({ _id: 'x' }, { $set: { x: 1 } }, { upsert: true })).rejects.toMatchObject({ code: UNAUTHORISED });
    await expect(placeOf(kept, 'application').replaceOne({ _id: 'x' }, { x: 1 })).rejects.toMatchObject({ code: UNAUTHORISED });
  });

  it.each<[string, (records: mongo.Collection<{ _id: string; x?: number }>, db: mongo.Db) => Promise<unknown>]>([
    ['drop them', (records) => records.drop()],
    ['have them end in time by an index', (records) => records.createIndexes([{ key: { updatedAt: 1 }, expireAfterSeconds: 1 }])],
    ['drop an index', (records) => records.dropIndex('number_1')],
    ['change their rules', (_records, db) => db.command({ collMod: 'records', validator: {} })],
    ['make others of them', (records) => records.aggregate([{ $out: 'steps' }]).toArray()],
    ['rename them', (records) => records.rename('elsewhere')],
    ['drop the database', (_records, db) => db.dropDatabase()],
    ['say that a migration ran', (_records, db) => db.collection('migrations').insertOne({ fileName: 'x' })],
    ['keep what nobody knows of', (_records, db) => db.collection('other').insertOne({})],
  ])('P3 the application cannot %s', async (_name, act) => {
    const records = placeOf(keptOf('records'), 'application');
    await expect(act(records, fresh.store.connection.getClient().db(fresh.admin.main.databaseName))).rejects.toMatchObject({ code: UNAUTHORISED });
  });

  it.each<[string, mongo.Document[], mongo.Document[]]>([
    ['readWrite, as an earlier release gave it,', [], [{ role: 'readWrite', db: 'MAIN' }]],
    ['remove on the people', [{ resource: { db: 'MAIN', collection: 'people' }, actions: ['remove'] }], []],
    ['update on the matrix', [{ resource: { db: 'MAIN', collection: 'matrix' }, actions: ['find', 'update'] }], []],
    ['remove on the people of every database', [{ resource: { db: '', collection: 'people' }, actions: ['remove'] }], []],
    ['an index on the commands', [{ resource: { db: 'MAIN', collection: 'commands' }, actions: ['createIndex'] }], []],
    ['an insert among the migrations', [{ resource: { db: 'MAIN', collection: 'migrations' }, actions: ['insert'] }], []],
  ])('P3 nothing starts with %s and provisioning takes it back', async (_name, privileges, roles) => {
    const { client, main } = fresh.admin;
    const wide = JSON.parse(JSON.stringify({ privileges, roles }).replaceAll('MAIN', main.databaseName)) as { privileges: mongo.Document[]; roles: mongo.Document[] };
    await client.db('admin').command({ updateRole: `${main.databaseName}_application`, ...wide });
    await expect(refuseIfRightsTooWide(fresh.store)).rejects.toThrow(RightsTooWide);
    await provisionApplicationUser(client, fresh.uri);
    await expect(refuseIfRightsTooWide(fresh.store)).resolves.toBeUndefined();
  });
});
