import type { PolicyScope } from '../../contracts/policyScope';
import { scopeOf, type Scoped } from './scope';

/** A seat, as far as it reads what organisations agreed on. */
export interface ReadingSeat {
  readonly organisationId: string;
  /** Bound to one study; null: to none. */
  readonly studyId: string | null;
  /** Organisations that the seat knows of: by a study, those of that study. */
  readonly knownIds: ReadonlySet<string>;
}

/**
 * Whether a seat reads a policy version, its basis, its drafts once they are proposed, and its trail (P14): a party's seat
 * does; the installation's are everybody's. A seat bound to a study reads that study's, and what its organisation agreed
 * for every study, with organisations that it knows from that study.
 */
export function mayReadPolicy(version: Scoped, seats: readonly ReadingSeat[]): boolean {
  const scope = scopeOf(version);
  return scope.kind === 'installation' || seats.some((seat) => reads(scope, seat));
}

function reads({ organisationIds, studyId }: PolicyScope, seat: ReadingSeat): boolean {
  if (!organisationIds.includes(seat.organisationId)) return false;
  if (seat.studyId === null || seat.studyId === studyId) return true;
  return studyId === null && organisationIds.every((id) => seat.knownIds.has(id));
}

/** A draft, as far as its readers are concerned. */
export interface ReadableDraft extends Scoped {
  /** Where its first author is at home. */
  readonly organisationId: string;
  /** When the other parties were first asked to sign it; null, absent: not yet. */
  readonly proposedAt?: string | null | undefined;
}

/** Whether a seat reads a draft: its own organisation's seats, and once it is proposed every party's. */
export function mayReadDraft(draft: ReadableDraft, seats: readonly ReadingSeat[]): boolean {
  const own = seats.filter(({ organisationId }) => organisationId === draft.organisationId);
  const readers = (draft.proposedAt ?? null) === null ? own : seats;
  if (scopeOf(draft).kind === 'installation') return own.length > 0;
  return mayReadPolicy(draft, readers);
}

/** Whether a calendar's versions, those to come among them, and its trail are read by these seats: whoever works with the organisation counts deadlines on it (E5). */
export function mayReadCalendar(organisationId: string, seats: readonly ReadingSeat[]): boolean {
  return seats.some((seat) => seat.organisationId === organisationId || seat.knownIds.has(organisationId));
}
