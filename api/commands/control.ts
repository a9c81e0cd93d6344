import { CONTROL, type ControlAct, type OpenControl } from '../../contracts/control';
import type { Frequency } from '../../contracts/matrix';
import type { Json } from '../../contracts/step';
import { checkRule } from '../../domain/control/opening';
import { calendarsInForce } from '../../store/calendars';
import { prepareControl } from '../../store/controlOpening';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps } from '../deps';
import type { Outgoing } from '../route';
import { actOnRecord, type PersonsAct } from './actOnRecord';
import { actorFor, requestIdOf, type Acting } from './commandPath';
import { runOpening, seatToOpen } from './opening';

/** Agrees on a contact beside the matrix: 201 or 202. Throws Failure `not_permitted`, and `rule_broken` naming the field. */
export async function openControl(deps: ApiDeps, request: Acting<OpenControl>): Promise<Outgoing> {
  const at = deps.now();
  const { organisationIds, rule, studyId, topic } = request.body;
  const record = {
    raisingOrganisationId: organisationIds.find((id) => id !== rule.organisationId) ?? rule.organisationId, accountableOrganisationId: rule.organisationId,
    studyId: studyId ?? null, topic, systemId: null, visibleTo: organisationIds, assigneeIds: [],
  };
  const seat = seatToOpen(request.caller, { right: 'control:open', record, act: 'open', now: at });
  const prepared = await prepareControl(deps.store, { request: request.body, actor: actorFor(request, seat), commandId: requestIdOf(request, 'open-control', null), at });
  return runOpening(deps, prepared);
}

/** A person's act on a control. */
export async function actOnControl(deps: ApiDeps, request: PersonsAct<ControlAct>): Promise<Outgoing> {
  const { act } = request;
  const at = deps.now();
  return actOnRecord(deps, {
    ...request, capability: CONTROL.capability, right: `control:${act}`,
    // The command may run hours later; the contact took place before it came.
    ...(act === 'log-contact' && { complete: (record: RecordDoc, body: Json) => ({ at, ...(body as object), ...seenSlot(record) }) }),
    ...(act === 'change-rule' && { check: () => checkCounted(deps, request.body as { readonly rule: Frequency }) }),
  });
}

/** The open slot with its due instant, which its machine does not know before it has passed. */
function seenSlot({ state, armed }: RecordDoc): { readonly seen?: { readonly slot: number; readonly due: string } } {
  const { slot } = state as unknown as { slot: { no: number } | null };
  const due = armed.find((deadline) => deadline.name === 'slot')?.due;
  return slot && due !== undefined ? { seen: { slot: slot.no, due } } : {};
}

async function checkCounted(deps: ApiDeps, { rule }: { readonly rule: Frequency }): Promise<void> {
  checkRule(rule, { calendarIds: [...(await calendarsInForce(deps.store, [rule.organisationId], deps.now())).keys()] });
}
