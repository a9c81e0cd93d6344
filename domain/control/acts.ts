import type { ControlCommand } from '../../contracts/control';
import { parseInstant, type Instant } from '../../contracts/instant';
import { withLink } from '../links';
import { hasSamePace, statedRule } from './rule';
import { armSlot, closeSlot, deadlines, nextSlot, type ControlDraft } from './slots';

interface Doing<A extends ControlCommand['act']> {
  readonly draft: ControlDraft;
  readonly body: Extract<ControlCommand, { act: A }>['body'];
  readonly personId: string;
  readonly now: Instant;
}
type Acts = { readonly [A in ControlCommand['act']]: (doing: Doing<A>) => void };

/** What an accepted command changes. */
export function perform(draft: ControlDraft, command: ControlCommand, by: { personId: string; now: Instant }): void {
  const act = acts[command.act] as (doing: Doing<ControlCommand['act']>) => void;
  act({ draft, body: command.body, ...by });
}

const acts: Acts = {
  // The contact's own instant decides, not when somebody came to write it down.
  'log-contact'({ draft, body, now }) {
    const { slot } = draft.state;
    if (!slot) return;
    const at = contactAt(body, now);
    const due = slot.due ?? (body.seen?.slot === slot.no ? (parseInstant(body.seen.due) ?? null) : null);
    draft.disarm(deadlines.slot, deadlines.grace);
    closeSlot(draft, slot, {
      fate: due === null || at <= due ? 'held' : 'late', until: at, due,
      contact: { at, how: body.how, evidence: body.evidence ?? null, note: body.note },
    });
    draft.set({ silentSlot: null, chasedAt: null, raisedAt: null });
    if (draft.state.missedInRow !== undefined) draft.set({ missedInRow: 0, capaSlot: null });
    nextSlot(draft, slot, { from: at, now });
  },
  waive({ draft, body, personId, now }) {
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
    if (slot?.due === null && !isSamePace) armSlot(draft, { from: now, now });
  },
  stop({ draft, body, now }) {
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

/** When the logged contact took place. */
export function contactAt({ at }: { readonly at?: string | undefined }, now: Instant): Instant {
  return (at === undefined ? undefined : parseInstant(at)) ?? now;
}
