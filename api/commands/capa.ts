import { EVIDENCED_ACTS, type CapaAct, type OpenCapa, type OpenFromRecord } from '../../contracts/capa';
import { CAPA } from '../../contracts/capaWords';
import type { EvidenceRef } from '../../contracts/evidence';
import { Failure } from '../../contracts/failures';
import type { Capability } from '../../contracts/ids';
import type { Json } from '../../contracts/step';
import { capaFromRecord } from '../../domain/capa/prefill';
import { refuseAsked } from '../../domain/capa/deeds';
import { CAPA_RIGHTS } from '../../domain/capa/rights';
import { capa } from '../../domain/capa/machine';
import { jsonOf } from '../../store/commands';
import { measureEffect } from '../../store/effectMeasurement';
import { prepareCapa } from '../../store/capaOpening';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps } from '../deps';
import type { Outgoing } from '../route';
import { wholeRecord } from '../views/readers';
import { actOnRecord, type PersonsAct } from './actOnRecord';
import { checkNamed, pinnedFor } from './capaNames';
import { checkSource } from './capaSource';
import { actorFor, requestIdOf, type Acting } from './commandPath';
import { comingRecord, runOpening, seatToOpen } from './opening';

/** Opens a CAPA: 201, or 200 with the one that the same trigger has, or 202. Throws Failure `not_permitted`, and `rule_broken` naming the field. */
export async function openCapa(deps: ApiDeps, request: Acting<OpenCapa>): Promise<Outgoing> {
  return openAs(deps, request, { commandId: requestIdOf(request, 'open-capa', null), said: request.body });
}

/** Opens a CAPA from an issue or a control, which is its source and gives it what the caller does not say. Throws as openCapa does, and `not_found`. */
export async function openCapaFrom(deps: ApiDeps, request: Acting<OpenFromRecord> & { readonly recordId: string; readonly capability: Extract<Capability, 'escalation' | 'control'> }): Promise<Outgoing> {
  const { recordId, capability, body, caller } = request;
  const { record } = await wholeRecord(deps, { recordId, caller, capability });
  const asked = capaFromRecord(record, capability === 'control' ? 'control' : 'issue', body);
  return openAs(deps, { ...request, body: asked }, { commandId: requestIdOf(request, 'open-capa', recordId), said: body });
}

async function openAs(deps: ApiDeps, request: Acting<OpenCapa>, of: { readonly commandId: string; readonly said: object }): Promise<Outgoing> {
  const at = deps.now();
  const { body, caller } = request;
  const seat = seatToOpen(caller, { right: CAPA_RIGHTS.open, record: comingRecord(body), act: 'open', now: at });
  const prepared = await prepareCapa(deps.store, { request: body, actor: actorFor(request, seat), ...of, at, check: () => checkSource(deps, { caller, asked: body, byOrganisationId: seat.organisationId }) });
  return runOpening(deps, prepared);
}

/** A person's act on a CAPA. Whom and what its body names is checked at this moment. */
export async function actOnCapa(deps: ApiDeps, request: PersonsAct<CapaAct>): Promise<Outgoing> {
  const { act } = request;
  let pinned: readonly EvidenceRef[] = [];
  const withPinned = async (record: RecordDoc, body: Json): Promise<Json> => {
    pinned = await pinnedFor(deps, record, body);
    return { ...(body as object), pinned: pinned.map((ref) => ({ ...ref })), ...(act !== 'report-action' && { asksReason: true }), ...await measuredFor(deps, record, body) };
  };
  return actOnRecord(deps, {
    ...request, capability: CAPA.capability, right: CAPA_RIGHTS[act],
    ...(act === 'request-extension' && { complete: withCurrentDue }), ...(act === 'regrade' && { complete: withRunning }),
    ...(EVIDENCED_ACTS.some((evidenced) => evidenced === act) && { complete: withPinned }),
    ...(act === 'accept' && { complete: (_record: RecordDoc, body: Json): Json => ({ ...(body as object), coversBreach: true }) }),
    ...(act === 'reopen' && { complete: whileWatched }),
    check: (record, actor) => {
      const refusal = refuseAsked(capa.migrate(record.state, record.stateVersion), request, actor);
      if (refusal) throw new Failure(refusal.type, refusal.reason, { act, rev: record.rev });
      return checkNamed(deps, record, { ...request, pinned });
    },
  });
}

/** Once the watch is over the workflow has ended, and no deadline of it can run again. Throws Failure `wrong_state`. */
function whileWatched({ done, rev, number, status }: RecordDoc, body: Json): Json {
  if (!done || status !== 'closed') return body;
  throw new Failure('wrong_state', `The watch of ${number} is over, and with it the record: open a new CAPA and link it to this one (relates_to).`, { rev });
}

/** With a result comes what the product counts of it, from the records. */
async function measuredFor({ store }: ApiDeps, record: RecordDoc, body: Json): Promise<{ readonly measurement?: Json }> {
  if ((body as { readonly result?: unknown }).result === undefined) return {};
  const measurement = await measureEffect(store, capa.migrate(record.state, record.stateVersion));
  return measurement ? { measurement: jsonOf(measurement) } : {};
}

/** The due instants that another severity replaces: both plans stay on the record. */
function withRunning({ armed }: RecordDoc, body: Json): Json {
  const running = armed.filter(({ name, warning }) => name.startsWith('stage/') && warning === undefined).map(({ name, due }) => ({ name, due }));
  return { ...(body as object), running };
}

/** A machine knows the due instant of a stage only once it has passed: what is armed comes with the request. */
function withCurrentDue({ armed }: RecordDoc, body: Json): Json {
  const asked = body as { readonly deadline: string };
  return { ...asked, currentDue: armed.find((deadline) => deadline.name === asked.deadline)?.due ?? null };
}
