import type { ControlCommand, ControlOpening, ControlState, OpenSlot } from '../../contracts/control';
import type { Instant } from '../../contracts/instant';
import type { ArmedDeadline, EffectOutcome, Json, Waiting } from '../../contracts/step';
import { Draft } from '../draft';
import { withLink } from '../links';
import type { Machine } from '../machine';
import { perform, UNOPPOSED } from './acts';
import { refuse } from './refuse';
import { mayWaive, statedRule } from './rule';
import { armGrace, armSlot, chase, closeSlot, countMiss, deadlines, nextSlot, raiseSilence, tellDue, type ControlDraft } from './slots';
import { fillSlot, reopenSlot, waitsForWord } from './stated';

/** Version of ControlState's shape. */
const STATE_VERSION = 2;
/** Until then a contact counted on the word of whoever logged it. */
const UNTIL_WITNESSES = 1;

/** A recurring obligation: one slot after another, each with one fate. First kind: agreed contact, E16. */
export const control: Machine<ControlState, ControlCommand, ControlOpening> = {
  capability: 'control',
  version: STATE_VERSION,
  tightened: 'contact-needs-a-witness',

  migrate(state: Json, fromVersion: number): ControlState {
    // What is new in the shape is absent where nothing was stated.
    if (fromVersion === STATE_VERSION || fromVersion === UNTIL_WITNESSES) return state as unknown as ControlState;
    throw new RangeError(`no way from state version ${fromVersion} to ${STATE_VERSION}`);
  },

  open(opening, now) {
    const draft: ControlDraft = new Draft(firstState(opening, now));
    const { kind, topic, studyId, rule } = opening.request;
    draft.fact({
      action: 'control.opened', field: 'status', old: null, new: 'running',
      detail: { number: opening.number, kind, topic, studyId: studyId ?? null, rule: statedRule(rule), row: opening.row ? { ...opening.row } : null, from: opening.from },
    });
    armSlot(draft, { from: opening.from, now });
    return draft.step();
  },

  refuse,

  apply(state, { command, actor, earlier = false }, now) {
    const draft = new Draft(state);
    const by = actor.kind === 'person' ? { personId: actor.personId, organisationId: actor.organisationId } : { personId: '', organisationId: '' };
    perform(draft, command, { by, now, isEarlier: earlier });
    return draft.step();
  },

  lapse(state, deadline, now) {
    const draft = new Draft(state);
    lapse(draft, deadline, now);
    return draft.step();
  },

  settle(state, outcome) {
    const [capability, id, , slot, what] = outcome.intent.split('/');
    if (capability !== 'control' || id !== state.id || (what !== 'issue' && what !== 'capa')) return undefined;
    const draft: ControlDraft = new Draft(state);
    settleOpening(draft, { slot: Number(slot), what }, outcome);
    return draft.step();
  },

  waiting(state, armed) {
    return armed.filter((deadline) => deadline.warning === undefined).map((deadline): Waiting => ({
      for: deadline.name, until: deadline.due, rule: `${state.row ? `matrix ${state.row.key}/${state.row.version}` : 'by hand'}: slot ${state.slot?.no ?? 0}`,
      ...(deadline.calendar ? { calendarVersion: deadline.calendar.version } : {}),
      movers: moversOf(state),
    }));
  },

  shown(state) {
    return { state: state.status, severity: 'minor', level: 0 };
  },
};

function moversOf(state: ControlState): Waiting['movers'] {
  const stated = state.slot?.stated;
  if (stated) return waitsForWord(state, stated).map((organisationId) => ({ organisationId, acts: ['confirm-contact', 'object-to-contact'] }));
  return state.organisationIds.map((organisationId) => ({ organisationId, acts: mayWaive(state, organisationId) ? ['log-contact', 'waive'] : ['log-contact'] }));
}

function lapse(draft: ControlDraft, deadline: ArmedDeadline, now: Instant): void {
  const { slot } = draft.state;
  if (!slot) return;
  if (deadline.warning !== undefined) {
    draft.fact({ action: 'deadline.warned', field: deadlines.slot, detail: { share: deadline.warning, slot: slot.no } });
    if (!slot.waived) tellDue(draft, { intent: `slot/${slot.no}/warn/${deadline.name}/${deadline.due}`, deadline: deadlines.slot });
    return;
  }
  const { due } = deadline;
  if (deadline.name === deadlines.objection) {
    endWait(draft, slot, now);
  } else if (deadline.name === deadlines.grace) {
    draft.fact({ action: 'deadline.missed', field: deadlines.grace, detail: { due, slot: slot.no } });
    raiseSilence(draft, slot, { due, now });
    countMiss(draft, slot, { due });
    closeSlot(draft, slot, { fate: 'missed', until: due, due: slot.due });
    nextSlot(draft, slot, { from: due, now });
  } else if (slot.waived) {
    closeSlot(draft, slot, { fate: 'waived', until: due, due, reason: slot.waived.reason });
    nextSlot(draft, slot, { from: due, now });
  } else {
    draft.fact({ action: 'deadline.missed', field: deadlines.slot, detail: { due, slot: slot.no } });
    draft.set({ slot: { ...slot, due }, status: 'late' });
    armGrace(draft, { due, graceFrom: slot.graceFrom });
    chase(draft, { slot, now });
  }
}

/** Silence of the other side is its word; inside one organisation there is no other side, and somebody else has to say it. */
function endWait(draft: ControlDraft, slot: OpenSlot, now: Instant): void {
  const { stated } = slot;
  if (!stated) return;
  if (draft.state.organisationIds.length > 1) fillSlot(draft, slot, { contact: stated, witness: UNOPPOSED, now });
  else reopenSlot(draft, slot, { contact: stated, reason: 'nobody else confirmed it in time', now });
}

/** What became of the issue, or the CAPA, that a missed slot opened. */
function settleOpening(draft: ControlDraft, { slot, what }: { slot: number; what: 'issue' | 'capa' }, { outcome, recordId, detail }: EffectOutcome): void {
  if (outcome !== 'done' || recordId === undefined) {
    draft.fact({ action: `${what}.not_opened`, reason: detail, detail: { slot } });
    // The next miss asks again.
    if (what === 'capa' && draft.state.capaSlot === slot) draft.set({ capaSlot: null });
    return;
  }
  draft.set({ links: withLink(draft.state.links, { recordId, kind: 'causes' }) });
  draft.fact({ action: `${what}.raised`, field: 'links', old: null, new: recordId, detail: { slot, kind: 'causes' } });
}

function firstState({ id, number, request, row, from }: ControlOpening, now: Instant): ControlState {
  const { kind, topic, studyId, organisationIds, rule, dedupeKey } = request;
  return {
    id, number, kind, status: 'running', topic, studyId: studyId ?? null, organisationIds: [...new Set(organisationIds)], rule, openedAt: now,
    dedupeKey: dedupeKey ?? null, row, slot: { no: 1, from, due: null, waived: null }, counts: { held: 0, late: 0, missed: 0, waived: 0 },
    silentSlot: null, chasedAt: null, raisedAt: null, links: [],
  };
}
