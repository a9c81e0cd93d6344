import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { instantOf } from '../../contracts/instant';
import { hashPassword } from '../../platform/passwords';
import { commandIdOf } from '../../store/commands';
import type { NoticeDoc, RecordDoc, StepDoc } from '../../store/schemas/records';
import { verifyStore } from '../support/verified';
import { cleanups, ownTemporal } from '../faults/support/engines';
import { ladderOfSeconds } from '../faults/support/site';
import { addressOf, CRO, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import { openMailbox, type Mailbox } from '../support/letters';
import { freshStore, type FreshStore } from '../support/mongo';
import { send, startProduct, tokenFor, type ProductProcesses } from '../support/product';
import { eventually, workflowId } from '../support/world';

// One that everybody has, with a ladder of its own.
const TOPIC = 'system';
const ISSUES = 60;
const LANES = 6;
/** Level 1 lapses while processes are being killed. */
const LEVEL_ONE_S = 25;
const PASSWORD = 'correct horse battery';
const lead = personOf(SPONSOR, 'study_lead');
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** What an API took. */
interface Accepted { readonly recordId: string; readonly commandId: string }

describe('two workers and two API processes on one Temporal and one MongoDB', () => {
  const cleanup = cleanups();
  let fresh: FreshStore;
  let mailbox: Mailbox;
  let product: ProductProcesses;
  let token: string;

  beforeAll(async () => {
    const temporal = await ownTemporal();
    cleanup.add(temporal.discard);
    mailbox = await openMailbox();
    cleanup.add(() => mailbox.close());
    fresh = await freshStore();
    cleanup.add(() => fresh.drop());
    await seedCast(fresh.store);
    await fresh.store.models.people.updateOne({ _id: lead }, { $set: { passwordHash: await hashPassword(PASSWORD) } });
    await fresh.store.models.policies.create([{ ...ladderOfSeconds(LEVEL_ONE_S, 3600), key: TOPIC, _id: `${TOPIC}/1`, createdAt: instantOf(0) }]);
    token = await tokenFor(fresh.store, lead);
    product = await startProduct({ temporalAddress: temporal.engine.address, mongodbUri: fresh.uri, smtpUrl: mailbox.url, workers: 2, apis: 2, sentinelSeconds: 5 });
    cleanup.add(() => product.stop());
  }, 180_000);
  afterAll(cleanup.run);

  const url = (index: number, path: string): string => `${product.apis[index % product.apis.length]?.url ?? ''}${path}`;
  const issueBody = (title: string) => ({ studyId: STUDY, topic: TOPIC, title, description: 'd', severity: 'major', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO });

  /** As a patient client behind a balancer: the same key at the next API while one does not answer. */
  async function submit(first: number, path: string, body: object): Promise<Accepted> {
    const key = randomUUID();
    let turn = first;
    await eventually(`an API takes ${path}`, async () => {
      const response = await send(url(turn, path), { token, key, body });
      turn += 1;
      if (!response || response.status === 503 || response.status === 429) return false;
      if (response.status > 202) throw new Error(`${path} was answered ${response.status} ${await response.text()}`);
      return true;
    }, 90_000);
    const [, , , , recordId = null, act = 'open'] = path.split('/');
    const commandId = commandIdOf({ personId: lead, route: act, recordId, key });
    const command = await fresh.store.models.commands.findById(commandId).lean();
    return { recordId: command?.recordId ?? '', commandId };
  }

  it('P3 the same Idempotency-Key gets the same answer at the other API, also at the same moment', async () => {
    const key = randomUUID();
    const ask = (index: number) => send(url(index, '/api/v1/issues'), { token, key, body: issueBody('once') });
    const answers = [...await Promise.all([ask(0), ask(1)]), await ask(1)];
    const bodies = await Promise.all(answers.map(async (answer) => ((await answer?.json()) as { id?: string } | undefined)?.id));
    expect(answers.map((answer) => answer?.status)).toEqual([201, 201, 201]);
    expect(new Set(bodies).size).toBe(1);
    expect(answers[2]?.headers.get('idempotency-replayed')).toBe('true');
    expect(await fresh.store.models.records.countDocuments({ 'content.title': 'once' })).toBe(1);
  });

  it('a session of one API is good at the other, and bad sign-ins count at both together', async () => {
    const signIn = (index: number, email: string, password: string) => fetch(url(index, '/api/v1/sessions'), {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email, password }),
    });
    const signedIn = await signIn(0, addressOf(SPONSOR, 'study_lead'), PASSWORD);
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await fetch(url(1, '/api/v1/sessions'), { headers: { Cookie: cookie } })).status).toBe(200);
    const other = 'nobody@example.org';
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) statuses.push((await signIn(attempt, other, 'wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await signIn(0, other, 'wrong')).status).toBe(429);
  });

  it('two provisionings at the same moment wait for each other', async () => {
    const ended = await Promise.all([product.provision(fresh.adminUri), product.provision(fresh.adminUri)]);
    expect(ended).toEqual([{ code: 0, said: '' }, { code: 0, said: '' }]);
  });

  describe('under load, one of each is killed', () => {
    const commented: Promise<Accepted>[] = [];
    let issues: readonly string[];
    let pids: readonly number[];

    beforeAll(async () => {
      pids = product.workers.map((worker) => worker.pid ?? 0);
      issues = await openAll();
      const timer = setInterval(() => {
        const turn = commented.length;
        commented.push(submit(turn, `/api/v1/issues/${issues[turn % issues.length] ?? ''}/comment`, { text: `comment ${turn}` }));
      }, 200);
      await pause(4000);
      await product.workers[0]?.kill();
      await pause(2000);
      await product.apis[0]?.process.kill();
      await pause(10_000);
      clearInterval(timer);
      await Promise.all(commented);
      await quiet();
    }, 240_000);

    async function openAll(): Promise<readonly string[]> {
      const opened: string[] = [];
      const lane = async (): Promise<void> => {
        while (opened.length < ISSUES) {
          const index = opened.push('') - 1;
          opened[index] = (await submit(index, '/api/v1/issues', issueBody(`Issue ${index}`))).recordId;
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      return opened;
    }

    /** Until every command is answered, both sides of every issue stand at level 2 and everybody is told. */
    async function quiet(): Promise<void> {
      const { commands, records, steps } = fresh.store.models;
      await eventually('everything has caught up', async () => {
        if ((await commands.exists({ status: 'received' })) !== null || (await steps.exists({ effectsDone: false })) !== null) return false;
        const found = await records.find({ _id: { $in: [...issues] } }, { state: 1 }).lean<Pick<RecordDoc, 'state'>[]>();
        return found.every((issue) => (issue.state as { tracks: { level: number }[] }).tracks.every((track) => track.level >= 2));
      }, 150_000);
    }

    it('both workers took tasks before', async () => {
      const identities = new Set<string>();
      for (const id of issues) for (const identity of await identitiesOf(product.client, id)) identities.add(identity);
      expect([...identities].map((identity) => Number(identity.split('@')[0])).toSorted()).toEqual(pids.toSorted());
    });

    it('P3 nothing that was accepted is lost, and nothing happened twice', async () => {
      const accepted = await Promise.all(commented);
      const committed = await fresh.store.models.steps.find({ act: 'comment' }, { key: 1 }).lean<Pick<StepDoc, 'key'>[]>();
      expect(accepted.length).toBeGreaterThan(40);
      expect(committed.map((step) => step.key).toSorted()).toEqual(accepted.map((comment) => comment.commandId).toSorted());
      expect(await fresh.store.models.records.countDocuments({ topic: TOPIC })).toBe(ISSUES + 1);
    });

    it('E2, E6 every level 2 was told once; a letter came twice only where the kill fell between send and receipt', async () => {
      const told = await fresh.store.models.notices.find({ level: 2, reason: 'level', recordId: { $in: [...issues] } }).lean<NoticeDoc[]>();
      expect(told.map(({ recordId, side, status }) => `${recordId}/${String(side)} ${status}`).toSorted())
        .toEqual(issues.flatMap((id) => [`${id}/accountable told`, `${id}/raising told`]).toSorted());
      const marked = new Set((await fresh.store.models.notices.find({ possiblyRepeated: true }, { messageId: 1 }).lean()).map((notice) => notice.messageId));
      const ids = mailbox.letters.map((letter) => letter.messageId).filter((id) => !marked.has(id));
      expect(ids.length).toBe(new Set(ids).size);
    });

    it('P2 every chain verifies', async () => {
      expect(await verifyStore(fresh.store, {})).toMatchObject({ intact: true, findings: [] });
    });
  });
});

/** Who took the workflow and activity tasks of an issue: `<process id>@<machine>`. */
async function identitiesOf(client: Client, recordId: string): Promise<readonly string[]> {
  const { events } = await client.workflow.getHandle(workflowId(recordId)).fetchHistory();
  return (events ?? []).flatMap((event) => [event.workflowTaskStartedEventAttributes?.identity, event.activityTaskStartedEventAttributes?.identity])
    .filter((identity): identity is string => typeof identity === 'string' && identity !== '');
}
