import { instantOf } from '../../contracts/instant';
import { archivedHistories, putHistory } from '../../store/archive';
import { freshStore, type FreshStore } from '../support/mongo';

const at = instantOf(Date.UTC(2026, 10, 22, 8));

describe('the archive of histories', () => {
  let fresh: FreshStore;
  beforeAll(async () => { fresh = await freshStore(); });
  afterAll(async () => fresh.drop());

  test('gives back what was put, run by run, and takes each run once', async () => {
    const json = JSON.stringify({ events: Array.from({ length: 5000 }, (_, i) => ({ eventId: String(i), text: 'é'.repeat(50) })) });
    const run = (runId: string) => ({ workflowId: 'escalation/a', runId, json: `${json}${' '.repeat(runId.length)}`, at });
    expect(await putHistory(fresh.store, run('1'))).toBe(true);
    expect(await putHistory(fresh.store, run('2'))).toBe(true);
    expect(await putHistory(fresh.store, run('1'))).toBe(false);
    const at20 = await Promise.all(Array.from({ length: 5 }, async () => putHistory(fresh.store, run('333'))));
    expect(at20.filter(Boolean)).toHaveLength(1);
    const kept = await archivedHistories(fresh.store, 'escalation/a');
    expect(kept.map(({ runId }) => runId)).toEqual(['1', '2', '333']);
    expect(kept[0]?.json).toBe(run('1').json);
    expect(await archivedHistories(fresh.store, 'escalation/b')).toEqual([]);
  });

  test('an upload that was cut off is done again', async () => {
    await fresh.admin.main.collection<{ _id: string; files_id: string; n: number }>('histories.chunks').insertOne({ _id: 'torn', files_id: 'escalation/c|1', n: 0 });
    expect(await putHistory(fresh.store, { workflowId: 'escalation/c', runId: '1', json: '{}', at })).toBe(true);
    expect((await archivedHistories(fresh.store, 'escalation/c'))[0]?.json).toBe('{}');
  });

  test('a history that was changed underneath is not given out', async () => {
    await putHistory(fresh.store, { workflowId: 'escalation/d', runId: '1', json: '{"a":1}', at });
    await fresh.admin.main.collection<{ _id: string }>('histories.files').updateOne({ _id: 'escalation/d|1' }, { $set: { 'metadata.sha256': '0'.repeat(64) } });
    await expect(archivedHistories(fresh.store, 'escalation/d')).rejects.toThrow('does not match its SHA-256');
  });
});
