import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * The search attributes of every capability. SQL visibility allows 10 keywords, 3 datetimes,
 * 3 ints per namespace, so names are generic and WorkflowType tells capabilities apart.
 * They are plaintext by design: opaque ids and states only.
 */
export const SEARCH_ATTRIBUTES = {
  state: defineSearchAttributeKey('RecordState', 'KEYWORD'),
  severity: defineSearchAttributeKey('Severity', 'KEYWORD'),
  level: defineSearchAttributeKey('Level', 'INT'),
  nextDueAt: defineSearchAttributeKey('NextDueAt', 'DATETIME'),
} as const;
