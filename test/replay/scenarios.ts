import type { Duration } from '../../contracts/duration';
import { seconds } from '../../contracts/spans';
import type { Capability } from '../../contracts/ids';
import { instantOf } from '../../contracts/instant';
import type { Role } from '../../contracts/people';
import type { Ladder, Policy } from '../../contracts/policy';
import { createRunKeeper } from '../../platform/runKeeper';
import { carriedRecord } from '../../store/openRecords';
import { runAs } from '../../platform/clientInterceptors';
import { CRO, OTHER_CRO, personOf, SPONSOR } from '../support/cast';
import { CAPA_SCENARIOS } from './capaScenarios';
import { PATHWAY_SCENARIOS } from './pathwayScenarios';
import { eventually, openingCommand, policyOf, workflowId, type World } from '../support/world';

/** What a scenario leaves behind: the runs to be kept, oldest first. */
export interface Played {
  readonly workflowId: string;
  /** Absent: the last run. */
  readonly runIds?: readonly string[];
}

export interface Scenario {
  readonly name: string;
  /** Folder of its histories; absent: `escalation`. */
  readonly capability?: Capability;
  /** Plays on a server that suggests a new run after this many events; absent: on the run's own server. */
  readonly continueAfterEvents?: number;
  play(world: World): Promise<Played>;
}

const cro = (role: Role): string => personOf(CRO, role);
const sponsor = (role: Role): string => personOf(SPONSOR, role);
const LONG = seconds(600);
const SHORT = seconds(1);

/** The demo policy with these acknowledge times, everything else far away unless a scenario brings it near. */
function fast(acknowledge: readonly Duration[], change: Partial<Ladder> = {}): Policy {
  return policyOf('demo', (policy) => {
    const ladder = (of: Ladder): Ladder => ({
      ...of, progressWithin: LONG, resolveWithin: LONG, confirmWithin: LONG, secondPersonWithin: LONG, acceptWithin: LONG, reviewWithin: LONG, ...change,
      levels: of.levels.slice(0, acknowledge.length).map((level, index) => ({ ...level, acknowledgeWithin: acknowledge[index] ?? LONG })),
    });
    const { critical, major, minor } = policy.ladders;
    return { ...policy, ladders: { critical: ladder(critical), major: ladder(major), minor: ladder(minor) } };
  });
}

const reached = (world: World, id: string, level: number) => eventually(`level ${level}`, async () => (await world.issue(id)).level >= level);
const recorded = (world: World, id: string, act: string) => eventually(act, async () => (await world.fresh.store.models.steps.countDocuments({ recordId: id, act })) > 0);

async function resolveAndConfirm(world: World, id: string, confirmer: string): Promise<void> {
  await world.act(id, { act: 'resolve', body: { resolution: 'the visit took place' } }, cro('study_lead'));
  await world.act(id, { act: 'confirm', body: {} }, confirmer);
}

async function cancelByTwo(world: World, id: string): Promise<void> {
  await world.act(id, { act: 'cancel', body: { reason: 'opened by mistake' } }, sponsor('study_lead'));
  await world.act(id, { act: 'confirm-cancel', body: {} }, sponsor('quality_head'));
}

export const SCENARIOS: readonly Scenario[] = [
  ...PATHWAY_SCENARIOS,
  ...CAPA_SCENARIOS,
  {
    name: 'one-track',
    async play(world) {
      const id = await world.open({ policy: fast([SHORT, LONG, LONG, LONG]), raising: CRO, accountable: CRO });
      await reached(world, id, 2);
      await world.act(id, { act: 'acknowledge', body: {} }, cro('study_lead'));
      await resolveAndConfirm(world, id, cro('quality_head'));
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'two-tracks-to-level-3',
    async play(world) {
      const id = await world.open({ policy: fast([SHORT, SHORT, LONG, LONG]) });
      await reached(world, id, 3);
      await world.act(id, { act: 'acknowledge', body: { note: 'seen' } }, cro('quality_head'));
      await world.act(id, { act: 'acknowledge', body: {} }, sponsor('quality_head'));
      await world.act(id, { act: 'progress', body: { note: 'asking the site', nextUpdateAt: instantOf(Date.now() + 3_600_000) } }, cro('quality_head'));
      await world.act(id, { act: 'progress', body: { note: 'a visit is planned' } }, cro('quality_head'));
      await world.act(id, { act: 'resolve', body: { resolution: 'planned' } }, cro('quality_head'));
      await world.act(id, { act: 'reject', body: { reason: 'no date' } }, sponsor('study_lead'));
      await world.act(id, { act: 'acknowledge', body: {} }, cro('study_lead'));
      await resolveAndConfirm(world, id, sponsor('study_lead'));
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'exhausted-and-reviewed',
    async play(world) {
      const id = await world.open({ policy: fast([SHORT, SHORT], { reviewWithin: SHORT }) });
      await eventually('a lapsed review', async () => (await world.issue(id)).armed.some((deadline) => deadline.name === 'review') && (await lapses(world, id, 'review')) > 0);
      await world.act(id, { act: 'acknowledge', body: {} }, cro('executive'));
      await world.act(id, { act: 'acknowledge', body: {} }, sponsor('executive'));
      await resolveAndConfirm(world, id, sponsor('study_lead'));
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'cancelled-by-two',
    async play(world) {
      const id = await world.open({ policy: fast([LONG]) });
      await cancelByTwo(world, id);
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'handed-over',
    async play(world) {
      const id = await world.open({ policy: fast([LONG], { acceptWithin: SHORT }), raising: CRO, accountable: CRO });
      await world.act(id, { act: 'acknowledge', body: {} }, cro('study_lead'));
      await world.act(id, { act: 'hand-over', body: { toPersonId: cro('contributor'), note: 'on leave' } }, cro('study_lead'));
      await eventually('the hand-over lapsed', async () => (await lapses(world, id, 'handover/accountable')) > 0);
      await world.act(id, { act: 'hand-over', body: { toPersonId: cro('quality'), note: 'on leave' } }, cro('study_lead'));
      await world.act(id, { act: 'accept', body: {} }, cro('quality'));
      await resolveAndConfirm(world, id, cro('quality_head'));
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'nobody-there',
    async play(world) {
      await world.fresh.store.models.memberships.updateMany({ organisationId: OTHER_CRO }, { $set: { active: false } });
      const id = await world.open({ policy: fast([LONG, LONG, LONG, LONG]), accountable: OTHER_CRO });
      await eventually('exhausted', async () => (await world.issue(id)).status === 'exhausted');
      await cancelByTwo(world, id);
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'regraded',
    async play(world) {
      const id = await world.open({ policy: fast([LONG, LONG]) });
      await world.act(id, { act: 'regrade', body: { severity: 'critical', reason: 'a subject is affected' } }, sponsor('study_lead'));
      await world.act(id, { act: 'acknowledge', body: {} }, cro('study_lead'));
      await cancelByTwo(world, id);
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'continued',
    continueAfterEvents: 40,
    async play(world) {
      const id = await world.open({ policy: fast([LONG, LONG]) });
      const handle = world.client.workflow.getHandle(workflowId(id));
      const { runId: first } = await handle.describe();
      await eventually('a second run', async () => {
        await world.act(id, { act: 'comment', body: { text: 'one more' } }, cro('study_lead'));
        return (await handle.describe()).runId !== first;
      });
      const { runId: second } = await handle.describe();
      await cancelByTwo(world, id);
      return { workflowId: workflowId(id), runIds: [first, second] };
    },
  },
  {
    name: 'adopted-after-conflict',
    async play(world) {
      const id = await world.open({ policy: fast([LONG, LONG]) });
      // What a run finds whose engine was restored from an older copy: the record is ahead of it.
      await world.fresh.store.models.records.updateOne({ _id: id }, { $inc: { rev: 1 } });
      await world.act(id, { act: 'comment', body: { text: 'after the restore' } }, cro('study_lead'));
      await cancelByTwo(world, id);
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'rebuilt-from-record',
    async play(world) {
      const id = await world.open({ policy: fast([LONG, LONG]) });
      const reason = 'no run was found for the open record';
      const keeper = createRunKeeper(world.client, world.taskQueue);
      await runAs({ kind: 'system', name: 'test', correlationId: 'test' }, () => keeper.terminate(workflowId(id), 'test'));
      const carried = await carriedRecord(world.fresh.store, { recordId: id, reason });
      if (!carried) throw new Error('no record');
      await keeper.rebuild('escalation', carried);
      await recorded(world, id, 'rebuild');
      await cancelByTwo(world, id);
      return { workflowId: workflowId(id) };
    },
  },
  {
    name: 'refused-as-repeated',
    async play(world) {
      const first = await world.open({ policy: fast([LONG]), dedupeKey: 'uptime' });
      const second = openingCommand({ policy: fast([LONG]), dedupeKey: 'uptime' });
      await world.send(second, 20_000).then(() => { throw new Error('the second opening was taken'); }, () => undefined);
      await cancelByTwo(world, first);
      return { workflowId: workflowId(second.recordId) };
    },
  },
];

async function lapses(world: World, id: string, name: string): Promise<number> {
  return world.fresh.store.models.steps.countDocuments({ recordId: id, key: { $regex: `^lapse/${name}/` } });
}
