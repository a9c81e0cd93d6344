import type { CapaAct, OpenCapa } from '../../contracts/capa';
import { CAPA } from '../../contracts/capaWords';
import { Failure, FAILURES } from '../../contracts/failures';
import type { Json } from '../../contracts/step';
import { mayAct } from '../../domain/access/ability';
import { CAPA_RIGHTS } from '../../domain/capa/rights';
import { prepareCapa } from '../../store/capaOpening';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps } from '../deps';
import type { Outgoing } from '../route';
import { actOnRecord, type PersonsAct } from './actOnRecord';
import { actorFor, repeated, requestIdOf, runCommand, type Acting } from './commandPath';

/** Opens a CAPA: 201 or 202. Throws Failure `not_permitted`, and `rule_broken` naming the field. */
export async function openCapa(deps: ApiDeps, request: Acting<OpenCapa>): Promise<Outgoing> {
  const at = deps.now();
  const { body, caller } = request;
  const { raisingOrganisationId, accountableOrganisationId, studyId, topic, systemId } = body;
  const record = { raisingOrganisationId, accountableOrganisationId, studyId: studyId ?? null, topic, systemId: systemId ?? null, visibleTo: [raisingOrganisationId, accountableOrganisationId], assigneeIds: [] };
  const allowed = mayAct({ memberships: caller.memberships, act: CAPA_RIGHTS.open, record, now: at });
  if (!allowed) throw new Failure('not_permitted', FAILURES.not_permitted.meaning, { act: 'open' });
  const prepared = await prepareCapa(deps.store, { request: body, actor: actorFor(request, allowed), commandId: requestIdOf(request, 'open-capa', null), at });
  return 'known' in prepared ? repeated(deps, prepared.known) : runCommand(deps, prepared.fresh, async () => Promise.resolve());
}

/** A person's act on a CAPA. */
export async function actOnCapa(deps: ApiDeps, request: PersonsAct<CapaAct>): Promise<Outgoing> {
  return actOnRecord(deps, {
    ...request, capability: CAPA.capability, right: CAPA_RIGHTS[request.act],
    ...(request.act === 'request-extension' && { complete: withCurrentDue }),
  });
}

/** A machine knows the due instant of a stage only once it has passed: what is armed comes with the request. */
function withCurrentDue({ armed }: RecordDoc, body: Json): Json {
  const asked = body as { readonly deadline: string };
  return { ...asked, currentDue: armed.find((deadline) => deadline.name === asked.deadline)?.due ?? null };
}
