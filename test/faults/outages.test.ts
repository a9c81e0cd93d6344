import { epochMsOf, plusMs } from '../../contracts/instant';
import { visibilityFilter } from '../../domain/access/ability';
import type { Beat } from '../../domain/lateness/outage';
import { listPassed } from '../../store/lateness';
import { listOutages, silentProcesses } from '../../store/outages';
import type { HeartbeatDoc } from '../../store/schemas/outages';
import { ensureSchedules } from '../../worker/schedules';
import { CRO } from '../support/cast';
import { eventually } from '../support/world';
import { cleanups, ownTemporal } from './support/engines';
import { ladderOfSeconds, openSite, type Site } from './support/site';
import { untilTold } from './support/soundness';

const READER = visibilityFilter([{ id: 'm', personId: 'p', organisationId: CRO, role: 'quality', studyId: null, systemIds: [], from: '2026-01-01T00:00:00.000Z', until: null }], '2100-01-01T00:00:00.000Z' as never) ?? {};

describe('an outage on real engines', () => {
  const cleanup = cleanups();
  let site: Site;
  beforeAll(async () => {
    const temporal = await ownTemporal();
    cleanup.add(temporal.discard);
    site = await openSite({ temporalAddress: temporal.engine.address });
    cleanup.add(site.close);
  });
  afterAll(cleanup.run);

  const lastBeat = async (): Promise<Beat | null> => site.store.models.heartbeats.findById('sentinel').lean<HeartbeatDoc>();
  const beatAfter = (at: string) => eventually('the next beat', async () => {
    const beat = await lastBeat();
    return beat !== null && beat.at > at && beat;
  }, 60_000);

  it('E6 a worker that was stopped while deadlines passed: the outage and each deadline with its lateness are in the ledger', async () => {
    const worker = await site.startWorker();
    await ensureSchedules(site.client, { taskQueue: site.taskQueue, sentinelSeconds: 1 });
    cleanup.add(async () => {
      for (const id of ['sentinel', 'deliver-held', 'expire-uploads', 'daily-anchor']) await site.client.schedule.getHandle(id).delete();
    });
    const recordId = await site.open(ladderOfSeconds(20, 3600));
    await untilTold(site, recordId);
    await beatAfter('');
    await worker.kill();
    const { at: from } = await lastBeat() ?? { at: '' };
    const { openedAt } = await site.issue(recordId);
    expect(Date.parse(from)).toBeLessThan(Date.parse(openedAt) + 20_000);
    await eventually('both levels are long due', () => Promise.resolve(Date.now() > Date.parse(openedAt) + 24_000), 40_000);
    expect(await silentProcesses(site.store, plusMs(from as never, 4000))).toMatchObject([{ process: 'sentinel', from }]);
    await site.startWorker();
    await beatAfter(from);
    const { items: [outage] } = await listOutages(site.store, { limit: 1 });
    expect(outage).toMatchObject({ from, everyMs: 1000, cause: 'worker' });
    const delayed = await eventually('what was due is acted upon and told', async () => {
      const { items } = await listPassed(site.store, { visibility: READER, limit: 10, filter: { from: outage?.from ?? '' as never, to: outage?.until ?? '' as never, delayedUntil: outage?.until } });
      return items.filter(({ warning, toldAt }) => warning === null && toldAt !== null).length === 2 && items;
    }, 30_000);
    const armed = (await site.store.models.steps.findOne({ recordId, rev: 1 }).lean())?.armed ?? [];
    for (const name of ['ack/accountable', 'ack/raising']) {
      const row = delayed.find((one) => one.name === name);
      expect(row).toMatchObject({ recordId, outcome: 'fired', due: armed.find((one) => one.name === name)?.due });
      expect(row?.lateByMs).toBeGreaterThan(3000);
      expect(row?.toldLateByMs ?? 0).toBeGreaterThanOrEqual(row?.lateByMs ?? 1);
    }
  });

  it('E6 a paused schedule is a gap too, and says so', async () => {
    const sentinel = site.client.schedule.getHandle('sentinel');
    await sentinel.pause('maintenance');
    // A turn that was under way goes on beating until it is over.
    const last = await eventually('four seconds without a beat', async () => {
      const beat = await lastBeat();
      return beat !== null && Date.now() - epochMsOf(beat.at) > 4000 && beat;
    }, 60_000);
    await sentinel.unpause();
    await beatAfter(last.at);
    const { items: [outage] } = await listOutages(site.store, { limit: 1 });
    expect(outage).toMatchObject({ from: last.at, cause: 'paused', known: expect.stringContaining('paused') as string });
  });
});
