import { randomUUID } from 'node:crypto';
import type { OpenCapa } from '../../contracts/capa';
import type { CapaPolicy, CapaState, CapaTimings } from '../../contracts/capaState';
import { CAPA } from '../../contracts/capaWords';
import { instantOf, type Instant } from '../../contracts/instant';
import { seconds } from '../../contracts/spans';
import { CAPA_DEFAULT } from '../../domain/capa/defaults';
import { capa } from '../../domain/capa/machine';
import { prepareCapa } from '../../store/capaOpening';
import { jsonOf } from '../../store/commands';
import type { Player } from './capaStory';
import { actOn, openPrepared } from './pathways';
import { giveGrantFor } from './signing';
import { actorFor, type World } from './world';

/** Straight to the engine, with grants as the API gives them. */
export function playerOf(world: World, id: string, now: () => Promise<Instant> = async () => Promise.resolve(instantOf(Date.now()))): Player {
  const state = async () => (await world.issue(id)).state as unknown as CapaState;
  return {
    now, state,
    evidence: async () => Promise.resolve('evidence-1'),
    async act(by, act, body) {
      const signable = capa.signable(await state(), act, jsonOf(body));
      const signature = signable && await giveGrantFor(world.fresh.store, { recordId: id, act, signable, personId: by, organisationId: actorFor(by).organisationId, at: await now() });
      await actOn(world, { capability: CAPA.capability, id, by }, { act, body: jsonOf(signature === undefined ? body : { ...body, signature }) });
    },
  };
}

interface Opened {
  readonly by: string;
  readonly at: Instant;
  readonly policy?: CapaPolicy;
}

/** Opens a CAPA on the engine; answers its id. `policy`: pinned instead of the one in force. */
export async function openedCapa(world: World, request: OpenCapa, { by, at, policy }: Opened): Promise<string> {
  const prepared = await prepareCapa(world.fresh.store, { request, actor: actorFor(by), commandId: randomUUID(), at });
  const answer = await openPrepared(world, policy && 'fresh' in prepared ? { fresh: pinned(prepared.fresh, policy) } : prepared, at);
  return (answer.body as { id: string }).id;
}

type Fresh = Extract<Awaited<ReturnType<typeof prepareCapa>>, { fresh: unknown }>['fresh'];

function pinned(fresh: Fresh, policy: CapaPolicy): Fresh {
  const record = fresh.opening as { readonly opening: object };
  return { ...fresh, opening: jsonOf({ ...record, opening: { ...record.opening, policy } }) };
}

/** The default with every span replaced by `far` unless it is named; never a warning. */
export function quickCapaPolicy(near: Partial<CapaTimings>, far = seconds(600)): CapaPolicy {
  const timings: CapaTimings = {
    response: far, 'root-cause': far, plan: far, corrective: far, preventive: far, verification: far, monitoring: far, assessment: far, closure: far, decision: far, recurrenceWatch: far, warnAt: [], ...near,
  };
  return { ...CAPA_DEFAULT, timings: { critical: timings, major: timings, minor: timings } };
}
