import { instantOf, plusMs } from '../../contracts/instant';
import type { Beat } from '../../domain/lateness/outage';
import { readChain } from '../../store/auditLog';
import { countDelayed } from '../../store/lateness';
import { findOutage, listOutages, OUTAGE_STREAM, recordBeat, silentProcesses } from '../../store/outages';
import { verifyStore } from '../support/verified';
import { freshStore, type FreshStore } from '../support/mongo';
import { LEDGER_BEGINS, passedDeadline } from '../support/passed';

const T0 = instantOf(Date.UTC(2026, 10, 22, 8));
const EVERY_MS = 1000;

describe('the outage ledger', () => {
  let fresh: FreshStore;
  beforeEach(async () => { fresh = await freshStore(); });
  afterEach(() => fresh.drop());

  const beat = (ms: number, more: Partial<Beat> = {}) => recordBeat(fresh.store, 'sentinel', { at: plusMs(T0, ms), everyMs: EVERY_MS, workerStartedAt: plusMs(T0, -5), turns: null, ...more });

  test('E6 beats in time leave nothing but the last of them', async () => {
    for (const ms of [0, 1000, 2400, 4900]) expect(await beat(ms)).toBeUndefined();
    expect(await fresh.store.models.heartbeats.find({}).lean()).toMatchObject([{ _id: 'sentinel', at: plusMs(T0, 4900) }]);
    expect((await listOutages(fresh.store, { limit: 10 })).items).toEqual([]);
  });

  test('E6 P3 a gap is written once, with its audit entry in the same chain, and is intact', async () => {
    await beat(0);
    const [first, second] = await Promise.all([beat(60_000, { workerStartedAt: plusMs(T0, 59_000) }), beat(60_000, { workerStartedAt: plusMs(T0, 59_000) })]);
    const outage = first ?? second;
    expect([first, second].filter((one) => one !== undefined)).toHaveLength(1);
    expect(outage).toMatchObject({ from: T0, until: plusMs(T0, 60_000), lastedMs: 60_000, cause: 'worker', process: 'sentinel' });
    expect(await findOutage(fresh.store, outage?._id ?? '')).toEqual(outage);
    const entries = await readChain(fresh.store, OUTAGE_STREAM, { limit: 10 });
    expect(entries).toMatchObject([{ seq: 1, action: 'outage.recorded', detail: { id: outage?._id, from: T0, until: plusMs(T0, 60_000), cause: 'worker' } }]);
    expect((await verifyStore(fresh.store)).intact).toBe(true);
  });

  test('E6 a beat that was sent again after a lost answer says nothing twice, and a clock behind takes none back', async () => {
    await beat(0);
    expect(await beat(60_000)).toBeDefined();
    expect(await beat(60_000)).toBeUndefined();
    expect(await beat(30_000)).toBeUndefined();
    expect((await fresh.store.models.heartbeats.findById('sentinel').lean())?.at).toBe(plusMs(T0, 60_000));
    expect((await listOutages(fresh.store, { limit: 10 })).items).toHaveLength(1);
  });

  test('E6 an outage that is not over shows as silence', async () => {
    expect(await silentProcesses(fresh.store, T0)).toEqual([]);
    await beat(0);
    expect(await silentProcesses(fresh.store, plusMs(T0, 2500))).toEqual([]);
    expect(await silentProcesses(fresh.store, plusMs(T0, 2501))).toEqual([{ process: 'sentinel', from: T0 }]);
  });

  test('E6 pages go from the latest backwards', async () => {
    for (const ms of [0, 10_000, 20_000, 30_000]) await beat(ms);
    const first = await listOutages(fresh.store, { limit: 2 });
    expect(first.items.map(({ from }) => from)).toEqual([plusMs(T0, 20_000), plusMs(T0, 10_000)]);
    const second = await listOutages(fresh.store, { limit: 2, after: first.next });
    expect(second).toEqual({ items: [expect.objectContaining({ from: T0 })] });
  });

  test('E6 what an outage delayed: due in the gap and recorded after it, or late; not what was on time, nor what was due before or after', async () => {
    const gap = { from: plusMs(LEDGER_BEGINS, 10_000), until: plusMs(LEDGER_BEGINS, 20_000) };
    const recorded = (dueMs: number, lateByMs: number) => ({ dueMs, lateByMs, recordedLateByMs: lateByMs, recordedAt: plusMs(LEDGER_BEGINS, dueMs + lateByMs) });
    await fresh.store.models.deadlineLedger.insertMany([
      passedDeadline('before', recorded(9999, 15_000)), passedDeadline('caught-up-before-the-beat', recorded(10_000, 6000)),
      passedDeadline('after-the-beat', recorded(19_800, 300)), passedDeadline('on-time', recorded(15_000, 40)), passedDeadline('after', recorded(20_000, 9000)),
      passedDeadline('warned', { ...recorded(12_000, 9000), warning: 0.8 }), passedDeadline('progress', { ...recorded(12_000, 7000), kind: 'progress' }),
    ]);
    expect(await countDelayed(fresh.store, gap)).toEqual([
      { capability: 'escalation', kind: 'ack', count: 3, maxLateByMs: 9000 }, { capability: 'escalation', kind: 'progress', count: 1, maxLateByMs: 7000 },
    ]);
  });
});
