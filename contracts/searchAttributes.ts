import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * The search attributes of every capability. SQL visibility allows 10 keywords, 3 datetimes,
 * 3 ints per namespace, so names are generic and WorkflowType tells capabilities apart.
 * They are plaintext by design: opaque ids and states only. Not `Level`: visibility queries read that as an SQL word.
 */
export const SEARCH_ATTRIBUTES = {
  state: defineSearchAttributeKey('RecordState', 'KEYWORD'),
  severity: defineSearchAttributeKey('Severity', 'KEYWORD'),
  level: defineSearchAttributeKey('RecordLevel', 'INT'),
  nextDueAt: defineSearchAttributeKey('NextDueAt', 'DATETIME'),
} as const;
