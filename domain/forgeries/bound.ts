import { plusMs, type Instant } from '../../contracts/instant';

/** A subject is spoken of once in this time, ms: whoever forges thousands of commands writes no thousands of entries. */
export const SAID_EVERY_MS = 3_600_000;
/** Subjects that are spoken of by name in that time; what is beyond is counted as one. */
export const SUBJECTS_AT_MOST = 50;
const BEYOND = 'others';

/** What was said of whom, and what has been counted since. */
export type Spoken = Readonly<Record<string, { readonly at: Instant; readonly unsaid: number }>>;

export interface Bounded {
  readonly spoken: Spoken;
  /** To be said now, with how many were counted and not said before; absent: counted only. */
  readonly say?: { readonly subject: string; readonly before: number; readonly beyond: boolean };
}

/** Whether a refused forgery is said, or counted until the next one that is. */
export function boundForgery(spoken: Spoken, { subject, at }: { readonly subject: string; readonly at: Instant }): Bounded {
  const current = Object.fromEntries(Object.entries(spoken).filter(([, { at: said, unsaid }]) => unsaid > 0 || plusMs(said, SAID_EVERY_MS) > at));
  const recent = Object.values(current).filter((one) => plusMs(one.at, SAID_EVERY_MS) > at).length;
  const beyond = current[subject] === undefined && recent >= SUBJECTS_AT_MOST;
  const key = beyond ? BEYOND : subject;
  const known = current[key];
  if (known && plusMs(known.at, SAID_EVERY_MS) > at) return { spoken: { ...current, [key]: { at: known.at, unsaid: known.unsaid + 1 } } };
  return { spoken: { ...current, [key]: { at, unsaid: 0 } }, say: { subject, before: known?.unsaid ?? 0, beyond } };
}
