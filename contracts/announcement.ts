/** What an organisation's administrators and quality heads are told at once. */
export const ANNOUNCED = [
  'administrator', 'role', 'signer', 'consented', 'withdrawn', 'person_added', 'role_ended', 'organisation_changed', 'receipts_asked', 'receipts_changed',
  'study_changed', 'study_ended', 'admitted', 'calendar_changed', 'consent_asked',
  // Another name of an organisation: asked for, and in force; partners are told of it.
  'name_asked', 'organisation_renamed',
  // What was done to an account; its person is told, too.
  'renamed', 'password_given', 'second_factor_ended', 'deactivated',
  // What two organisations agree on: asked, agreed, or not.
  'policy_waiting', 'policy_counts', 'policy_declined', 'policy_discarded', 'row_waiting', 'row_counts', 'row_declined', 'row_withdrawn', 'topic_waiting', 'topic_agreed',
] as const;
export type AnnouncedWhat = (typeof ANNOUNCED)[number];

/** What an organisation can let an administrator of the instance do inside it. */
export const INSIDE_ACTS = ['add_person', 'give_role', 'verify_identity', 'change_organisation'] as const;
export type InsideAct = (typeof INSIDE_ACTS)[number];
