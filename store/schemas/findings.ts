import type { FindingText } from '../../contracts/finding';
import { administered, type AdministeredDoc } from './administered';
import { defineSchema, nullableText, text, texts } from './definition';

/** An audit finding and the CAPA that it opened. Its `rev` is its version; the trail `finding/<id>` holds what changed, and why. */
export interface FindingDoc extends AdministeredDoc, FindingText {
  readonly topic: string;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  /** The organisations that may see it; `assigneeIds` is always empty: rights ask for both. */
  readonly visibleTo: readonly string[];
  readonly assigneeIds: readonly string[];
  readonly recordedBy: string;
  readonly capaId: string;
  readonly capaNumber: string;
  /** Of the request that recorded it: a repetition must say the same. */
  readonly requestHash: string;
}
export const findingSchema = defineSchema<FindingDoc>('findings', {
  ...administered, auditReference: text, auditDate: text, findingNo: text, category: text, title: text, description: text, severity: text, topic: text, studyId: nullableText, systemId: nullableText,
  raisingOrganisationId: text, accountableOrganisationId: text, visibleTo: texts, assigneeIds: { type: [String], default: [] }, recordedBy: text, capaId: text, capaNumber: text, requestHash: text,
});
