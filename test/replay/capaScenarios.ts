import { randomUUID } from 'node:crypto';
import type { CapaSystemCommand, OpenCapa } from '../../contracts/capa';
import type { CapaTimings } from '../../contracts/capaState';
import { CAPA, type ProposalKind } from '../../contracts/capaWords';
import { workflowIdOf } from '../../contracts/ids';
import { instantOf, plusMs } from '../../contracts/instant';
import { seconds } from '../../contracts/spans';
import { jsonOf } from '../../store/commands';
import { openedCapa, playerOf, quickCapaPolicy } from '../support/capaPlayer';
import { chapters, FAILED_RESTORE, PARTS } from '../support/capaStory';
import type { Player } from '../support/capaStory';
import { runsOf } from '../support/runs';
import { eventually, type World } from '../support/world';
import type { Played, Scenario } from './scenarios';

const SHORT = seconds(2);
const TIMES = { actionAfterMs: 600_000, window: SHORT };

/** A CAPA of which these spans are short, and who plays it. */
async function openedWith(world: World, near: Partial<CapaTimings>, more: Partial<OpenCapa> = {}): Promise<{ id: string; player: Player }> {
  const id = await openedCapa(world, { ...FAILED_RESTORE, ...more }, { by: PARTS.verifier, at: instantOf(Date.now()), policy: quickCapaPolicy(near) });
  return { id, player: playerOf(world, id) };
}

const reaches = (player: Player, status: string) => eventually(status, async () => (await player.state()).status === status);
const isOver = (world: World, id: string) => eventually('it is over', async () => (await world.issue(id)).done);
/** A CAPA's story is a run for each iteration, and one for the watch. */
async function played(world: World, id: string): Promise<Played> {
  const workflowId = workflowIdOf(CAPA.capability, id);
  return { workflowId, runIds: (await runsOf(world, workflowId)).map(({ runId }) => runId) };
}

/** One person proposes, quality of the raising side signs. */
async function done(player: Player, what: ProposalKind, act: 'reject' | 'cancel' | 'waive'): Promise<void> {
  await player.act(PARTS.croQuality, 'propose', { what, reason: 'the same as an older one' });
  await player.act(PARTS.sponsorQuality, act, {});
}

async function toldBySystem(world: World, recordId: string, { act, body }: CapaSystemCommand): Promise<void> {
  const actor = { kind: 'system', name: 'effect', correlationId: 'test' } as const;
  await world.send({ _id: randomUUID(), capability: CAPA.capability, recordId, act, body: jsonOf(body), actor }, 20_000);
}

/** From the failed restore to the end of the watch, ineffective at first: twelve signed acts. */
export async function playTwoIterations(world: World, settled: () => Promise<void> = async () => Promise.resolve()): Promise<string> {
  const { id, player } = await openedWith(world, { recurrenceWatch: SHORT });
  const slow: Player = { ...player, act: async (...said) => { await player.act(...said); await settled(); } };
  await chapters.taken(slow);
  for (const outcome of ['ineffective', 'effective'] as const) {
    await chapters.investigated(slow, TIMES);
    await chapters.planSigned(slow);
    await chapters.implemented(slow);
    await reaches(player, 'effectiveness_check');
    await chapters.assessed(slow, outcome);
  }
  await chapters.closed(slow);
  await isOver(world, id);
  return id;
}

/** CAPAs on a real server. */
export const CAPA_SCENARIOS: readonly Scenario[] = [
  { name: 'capa-two-iterations', capability: 'capa', play: async (world) => played(world, await playTwoIterations(world)) },
  {
    name: 'capa-late-and-extended', capability: 'capa',
    async play(world) {
      const { id, player } = await openedWith(world, {});
      await chapters.taken(player);
      await chapters.investigated(player, { ...TIMES, actionAfterMs: 3000 });
      await chapters.planSigned(player);
      await eventually('an issue of the late action', async () => (await player.state()).links.some(({ kind }) => kind === 'causes'));
      await player.act(PARTS.worker, 'request-extension', { deadline: 'action/c1', newDue: plusMs(await player.now(), 600_000), justification: 'a part is missing', interimControl: 'daily checks', currentDue: null });
      await player.act(PARTS.croQuality, 'grant-extension', { no: 1 });
      await done(player, 'cancellation', 'cancel');
      return played(world, id);
    },
  },
  {
    name: 'capa-returned-and-rejected', capability: 'capa',
    async play(world) {
      const { id, player } = await openedWith(world, {}, { draft: true });
      await player.act(PARTS.verifier, 'save', { problem: FAILED_RESTORE.problem });
      await player.act(PARTS.verifier, 'submit', {});
      await player.act(PARTS.croQuality, 'return', { comments: 'which documents?' });
      await player.act(PARTS.verifier, 'submit', {});
      await done(player, 'rejection', 'reject');
      return played(world, id);
    },
  },
  {
    name: 'capa-waived', capability: 'capa',
    async play(world) {
      const { id, player } = await openedWith(world, { recurrenceWatch: SHORT }, { severity: 'minor' });
      await chapters.taken(player);
      await chapters.investigated(player, { ...TIMES, window: seconds(600) });
      await chapters.planSigned(player);
      await chapters.implemented(player);
      await done(player, 'waiver', 'waive');
      await chapters.closed(player);
      await isOver(world, id);
      return played(world, id);
    },
  },
  {
    name: 'capa-reopened', capability: 'capa',
    async play(world) {
      const { id, player } = await openedWith(world, {});
      await chapters.taken(player);
      await chapters.investigated(player, TIMES);
      await chapters.planSigned(player);
      await chapters.implemented(player);
      await reaches(player, 'effectiveness_check');
      await chapters.assessed(player, 'effective');
      await chapters.closed(player);
      await toldBySystem(world, id, { act: 'recurred', body: { capaId: 'another', number: 'CAPA-0', categories: ['procedure'] } });
      await player.act(PARTS.sponsorQuality, 'reopen', {});
      await done(player, 'cancellation', 'cancel');
      return played(world, id);
    },
  },
];
