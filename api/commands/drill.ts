import { DRILL, type DrillAct, type OpenDrill } from '../../contracts/drill';
import { prepareDrill } from '../../store/drillOpening';
import type { ApiDeps } from '../deps';
import type { Outgoing } from '../route';
import { actOnRecord, type PersonsAct } from './actOnRecord';
import { actorFor, requestIdOf, type Acting } from './commandPath';
import { comingRecord, runOpening, seatToOpen } from './opening';

/** Starts a drill: 201 or 202. Throws Failure `not_permitted`, and `rule_broken` naming the field. */
export async function startDrill(deps: ApiDeps, request: Acting<OpenDrill>): Promise<Outgoing> {
  const at = deps.now();
  const { body, caller } = request;
  const { studyId, topic } = body;
  const named = body.kind === 'escalation' ? [body.raisingOrganisationId, body.accountableOrganisationId] : body.organisationIds;
  const [first = '', second = first] = named;
  const record = comingRecord({ raisingOrganisationId: first, accountableOrganisationId: second, studyId, topic });
  const seat = seatToOpen(caller, { right: 'drill:start', record, act: 'start', now: at });
  const prepared = await prepareDrill(deps.store, { request: body, organisationIds: [first, second], actor: actorFor(request, seat), commandId: requestIdOf(request, 'start-drill', null), at });
  return runOpening(deps, prepared);
}

/** A person's act on a drill. */
export async function actOnDrill(deps: ApiDeps, request: PersonsAct<DrillAct>): Promise<Outgoing> {
  return actOnRecord(deps, { ...request, capability: DRILL.capability, right: `drill:${request.act}` });
}
