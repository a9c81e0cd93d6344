import { CRO, personOf } from '../support/cast';
import { cleanups, ownTemporal, startAgain } from './support/engines';
import { CALM, commandOf, openSite, type Site } from './support/site';
import { expectSound, untilTold } from './support/soundness';

const croLead = personOf(CRO, 'study_lead');
const WITHIN_MS = 3000;

describe('an act while the worker is stopped and Temporal restarts', () => {
  const cleanup = cleanups();
  let site: Site;
  let restart: () => Promise<void>;

  beforeAll(async () => {
    const temporal = await ownTemporal();
    cleanup.add(temporal.discard);
    restart = async () => {
      await temporal.engine.process.kill();
      await startAgain(temporal.engine);
    };
    site = await openSite({ temporalAddress: temporal.engine.address });
    cleanup.add(site.close);
  });
  afterAll(cleanup.run);

  it('P3 is kept, carried out once when the worker is back, and its answer is readable', async () => {
    const worker = await site.startWorker();
    const recordId = await site.open(CALM);
    await untilTold(site, recordId);
    await worker.kill();
    const command = commandOf(recordId, croLead, { act: 'acknowledge', body: {} });
    expect(await site.order(command, WITHIN_MS)).toEqual({ outcome: 'pending' });
    expect((await site.command(command._id)).status).toBe('received');
    await restart();
    await site.startWorker();
    await site.settleCommands();
    expect((await site.command(command._id)).answer).toMatchObject({ status: 200, body: { id: recordId, rev: 2 } });
    const { actions } = await expectSound(site, recordId);
    expect(actions.filter((action) => action === 'issue.acknowledged')).toHaveLength(1);
  });
});
