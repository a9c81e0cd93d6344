import { CONTROL, type ControlAct, type OpenControl } from '../../contracts/control';
import type { Frequency } from '../../contracts/matrix';
import type { Json } from '../../contracts/step';
import { control } from '../../domain/control/machine';
import { checkRule } from '../../domain/control/opening';
import { deadlines } from '../../domain/control/slots';
import { resolveDeadline } from '../../domain/time/deadlines';
import { calendarInForce, calendarsInForce } from '../../store/calendars';
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
    ...(act === 'log-contact' && { complete: async (record: RecordDoc, body: Json) => ({ at, ...(body as object), ...(await seenSlot(deps, record)) }) }),
    ...(act === 'change-rule' && { check: () => checkCounted(deps, request.body as { readonly rule: Frequency }) }),
  });
}

/** The slot that the contact fills with its due instant, which its machine does not know before it has passed. */
async function seenSlot({ store, now }: ApiDeps, { state, stateVersion, armed }: RecordDoc): Promise<{ readonly seen?: { readonly slot: number; readonly due: string } }> {
  const { slot, queued = [], rule } = control.migrate(state, stateVersion);
  if (!slot) return {};
  if (!slot.stated) {
    const due = armed.find((deadline) => deadline.name === deadlines.slot)?.due;
    return due === undefined ? {} : { seen: { slot: slot.no, due } };
  }
  // Behind one that waits for the other side's word: its slot is not armed yet.
  const { organisationId, every } = rule;
  const calendar = await calendarInForce(store, organisationId, now());
  const [next] = resolveDeadline({ rule: { name: deadlines.slot, from: (queued.at(-1) ?? slot.stated).at, after: every, organisationId }, tzdb: process.versions['tz'] ?? 'unknown', ...(calendar && { calendar }) });
  return next ? { seen: { slot: slot.no + queued.length + 1, due: next.due } } : {};
}

async function checkCounted(deps: ApiDeps, { rule }: { readonly rule: Frequency }): Promise<void> {
  checkRule(rule, { calendarIds: [...(await calendarsInForce(deps.store, [rule.organisationId], deps.now())).keys()] });
}
