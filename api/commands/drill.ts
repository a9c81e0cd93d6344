import { DRILL, type DrillAct, type OpenDrill } from '../../contracts/drill';
import { Failure, FAILURES } from '../../contracts/failures';
import { mayAct } from '../../domain/access/ability';
import { prepareDrill } from '../../store/drillOpening';
import type { ApiDeps } from '../deps';
import type { Outgoing } from '../route';
import { actOnRecord, type PersonsAct } from './actOnRecord';
import { actorFor, repeated, requestIdOf, runCommand, type Acting } from './commandPath';

/** Starts a drill: 201 or 202. Throws Failure `not_permitted`, and `rule_broken` naming the field. */
export async function startDrill(deps: ApiDeps, request: Acting<OpenDrill>): Promise<Outgoing> {
  const at = deps.now();
  const { body, caller } = request;
  const { studyId, topic } = body;
  const named = body.kind === 'escalation' ? [body.raisingOrganisationId, body.accountableOrganisationId] : body.organisationIds;
  const [first = '', second = first] = named;
  const record = { raisingOrganisationId: first, accountableOrganisationId: second, studyId: studyId ?? null, topic, systemId: null, visibleTo: [first, second], assigneeIds: [] };
  const allowed = mayAct({ memberships: caller.memberships, act: 'drill:start', record, now: at });
  if (!allowed) throw new Failure('not_permitted', FAILURES.not_permitted.meaning, { act: 'start' });
  const prepared = await prepareDrill(deps.store, { request: body, organisationIds: [first, second], actor: actorFor(request, allowed), commandId: requestIdOf(request, 'start-drill', null), at });
  return 'known' in prepared ? repeated(deps, prepared.known) : runCommand(deps, prepared.fresh, async () => Promise.resolve());
}

/** A person's act on a drill. */
export async function actOnDrill(deps: ApiDeps, request: PersonsAct<DrillAct>): Promise<Outgoing> {
  return actOnRecord(deps, { ...request, capability: DRILL.capability, right: `drill:${request.act}` });
}
