import type { Extension } from '../../contracts/capaState';
import type { Instant } from '../../contracts/instant';
import { firstApproval, roundsOf, type Closing, type MeasuredCapa } from './facts';

/** Something that a CAPA owes by a date: a stage or an action of one round. A CAPA has no other due dates. */
export interface Obligation {
  /** `stage/plan`, `action/c1`. */
  readonly name: string;
  readonly round: number;
  readonly from: Instant;
  /** null: it was done before its due instant passed, which therefore nobody had to write down. */
  readonly originalDue: Instant | null;
  readonly due: Instant | null;
  /** Of an action: when its owner reported it, with the report that was not sent back. */
  readonly doneAt: Instant | null;
}

/** Which of the two dates counts (Q15): the one that was set first, or the one after its extensions. */
export type Against = 'original' | 'current';

/** Every stage and action with a date. */
export function obligationsOf(capa: MeasuredCapa): readonly Obligation[] {
  const stages = capa.stages.map(({ name, iteration, from, originalDue, due, endedAt }): Obligation => {
    const present = due ?? (endedAt === null ? armedDue(capa, `stage/${name}`) : null);
    return { name: `stage/${name}`, round: iteration, from, originalDue: originalDue ?? present, due: present, doneAt: endedAt };
  });
  const actions = roundsOf(capa).flatMap(({ no: round, actions: planned }) => {
    const from = firstApproval(capa, round) ?? (capa.imported ? capa.openedAt : undefined);
    return from === undefined ? [] : planned.map(({ id, originalDue, due, reported }): Obligation => ({ name: `action/${id}`, round, from, originalDue, due, doneAt: reported?.at ?? null }));
  });
  return [...stages, ...actions];
}

const armedDue = ({ armed }: MeasuredCapa, name: string): Instant | null => armed.find((deadline) => deadline.name === name && deadline.warning === undefined)?.due ?? null;

/** Whether a closing was on time: everything that was owed until then, in every round, was done by its date. */
export function wasOnTime(capa: MeasuredCapa, { round, at }: Closing, against: Against): boolean {
  return obligationsOf(capa).filter((owed) => owed.round <= round).every((owed) => {
    const due = against === 'original' ? owed.originalDue : owed.due;
    return due === null || (owed.doneAt ?? at) <= due;
  });
}

/** Whether something was owed and past its date at an instant. */
export function wasOverdue(capa: MeasuredCapa, at: Instant, against: Against): boolean {
  return obligationsOf(capa).some((owed) => {
    const isRunning = owed.from < at && !(owed.doneAt !== null && owed.doneAt < at);
    const due = against === 'original' ? owed.originalDue : dueAt(capa, owed, at);
    return isRunning && due !== null && due < at;
  });
}

/** The date as it stood at an instant: extensions that were granted later had not moved it yet. */
function dueAt(capa: MeasuredCapa, owed: Obligation, at: Instant): Instant | null {
  const grants = capa.extensions.filter((extension) => isOf(extension, owed));
  if (grants.length === 0) return owed.due;
  const before = grants.filter((extension) => extension.decided !== null && extension.decided.at < at);
  return before.at(-1)?.to ?? owed.originalDue;
}

/** A stage can run twice in one round; a grant is of the run in which it was given. */
function isOf({ deadline, iteration, status, decided }: Extension, { name, round, from, doneAt }: Obligation): boolean {
  return deadline === name && iteration === round && status === 'granted' && decided !== null && decided.at >= from && (doneAt === null || decided.at <= doneAt);
}

/** Whether more time was ever granted before an instant, here or before it came in (Q8). */
export const wasExtended = ({ extensions, imported }: MeasuredCapa, at: Instant): boolean =>
  extensions.some(({ status, decided }) => status === 'granted' && decided !== null && decided.at < at) || (imported?.extensions ?? []).some(({ count }) => count > 0);
