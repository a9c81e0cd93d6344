import type { Instant } from './instant';
import type { Side } from './policy';

/** Ways to tell a person. `inbox`: inside the product, always reachable. */
export const CHANNELS = ['email', 'webhook', 'inbox'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Why somebody is told; the text of each is in activities/notice.ts. */
export const NOTICE_REASONS = [
  'level', 'warning', 'assigned', 'hand_over', 'hand_over_lapsed', 'resolved', 'confirmation_late', 'rejected', 'resolution_late',
  'exhausted', 'review_late', 'cancellation_requested', 'cancellation_withdrawn', 'closed', 'progress_late', 'regraded', 'trigger_repeated',
  'trigger_cleared', 'replanned', 'drill_ended', 'contact_due', 'contact_missed', 'contact_stated', 'contact_objected', 'reachability',
  'triage_awaited', 'signature_awaited', 'verification_awaited', 'returned', 'plan_approved', 'monitoring_begins', 'assessment_due', 'closure_due',
  'extension_requested', 'extension_decided', 'not_effective', 'cause_recurred', 'serious_breach', 'breach_denied', 'breach_report_due', 'breach_reported', 'statement_changed', 'view_written', 'imported', 'import_overdue',
  'consent_asked', 'consent_answered', 'consent_withdrawn', 'share_changed',
] as const;
export type NoticeReason = (typeof NOTICE_REASONS)[number];

/** Notices of one key that each person is told in one letter, at the same time. */
export interface NoticeDigest {
  readonly key: string;
  readonly at: Instant;
}

/** A notice carries id, topic, severity, due instant and a link, never free text. */
export interface NoticeEffect {
  readonly kind: 'notify';
  readonly intent: string;
  readonly audience:
    | { readonly to: 'level'; readonly side: Side; readonly organisationId: string; readonly level: number }
    | { readonly to: 'roles'; readonly organisationId: string; readonly roles: readonly string[] }
    | { readonly to: 'person'; readonly organisationId: string; readonly personId: string };
  readonly reason: NoticeReason;
  /** Name of the armed deadline whose instant the notice shows. */
  readonly deadline: string | null;
  /** The machine waits for the answer `nobody`. */
  readonly mustReach: boolean;
  /** Whatever the severity and whatever was preferred; teams are not told. */
  readonly digest?: NoticeDigest;
}
