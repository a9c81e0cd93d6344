import type { ControlState, OpenSlot, StatedContact, Witness } from '../../contracts/control';
import type { Instant } from '../../contracts/instant';
import type { Json } from '../../contracts/step';
import { armGrace, armSlot, closeSlot, deadlines, nextSlot, notify, otherOrganisation, type ControlDraft } from './slots';

/** Contacts that may wait behind the one whose word is awaited. */
export const MOST_QUEUED = 20;

export interface Speaker { readonly personId: string; readonly organisationId: string }

/** Whether somebody's word alone makes a contact count: that of the side which does not owe it, or did not state the one that waits. */
export function isWitness({ organisationIds, rule, slot }: ControlState, { organisationId }: Speaker): boolean {
  return organisationIds.length > 1 && organisationId !== (slot?.stated?.by.organisationId ?? rule.organisationId);
}

/** Whether somebody may confirm or object to the contact that waits: the other side; inside one organisation another person. */
export function maySayOf({ organisationIds }: Pick<ControlState, 'organisationIds'>, { by }: StatedContact, { personId, organisationId }: Speaker): boolean {
  return organisationIds.length > 1 ? organisationId !== by.organisationId : personId !== by.personId;
}

/** Organisations whose word a stated contact waits for. */
export function waitsForWord({ organisationIds }: Pick<ControlState, 'organisationIds'>, { by }: StatedContact): readonly string[] {
  const others = organisationIds.filter((id) => id !== by.organisationId);
  return others.length > 0 ? others : organisationIds;
}

/** Keeps a contact on the word of whoever owes it: nobody is chased while the other side may confirm or object, as long as the grace. */
export function stateContact(draft: ControlDraft, slot: OpenSlot, { contact, now }: { contact: StatedContact; now: Instant }): void {
  const { state } = draft;
  draft.disarm(deadlines.slot, deadlines.grace);
  draft.set({ slot: { ...slot, stated: contact }, status: 'running' });
  draft.fact({ action: 'contact.stated', field: 'slot', old: null, new: slot.no, detail: { slot: slot.no, contact: said(contact), by: { ...contact.by } } });
  draft.arm({ name: deadlines.objection, from: now, after: state.rule.grace, organisationId: otherOrganisation(state) });
  for (const organisationId of waitsForWord(state, contact)) {
    notify(draft, { intent: `slot/${slot.no}/stated/${slot.objections ?? 0}/${organisationId}`, reason: 'contact_stated', deadline: deadlines.objection, organisationId });
  }
}

/** A further contact while one waits: it is not lost, and fills the slot after it. */
export function queueContact(draft: ControlDraft, contact: StatedContact): void {
  const queued = [...(draft.state.queued ?? []), contact];
  draft.set({ queued });
  draft.fact({ action: 'contact.queued', field: 'queued', old: null, new: queued.length, detail: { contact: said(contact), by: { ...contact.by } } });
}

/** The slot has its contact, and whose word it counts on; the next one begins at the contact, filled by what was stated meanwhile. */
export function fillSlot(draft: ControlDraft, slot: OpenSlot, { contact, witness, now }: { contact: StatedContact; witness: Witness; now: Instant }): void {
  const { at, due, by } = contact;
  draft.disarm(deadlines.slot, deadlines.grace, deadlines.objection);
  closeSlot(draft, slot, { fate: due === null || at <= due ? 'held' : 'late', until: at, due, contact: { ...said(contact), by: { ...by }, witness: { ...witness } } });
  endSilence(draft);
  nextSlot(draft, slot, { from: at, now, ...(slot.stated && { graceFrom: now }) });
  const [first, ...others] = (draft.state.queued ?? []).filter((one) => one.at >= at);
  if (draft.state.queued) draft.set({ queued: others });
  if (first && draft.state.slot) stateContact(draft, draft.state.slot, { contact: first, now });
}

/** What followed from silence is over. */
export function endSilence(draft: ControlDraft): void {
  draft.set({ silentSlot: null, chasedAt: null, raisedAt: null });
  if (draft.state.missedInRow !== undefined) draft.set({ missedInRow: 0, capaSlot: null });
}

/**
 * The contact does not count: its slot is open as if nobody had stated it. Time went on meanwhile; the grace of the slot's first
 * objection counts from it, later ones take back nothing, so that stating again and again stretches no slot.
 */
export function reopenSlot(draft: ControlDraft, slot: OpenSlot, { contact, reason, now }: { contact: StatedContact; reason: string; now: Instant }): void {
  const { objections = 0, stated: _stated, ...open } = slot;
  const reopened: OpenSlot = { ...open, objections: objections + 1, ...(objections === 0 && { graceFrom: now }) };
  draft.disarm(deadlines.objection);
  draft.set({ slot: reopened, status: open.due === null ? 'running' : 'late' });
  draft.fact({ action: 'contact.objected', field: 'slot', old: slot.no, new: slot.no, reason, detail: { slot: slot.no, contact: said(contact), by: { ...contact.by } } });
  notify(draft, { intent: `slot/${slot.no}/objected/${objections}`, reason: 'contact_objected', deadline: open.due === null ? deadlines.slot : deadlines.grace, organisationId: contact.by.organisationId });
  const [first, ...others] = draft.state.queued ?? [];
  if (first) {
    draft.set({ queued: others });
    stateContact(draft, reopened, { contact: { ...first, due: contact.due }, now });
  } else if (open.due === null) armSlot(draft, { from: open.from, now });
  else armGrace(draft, { due: open.due, graceFrom: reopened.graceFrom });
}

function said({ at, how, evidence, note }: StatedContact): { readonly [key: string]: Json } {
  return { at, how, evidence, note };
}
