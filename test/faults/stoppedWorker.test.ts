import path from 'node:path';
import { createTemporalGateway } from '../../api/temporalGateway';
import { openKeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { issuesApi } from '../support/issuesApi';
import { eventually, openingCommand, workflowId } from '../support/world';
import { cleanups, ownTemporal, startAgain } from './support/engines';
import { CALM, commandOf, openSite, type Site } from './support/site';
import { expectSound, untilTold } from './support/soundness';

const KEYS_FILE = path.join(__dirname, '../support/test-keys.json');
const ANSWER_WITHIN_MS = 3000;

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

  it('P3 is 202, kept, carried out once when the worker is back, and its answer is readable; an opening comes before the act that waited with it', async () => {
    const worker = await site.startWorker();
    const recordId = await site.open(CALM);
    await untilTold(site, recordId);
    await worker.kill();
    const gateway = createTemporalGateway({ client: site.client, taskQueue: site.taskQueue, codec: createPayloadCodec(openKeyRing(KEYS_FILE)) });
    const lead = await issuesApi(site.store, gateway, ANSWER_WITHIN_MS).as(personOf(CRO, 'study_lead'));
    const sent = await lead.post(`/issues/${recordId}/acknowledge`, {});
    expect(sent.status).toBe(202);
    const answer = async () => (await lead.get((sent.headers['location'] ?? '').replace('/api/v1', ''))).body as object;
    expect(await answer()).toMatchObject({ status: 'received', answer: null });
    await restart();
    // A record and an act on it that wait for a worker together.
    const opening = openingCommand({ policy: CALM });
    const opened = site.order(opening, 60_000);
    await eventually('its run waits', () => site.client.workflow.getHandle(workflowId(opening.recordId)).describe().then(() => true, () => false));
    const commented = site.order(commandOf(opening.recordId, personOf(SPONSOR, 'study_lead'), { act: 'comment', body: { text: 'at once' } }), 60_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await site.startWorker();
    await site.settleCommands();
    expect(await answer()).toMatchObject({ status: 'answered', answer: { status: 200, body: { id: recordId, rev: 2 } } });
    const { actions } = await expectSound(site, recordId);
    expect(actions.filter((action) => action === 'issue.acknowledged')).toHaveLength(1);

    await expect(Promise.all([opened, commented])).resolves.toMatchObject([{ answer: { status: 201 } }, { answer: { status: 200 } }]);
    await untilTold(site, opening.recordId);
    expect((await expectSound(site, opening.recordId)).steps.map(({ act }) => act)).toEqual(['open', 'comment']);
  });
});
