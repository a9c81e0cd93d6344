import { randomUUID } from 'node:crypto';
import type { Capability } from '../../contracts/ids';
import { instantOf } from '../../contracts/instant';
import type { Json } from '../../contracts/step';
import { calendarDays, hours } from '../../contracts/spans';
import { prepareCapa } from '../../store/capaOpening';
import { prepareControl } from '../../store/controlOpening';
import { prepareDrill } from '../../store/drillOpening';
import type { PreparedOpening } from '../../store/preparedOpening';
import { FAILED_RESTORE } from './capaStory';
import { CRO, personOf, SPONSOR, STUDY } from './cast';
import { openPrepared } from './pathways';
import { actorFor, policyOf, type World } from './world';

/** Who opens and acts on one record of each capability. */
export const LEAD = personOf(SPONSOR, 'study_lead');

/** One act of each pathway that the lead may do, and that changes its record. */
export const ACTS: Readonly<Record<Capability, { readonly act: string; readonly body: Json }>> = {
  escalation: { act: 'acknowledge', body: {} }, control: { act: 'stop', body: { reason: 'forged' } }, drill: { act: 'end', body: { reason: 'forged' } }, capa: { act: 'propose', body: { what: 'cancellation', reason: 'forged' } },
};

/** Opens a record of a capability; its id. The matrix row of `putRow` must be in force. */
export async function openOne(world: World, capability: Capability): Promise<string> {
  const { store } = world.fresh;
  const at = instantOf(Date.now());
  const by = { actor: actorFor(LEAD), commandId: randomUUID(), at };
  const parties = { studyId: STUDY, topic: 'data' } as const;
  const opened = async (prepared: PreparedOpening): Promise<string> => ((await openPrepared(world, prepared, at)).body as { id: string }).id;
  switch (capability) {
    case 'escalation':
      return world.open({ policy: policyOf('default') });
    case 'control':
      return opened(await prepareControl(store, { ...by, request: { kind: 'contact', ...parties, organisationIds: [SPONSOR, CRO], rule: { every: calendarDays(7), grace: calendarDays(1), organisationId: CRO } } }));
    case 'drill':
      return opened(await prepareDrill(store, { ...by, request: { kind: 'reachability', ...parties, organisationIds: [SPONSOR, CRO], window: hours(1) }, organisationIds: [SPONSOR, CRO] }));
    case 'capa':
      return opened(await prepareCapa(store, { ...by, request: FAILED_RESTORE }));
  }
}
