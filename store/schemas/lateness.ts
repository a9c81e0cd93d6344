import type { Capability } from '../../contracts/ids';
import type { Instant } from '../../contracts/instant';
import type { PassedDeadline } from '../../domain/lateness/passed';
import { defineSchema, integer, nullableText, text, texts } from './definition';

/**
 * One deadline whose instant passed: written by the commit of the step that found it passed, completed
 * by the first notice of that step. `_id` is `<record id>|<rev>|<name>`. Who may read it is what the
 * record said then; who only holds a summary never may.
 */
export interface PassedDeadlineDoc extends PassedDeadline {
  readonly _id: string;
  readonly recordId: string;
  readonly capability: Capability;
  readonly number: string;
  readonly rev: number;
  readonly severity: string;
  readonly topic: string;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly assigneeIds: readonly string[];
  readonly visibleTo: readonly string[];
  /** When the store took it: after an outage of the records later than `firedAt`. */
  readonly recordedAt: Instant;
  readonly recordedLateByMs: number;
  readonly toldAt: Instant | null;
  readonly toldLateByMs: number | null;
}

export const passedDeadlineSchema = defineSchema<PassedDeadlineDoc>('deadline_ledger', {
  _id: text, recordId: text, capability: text, number: text, rev: integer, name: text, kind: text, warning: { type: Number, default: null }, outcome: text,
  organisationId: text, due: text, firedAt: text, lateByMs: integer, severity: text, topic: text, studyId: nullableText, systemId: nullableText,
  raisingOrganisationId: text, accountableOrganisationId: text, assigneeIds: texts, visibleTo: texts, recordedAt: text, recordedLateByMs: integer, toldAt: nullableText,
  toldLateByMs: { type: Number, default: null },
});
