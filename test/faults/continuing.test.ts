import { addressOf, CRO, personOf, SPONSOR } from '../support/cast';
import { cleanups, ownTemporal } from './support/engines';
import { CALM, commandOf, openSite } from './support/site';
import { expectSound, untilTold } from './support/soundness';

const lead = personOf(SPONSOR, 'study_lead');
/** History events after which the server suggests a new run. */
const LONG_HISTORY = 60;
const SLOW_MAIL_MS = 3000;

describe('a run that continues as new', () => {
  const cleanup = cleanups();
  afterAll(cleanup.run);

  it('E2, E6 tells nobody twice when a letter is still on its way to a slow mail server, and keeps its deadlines', async () => {
    const temporal = await ownTemporal({ 'limit.historyCount.suggestContinueAsNew': LONG_HISTORY });
    cleanup.add(temporal.discard);
    const site = await openSite({ temporalAddress: temporal.engine.address });
    cleanup.add(site.close);
    await site.startWorker();
    const recordId = await site.open(CALM);
    await untilTold(site, recordId);
    const handle = site.client.workflow.getHandle(`escalation/${recordId}`);
    const { runId } = await handle.describe();
    site.mailbox.takeAfter(SLOW_MAIL_MS);
    await site.order(commandOf(recordId, lead, { act: 'escalate', body: { reason: 'it burns' } }));
    // Effects are outside the lock: the answer does not wait for the letter.
    await site.order(commandOf(recordId, lead, { act: 'comment', body: { text: 'meanwhile' } }));
    expect(await site.store.models.notices.exists({ recordId, status: 'pending' })).not.toBeNull();
    for (let index = 0; index < 12; index += 1) await site.order(commandOf(recordId, lead, { act: 'comment', body: { text: `comment ${index}` } }));
    await untilTold(site, recordId);
    site.mailbox.takeAfter(0);
    await site.order(commandOf(recordId, lead, { act: 'comment', body: { text: 'the last' } }));
    expect((await handle.describe()).runId).not.toBe(runId);
    expect((await site.issue(recordId)).armed.map(({ name }) => name)).toEqual(expect.arrayContaining(['resolution', 'ack/accountable', 'ack/raising']));
    const { letters, notices } = await expectSound(site, recordId);
    expect(letters.filter((letter) => letter.to.includes(addressOf(CRO, 'study_lead')))).toHaveLength(1);
    expect(notices.filter((notice) => notice.possiblyRepeated)).toEqual([]);
  });
});
