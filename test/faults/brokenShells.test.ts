import { CRO, personOf, SPONSOR } from '../support/cast';
import { engines } from '../support/engines';
import { eventually, openingCommand } from '../support/world';
import { brokenBundle, type Breakage } from './support/brokenBundle';
import { backUp, cleanups, ownTemporal } from './support/engines';
import { CALM, commandOf, ladderOfSeconds, openSite, type Site } from './support/site';
import { expectSound, untilTold } from './support/soundness';

const lead = personOf(SPONSOR, 'study_lead');
const croLead = personOf(CRO, 'study_lead');
const croManager = personOf(CRO, 'project_manager');

/** Time to acknowledge where the deadline has to pass while a commit is under way, s. */
const DUE_S = 6;
const DUE_SOON = ladderOfSeconds(DUE_S, 3600);

const BREAKAGES = {
  noAdopting: {
    line: "case 'conflict':\n            this.#adopt(result.record);",
    instead: "case 'conflict':\n            throw refusal('rev_mismatch', 'the store knows better', {});",
  },
  noSecondRefuse: { line: 'this.#throwIfRefused(input, at, earlier);\n', instead: '\n' },
  deadlineNotRechecked: {
    line: 'const armed = this.#armed.find((other) => other.name === name && other.due === due);',
    instead: 'const armed: ArmedDeadline | undefined = deadline;',
  },
} as const satisfies Record<string, Breakage>;

/** A site that runs one version of the shell. */
interface Shell {
  readonly site: Site;
  readonly bundle: string;
}

/** A shell broken on purpose must fail the scenario that is there to catch it, and the real one pass it. */
describe('shells', () => {
  const cleanup = cleanups();
  afterAll(cleanup.run);

  /** A site with the real shell and one with a broken one. */
  async function shellsOf(breakage: Breakage, temporalAddress = engines.temporalAddress): Promise<readonly Shell[]> {
    const { codePath, discard } = await brokenBundle(breakage);
    cleanup.add(discard);
    return Promise.all([engines.bundle, codePath].map(async (bundle) => {
      const site = await openSite({ temporalAddress });
      cleanup.add(site.close);
      return { site, bundle };
    }));
  }

  it('E6 a shell that does not check again whether a deadline is armed is held back by the store, and stands still', async () => {
    const [real, broken] = await outcomes(await shellsOf(BREAKAGES.deadlineNotRechecked), acknowledgedThenDue);
    expect(real).toBe('sound');
    // The store, which knows what the record waits for, keeps it from escalating; it gets nowhere.
    expect(broken).toContain('waited 20000 ms for: the raising side climbs');
  });

  it('P10 a shell that does not ask a second time lets two people acknowledge', async () => {
    const [real, broken] = await outcomes(await shellsOf(BREAKAGES.noSecondRefuse), twoAcknowledge);
    expect(real).toBe('sound');
    expect(broken).toContain('both were answered 200, 200');
  });

  it('a shell that does not adopt the record is lost when the engine comes back from an older copy', async () => {
    const temporal = await ownTemporal();
    cleanup.add(temporal.discard);
    const shells = await shellsOf(BREAKAGES.noAdopting, temporal.engine.address);
    const opened = await Promise.all(shells.map(withOneIssue));
    const backup = await backUp(temporal);
    await Promise.all(opened.map(goOn));
    await backup.restore();
    const [real, broken] = await outcomes(opened, oneMore);
    expect(real).toBe('sound');
    expect(broken).toContain('the command after the restore came out as 409');
  });
});

/** The acknowledge is accepted; its commit is under way when the worker dies and the deadline passes. */
async function acknowledgedThenDue({ site, bundle }: Shell): Promise<void> {
  const opening = openingCommand({ policy: DUE_SOON });
  const { recordId } = opening;
  const worker = await site.startWorker({ bundle, points: [{ at: 'before commit', recordId, act: 'acknowledge' }] });
  await site.order(opening);
  await untilTold(site, recordId);
  const answer = site.order(commandOf(recordId, croLead, { act: 'acknowledge', body: {} }), 60_000);
  await worker.crashed(DUE_S * 1000);
  await new Promise((resolve) => setTimeout(resolve, DUE_S * 1000));
  await site.startWorker({ bundle });
  await answer;
  await site.settleCommands();
  // The other side's deadline has passed as well, and nobody acknowledged there: its climb shows that timers were looked at.
  await eventually('the raising side climbs', async () => (await site.store.models.steps.exists({ recordId, key: /^lapse\/ack\/raising/ })) !== null);
  await untilTold(site, recordId);
  const { steps } = await expectSound(site, recordId);
  const escalated = steps.filter((step) => step.key.startsWith('lapse/ack/accountable'));
  if (escalated.length > 0) throw new Error(`the acknowledged issue escalated: ${escalated.map((step) => step.key).join()}`);
}

/** Two people of one side acknowledge while nobody works: both are judged before either is committed. */
async function twoAcknowledge({ site, bundle }: Shell): Promise<void> {
  const { recordId } = await withOneIssue({ site, bundle });
  const commands = [croLead, croManager].map((by) => commandOf(recordId, by, { act: 'acknowledge', body: {} }));
  const answers = Promise.all(commands.map((command) => site.order(command, 60_000)));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await site.startWorker({ bundle });
  await answers;
  await site.settleCommands();
  const statuses = await Promise.all(commands.map(async (command) => (await site.command(command._id)).answer?.status));
  if (statuses.toSorted().join() !== '200,409') throw new Error(`both were answered ${statuses.join(', ')}`);
  await untilTold(site, recordId);
  const { actions } = await expectSound(site, recordId);
  expect(actions.filter((action) => action === 'issue.acknowledged')).toHaveLength(1);
}

type Opened = Shell & { readonly recordId: string };

/** An open issue that everybody was told of, and no worker. */
async function withOneIssue(shell: Shell): Promise<Opened> {
  const { site, bundle } = shell;
  const worker = await site.startWorker({ bundle });
  const recordId = await site.open(CALM);
  await untilTold(site, recordId);
  await worker.stop();
  return { ...shell, recordId };
}

/** Three commands that an older copy of the engine does not know. */
async function goOn({ site, bundle, recordId }: Opened): Promise<void> {
  const worker = await site.startWorker({ bundle });
  for (const text of ['one', 'two', 'three']) await site.order(commandOf(recordId, lead, { act: 'comment', body: { text } }));
  await worker.stop();
}

/** The next command must work all the same. */
async function oneMore({ site, bundle, recordId }: Opened): Promise<void> {
  await site.startWorker({ bundle });
  const delivered = await site.order(commandOf(recordId, lead, { act: 'comment', body: { text: 'four' } }));
  const status = delivered.outcome === 'answered' ? delivered.answer.status : delivered.outcome;
  if (status !== 200) throw new Error(`the command after the restore came out as ${String(status)}`);
  const { actions } = await expectSound(site, recordId);
  expect(actions.filter((action) => action === 'comment.added')).toHaveLength(4);
}

/** Plays a scenario with each shell, side by side: `sound`, or what went wrong. */
function outcomes<S extends Shell>(shells: readonly S[], play: (shell: S) => Promise<void>): Promise<readonly string[]> {
  return Promise.all(shells.map((shell) => play(shell).then(() => 'sound', String)));
}
