import type { ConsentTerms } from '../../contracts/consent';
import type { Instant } from '../../contracts/instant';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, nullableText, optionalText, text, texts } from './definition';
import type { ByPerson } from './evidence';

interface Answered {
  readonly by: ByPerson;
  readonly at: Instant;
  readonly reason: string;
}

/** One organisation's yes to what another wants to show a third; of the asking and the asked organisation, of nobody else. */
export interface ConsentDoc extends AdministeredDoc, ConsentTerms {
  readonly reason: string;
  readonly askedBy: ByPerson;
  readonly until: Instant;
  /** null: not answered yet. */
  readonly answer: Answered | null;
  readonly withdrawal: Answered | null;
  /** Absent in what earlier releases stored and nobody has used since. */
  readonly usedAt?: Instant | null;
}
export const consentSchema = defineSchema<ConsentDoc>('consents', {
  ...administered, subject: text, recordId: text, evidenceId: nullableText, extent: nullableText, toOrganisationIds: texts, askingOrganisationId: text, ofOrganisationId: text,
  studyId: nullableText, status: text, until: text, reason: text, askedBy: anything, answer: anything, withdrawal: anything, usedAt: optionalText,
});
