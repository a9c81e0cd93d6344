import type { ControlState, Fate, OpenSlot } from '../../contracts/control';
import { epochMsOf, type Instant } from '../../contracts/instant';
import type { NoticeEffect } from '../../contracts/notice';
import type { OpenCapaEffect, OpenIssueEffect } from '../../contracts/openEffect';
import type { Effect, Json } from '../../contracts/step';
import type { Draft } from '../draft';

export type ControlDraft = Draft<ControlState>;

/** Names of this machine's deadlines: a contact within the slot, and within its grace; an objection to a stated one. */
export const deadlines = { slot: 'slot', grace: 'grace', objection: 'objection' } as const;

/** Warned at half and four fifths of a slot, as every deadline is. */
const WARN_AT = [0.5, 0.8];
/** After an outage several slots pass within seconds: their silence is chased once, and raised once. */
const APART_MS = 3_600_000;

/** The organisation that does not owe the contact; the responsible one where there is no other. */
export function otherOrganisation({ organisationIds, rule }: Pick<ControlState, 'organisationIds' | 'rule'>): string {
  return organisationIds.find((id) => id !== rule.organisationId) ?? rule.organisationId;
}

/** Arms the open slot, counted from `from`; warnings that have had their time are left out. */
export function armSlot(draft: ControlDraft, { from, now }: { from: Instant; now: Instant }): void {
  const { every, organisationId } = draft.state.rule;
  draft.arm({ name: deadlines.slot, from, after: every, organisationId, warnAt: WARN_AT, warnAfter: now });
}

interface Ending {
  readonly fate: Fate;
  /** Where the slot ends and the next one begins. */
  readonly until: Instant;
  readonly due: Instant | null;
  readonly reason?: string;
  readonly contact?: { readonly [key: string]: Json };
}

/** Gives the open slot its fate, said once as the fact `slot.closed`. */
export function closeSlot(draft: ControlDraft, slot: OpenSlot, ending: Ending): void {
  const { fate, until, due, reason, contact } = ending;
  const { counts } = draft.state;
  draft.set({ slot: null, status: 'running', counts: { ...counts, [fate]: counts[fate] + 1 } });
  const detail: { readonly [key: string]: Json } = { slot: slot.no, from: slot.from, due, until, ...(contact && { contact }) };
  draft.fact({ action: 'slot.closed', field: 'slot', old: null, new: fate, detail, ...(reason === undefined ? {} : { reason }) });
}

/** Begins the slot after `slot`, where that one ended. */
export function nextSlot(draft: ControlDraft, slot: OpenSlot, { from, now, graceFrom }: { from: Instant; now: Instant; graceFrom?: Instant }): void {
  draft.set({ slot: { no: slot.no + 1, from, due: null, waived: null, ...(graceFrom !== undefined && { graceFrom }) } });
  armSlot(draft, { from, now });
}

/** Tells the responsible organisation that a contact is due. */
export function tellDue(draft: ControlDraft, { intent, deadline }: { intent: string; deadline: string }): void {
  notify(draft, { intent, reason: 'contact_due', deadline, organisationId: draft.state.rule.organisationId });
}

/** Tells both organisations that the agreed contact did not take place, at most once an hour. */
export function chase(draft: ControlDraft, { slot, now }: { slot: OpenSlot; now: Instant }): void {
  const { chasedAt, organisationIds } = draft.state;
  if (isJustNow(chasedAt, now)) return;
  draft.set({ chasedAt: now });
  for (const organisationId of organisationIds) {
    notify(draft, { intent: `slot/${slot.no}/missed/${organisationId}`, reason: 'contact_missed', deadline: deadlines.grace, organisationId });
  }
}

/** Chases a late slot: the grace runs from its due instant, or from where the wait for the other side's word ended. */
export function armGrace(draft: ControlDraft, { due, graceFrom }: { due: Instant; graceFrom?: Instant | undefined }): void {
  const { grace, organisationId } = draft.state.rule;
  draft.arm({ name: deadlines.grace, from: graceFrom !== undefined && graceFrom > due ? graceFrom : due, after: grace, organisationId });
}

/** Opens an issue against the responsible organisation; the slots of one silence share it, and each later one says so on it. */
export function raiseSilence(draft: ControlDraft, slot: OpenSlot, { due, now }: { due: Instant; now: Instant }): void {
  const { state } = draft;
  const first = state.silentSlot ?? slot.no;
  draft.set({ silentSlot: first });
  if (isJustNow(state.raisedAt, now)) return;
  draft.set({ raisedAt: now });
  const subject = state.topic === '*' ? 'all topics' : state.topic;
  const effect: OpenIssueEffect = {
    kind: 'open', intent: `control/${state.id}/slot/${slot.no}/issue`,
    request: {
      ...(state.studyId === null ? {} : { studyId: state.studyId }), topic: 'communication', severity: 'minor',
      title: `Agreed contact missed: ${subject} (${state.number})`,
      description: `No contact was logged on ${subject} in slot ${slot.no} of ${state.number}, which was due ${slot.due ?? due} and had grace until ${due}.`,
      raisingOrganisationId: otherOrganisation(state), accountableOrganisationId: state.rule.organisationId,
      dedupeKey: `contact/${(state.row?.key ?? state.id).slice(0, 150)}/${first}`,
    },
  };
  draft.effect(effect as unknown as Effect);
}

/** Counts a missed slot and, where the rule says so, opens a CAPA against the responsible organisation: one for each silence. */
export function countMiss(draft: ControlDraft, slot: OpenSlot, { due }: { due: Instant }): void {
  const { rule: { capaAfter }, missedInRow = 0, capaSlot = null } = draft.state;
  if (capaAfter === undefined) return;
  const missed = missedInRow + 1;
  draft.set({ missedInRow: missed });
  if (missed < capaAfter || capaSlot !== null) return;
  draft.set({ capaSlot: slot.no });
  const effect: OpenCapaEffect = { kind: 'open', capability: 'capa', intent: `control/${draft.state.id}/slot/${slot.no}/capa`, request: capaRequest(draft.state, { due, missed }) };
  draft.effect(effect as unknown as Effect);
}

function capaRequest(state: ControlState, { due, missed }: { due: Instant; missed: number }): OpenCapaEffect['request'] {
  const { id, number, topic, studyId, rule, row, silentSlot } = state;
  const subject = topic === '*' ? 'all topics' : topic;
  const times = missed === 1 ? 'missed' : `missed ${missed} times in a row`;
  return {
    ...(studyId === null ? {} : { studyId }), topic: topic === '*' ? 'communication' : topic, severity: 'minor', classification: 'corrective',
    title: `Agreed contact ${times}: ${subject} (${number})`, description: `No contact was logged on ${subject} in ${missed} slots of ${number}, one after the other, the last of which had grace until ${due}.`,
    raisingOrganisationId: otherOrganisation(state), accountableOrganisationId: rule.organisationId, source: { type: 'control', recordId: id, reference: number },
    problem: { what: 'The agreed contact did not take place.', where: `Contact on ${subject}, ${number}`, when: `Until ${due}`, extent: `${missed} slots in a row` },
    dedupeKey: `contact-capa/${(row?.key ?? id).slice(0, 150)}/${silentSlot ?? 0}`,
  };
}

const isJustNow = (before: Instant | null, now: Instant): boolean => before !== null && epochMsOf(now) - epochMsOf(before) < APART_MS;

export function notify(draft: ControlDraft, notice: { intent: string; reason: NoticeEffect['reason']; deadline: string; organisationId: string }): void {
  const { organisationId, ...rest } = notice;
  const side = organisationId === draft.state.rule.organisationId ? 'accountable' : 'raising';
  const effect: NoticeEffect = {
    ...rest, kind: 'notify', intent: `control/${draft.state.id}/${notice.intent}`, audience: { to: 'level', side, organisationId, level: 1 }, mustReach: false,
  };
  draft.effect(effect as unknown as Effect);
}
