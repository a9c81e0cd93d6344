import { randomUUID } from 'node:crypto';
import { seconds } from '../../contracts/spans';
import type { ControlState } from '../../contracts/control';
import type { DrillState, OpenDrill } from '../../contracts/drill';
import type { Capability } from '../../contracts/ids';
import { workflowIdOf } from '../../contracts/ids';
import { instantOf } from '../../contracts/instant';
import type { PreparedOpening } from '../../store/preparedOpening';
import { prepareControl } from '../../store/controlOpening';
import { prepareDrill } from '../../store/drillOpening';
import { CRO, personOf, SPONSOR, STUDY } from '../support/cast';
import { actOn, openPrepared, putRow } from '../support/pathways';
import { actorFor, eventually, type World } from '../support/world';
import type { Scenario } from './scenarios';

const lead = personOf(SPONSOR, 'study_lead');
const croLead = personOf(CRO, 'project_manager');
const now = () => instantOf(Date.now());
const stateOf = async <S>(world: World, id: string): Promise<S> => (await world.issue(id)).state as unknown as S;
const isDone = (world: World, id: string) => eventually('it is over', async () => (await world.issue(id)).done);

async function opened(world: World, prepared: PreparedOpening): Promise<string> {
  const { body } = await openPrepared(world, prepared, now());
  return (body as { id: string }).id;
}

async function drilled(world: World, request: OpenDrill): Promise<string> {
  return opened(world, await prepareDrill(world.fresh.store, { request, organisationIds: [SPONSOR, CRO], actor: actorFor(lead), commandId: randomUUID(), at: now() }));
}

const played = (capability: Capability, id: string) => ({ workflowId: workflowIdOf(capability, id) });

/** Controls and drills on a real server. */
export const PATHWAY_SCENARIOS: readonly Scenario[] = [
  {
    name: 'control-slots', capability: 'control',
    async play(world) {
      const rule = { every: seconds(2), grace: seconds(1), organisationId: CRO };
      const request = { kind: 'contact', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], rule } as const;
      const id = await opened(world, await prepareControl(world.fresh.store, { request: { ...request, organisationIds: [...request.organisationIds] }, actor: actorFor(lead), commandId: randomUUID(), at: now() }));
      await actOn(world, { capability: 'control', id, by: lead }, { act: 'log-contact', body: { how: 'call', note: 'open points' } });
      await eventually('a missed slot and its issue', async () => (await stateOf<ControlState>(world, id)).links.length > 0);
      await actOn(world, { capability: 'control', id, by: personOf(SPONSOR, 'quality_head') }, { act: 'waive', body: { reason: 'holiday' } });
      await actOn(world, { capability: 'control', id, by: lead }, { act: 'stop', body: { reason: 'study closed' } });
      return played('control', id);
    },
  },
  {
    name: 'control-stated-contacts', capability: 'control',
    async play(world) {
      const rule = { every: seconds(60), grace: seconds(3), organisationId: CRO };
      const request = { kind: 'contact', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], rule } as const;
      const id = await opened(world, await prepareControl(world.fresh.store, { request: { ...request, organisationIds: [...request.organisationIds] }, actor: actorFor(lead), commandId: randomUUID(), at: now() }));
      const act = (by: string, command: Parameters<typeof actOn>[2]) => actOn(world, { capability: 'control', id, by }, command);
      const state = { act: 'log-contact', body: { how: 'call', note: 'open points' } } as const;
      await act(croLead, state);
      await act(lead, { act: 'object-to-contact', body: { slot: 1, reason: 'nobody called' } });
      await act(croLead, state);
      await act(lead, { act: 'confirm-contact', body: { slot: 1 } });
      await act(croLead, state);
      await eventually('the second one counts unopposed', async () => (await stateOf<ControlState>(world, id)).counts.held === 2);
      await act(lead, { act: 'stop', body: { reason: 'study closed' } });
      return played('control', id);
    },
  },
  {
    name: 'reachability-drill', capability: 'drill',
    async play(world) {
      await putRow(world, {}, now());
      const id = await drilled(world, { kind: 'reachability', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], window: seconds(3) });
      await actOn(world, { capability: 'drill', id, by: croLead }, { act: 'confirm', body: {} });
      await isDone(world, id);
      return played('drill', id);
    },
  },
  {
    name: 'fire-drill', capability: 'drill',
    async play(world) {
      const id = await drilled(world, {
        kind: 'escalation', studyId: STUDY, topic: 'monitoring', title: 'Fire drill', description: 'Acknowledge it', severity: 'major', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, window: seconds(600),
      });
      const issueId = await eventually('its issue', async () => (await stateOf<DrillState>(world, id)).issue?.recordId ?? undefined);
      await world.act(issueId, { act: 'acknowledge', body: {} }, croLead);
      await world.act(issueId, { act: 'acknowledge', body: {} }, lead);
      await isDone(world, id);
      return played('drill', id);
    },
  },
];
