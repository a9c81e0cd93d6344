import type { ControlCommand, OpenSlot, StatedContact, Witness } from '../../contracts/control';
import { parseInstant, type Instant } from '../../contracts/instant';
import { withLink } from '../links';
import { hasSamePace, statedRule } from './rule';
import { armSlot, closeSlot, deadlines, nextSlot, type ControlDraft } from './slots';
import { endSilence, fillSlot, isWitness, queueContact, reopenSlot, stateContact, type Speaker } from './stated';

interface Doing<A extends ControlCommand['act']> {
  readonly draft: ControlDraft;
  readonly body: Extract<ControlCommand, { act: A }>['body'];
  readonly by: Speaker;
  readonly now: Instant;
  /** Accepted under the rules from before a contact needed a witness. */
  readonly isEarlier: boolean;
}
type Acts = { readonly [A in ControlCommand['act']]: (doing: Doing<A>) => void };

/** What an accepted command changes. */
export function perform(draft: ControlDraft, command: ControlCommand, doing: Pick<Doing<ControlCommand['act']>, 'by' | 'now' | 'isEarlier'>): void {
  const act = acts[command.act] as (doing: Doing<ControlCommand['act']>) => void;
  act({ draft, body: command.body, ...doing });
}

const acts: Acts = {
  // The contact's own instant decides, not when somebody came to write it down.
  'log-contact'({ draft, body, by, now, isEarlier }) {
    const { slot, queued = [] } = draft.state;
    if (!slot) return;
    const at = contactAt(body, now);
    const seen = (no: number) => (body.seen?.slot === no ? (parseInstant(body.seen.due) ?? null) : null);
    const contact: StatedContact = { at, how: body.how, note: body.note, evidence: body.evidence ?? null, by, due: slot.due ?? seen(slot.no) };
    if (isEarlier) countAtOnce(draft, slot, { contact, now });
    else if (isWitness(draft.state, by)) fillSlot(draft, slot, { contact: { ...contact, due: slot.stated ? slot.stated.due : contact.due }, witness: { standing: 'witnessed', ...by }, now });
    else if (slot.stated) queueContact(draft, { ...contact, due: seen(slot.no + queued.length + 1) });
    else stateContact(draft, slot, { contact, now });
  },
  'confirm-contact'({ draft, by, now }) {
    const { slot } = draft.state;
    if (slot?.stated) fillSlot(draft, slot, { contact: slot.stated, witness: { standing: 'confirmed', ...by }, now });
  },
  'object-to-contact'({ draft, body, now }) {
    const { slot } = draft.state;
    if (slot?.stated) reopenSlot(draft, slot, { contact: slot.stated, reason: body.reason, now });
  },
  waive({ draft, body, by: { personId }, now }) {
    const { slot } = draft.state;
    if (!slot) return;
    draft.fact({ action: 'slot.waived', field: 'slot', old: slot.no, new: slot.no, reason: body.reason });
    if (slot.due === null) {
      draft.set({ slot: { ...slot, waived: { by: personId, reason: body.reason } } });
      return;
    }
    draft.lift(deadlines.grace);
    closeSlot(draft, slot, { fate: 'waived', until: slot.due, due: slot.due, reason: body.reason });
    nextSlot(draft, slot, { from: slot.due, now });
  },
  'change-rule'({ draft, body, now }) {
    const { rule, row, slot } = draft.state;
    if (row && body.rowVersion !== undefined) {
      draft.set({ row: { ...row, version: body.rowVersion } });
      draft.fact({ action: 'row.followed', field: 'row', old: row.version, new: body.rowVersion, reason: body.reason });
    }
    const isSamePace = hasSamePace(rule, body.rule);
    if (isSamePace && rule.capaAfter === body.rule.capaAfter) return;
    draft.set({ rule: body.rule });
    draft.fact({ action: 'rule.changed', field: 'rule', old: statedRule(rule), new: statedRule(body.rule), reason: body.reason });
    // Counted from the change: what was agreed today is not late since last month. A late slot keeps its grace.
    if (slot?.due === null && !slot.stated && !isSamePace) armSlot(draft, { from: now, now });
  },
  stop({ draft, body, now }) {
    // What nobody objected to until now counts; whoever stated it does not stop the control by hand meanwhile.
    for (let open = draft.state.slot; open?.stated; open = draft.state.slot) fillSlot(draft, open, { contact: open.stated, witness: UNOPPOSED, now });
    const { slot } = draft.state;
    // Stopping excuses a slot that is not due yet, not a silence that is being chased.
    if (slot) closeSlot(draft, slot, { fate: slot.due === null ? 'waived' : 'missed', until: now, due: slot.due, reason: body.reason });
    draft.set({ status: 'stopped' });
    draft.fact({ action: 'control.stopped', field: 'status', old: slot?.due === null ? 'running' : 'late', new: 'stopped', reason: body.reason }).done();
  },
  linked({ draft, body }) {
    draft.set({ links: withLink(draft.state.links, body) });
    draft.fact({ action: 'control.linked', field: 'links', old: null, new: body.recordId, detail: { kind: body.kind, from: 'other side' } });
  },
  repeat({ draft, body }) {
    draft.fact({ action: 'control.repeated', detail: { dedupeKey: body.dedupeKey } });
  },
};

/** Nobody has said a word against it. */
export const UNOPPOSED: Witness = { standing: 'unopposed', personId: null, organisationId: null };

/** As it was until 0.1.0: on the word of whoever logged it. */
function countAtOnce(draft: ControlDraft, slot: OpenSlot, { contact: { at, due, how, evidence, note }, now }: { contact: StatedContact; now: Instant }): void {
  draft.disarm(deadlines.slot, deadlines.grace);
  closeSlot(draft, slot, { fate: due === null || at <= due ? 'held' : 'late', until: at, due, contact: { at, how, evidence, note } });
  endSilence(draft);
  nextSlot(draft, slot, { from: at, now });
}

/** When the logged contact took place. */
export function contactAt({ at }: { readonly at?: string | undefined }, now: Instant): Instant {
  return (at === undefined ? undefined : parseInstant(at)) ?? now;
}
