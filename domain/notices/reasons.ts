import type { NoticeReason } from '../../contracts/notice';

/**
 * What each reason wants of its reader. `act`: somebody has to do something, so it never waits for a
 * digest; `inform`: it may. A new reason has to be put on one side.
 */
const WANTS: Readonly<Record<NoticeReason, 'act' | 'inform'>> = {
  level: 'act', warning: 'act', assigned: 'act', hand_over: 'act', hand_over_lapsed: 'act', resolved: 'act', confirmation_late: 'act', rejected: 'act',
  resolution_late: 'act', exhausted: 'act', review_late: 'act', cancellation_requested: 'act', progress_late: 'act', trigger_repeated: 'act',
  contact_due: 'act', contact_missed: 'act', contact_stated: 'act', contact_objected: 'act', reachability: 'act',
  cancellation_withdrawn: 'inform', closed: 'inform', regraded: 'inform', trigger_cleared: 'inform', replanned: 'inform', drill_ended: 'inform',
  triage_awaited: 'act', signature_awaited: 'act', verification_awaited: 'act', returned: 'act', plan_approved: 'act', assessment_due: 'act', closure_due: 'act',
  extension_requested: 'act', not_effective: 'act', cause_recurred: 'act', serious_breach: 'act', monitoring_begins: 'inform', extension_decided: 'inform',
  breach_denied: 'act', breach_report_due: 'act', breach_reported: 'inform', statement_changed: 'inform', view_written: 'inform',
  imported: 'inform', import_overdue: 'act',
  consent_asked: 'act', consent_answered: 'inform', consent_withdrawn: 'inform', share_changed: 'inform',
};

/** Whether a notice only informs. */
export const informs = (reason: NoticeReason): boolean => WANTS[reason] === 'inform';
