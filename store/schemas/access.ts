import type { AnnouncedWhat } from '../../contracts/announcement';
import type { Instant } from '../../contracts/instant';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, integer, nullableText, text, texts } from './definition';

/** One telling of what concerns an organisation: to a person of it, or to a bare address. The reader's inbox of such things, and the letter's outbox. */
export interface AnnouncementDoc {
  readonly _id: string;
  /** Stream of what changed: `membership/<id>`. */
  readonly about: string;
  readonly organisationId: string;
  readonly what: AnnouncedWhat;
  /** Whom it is told; null: an address of the organisation. */
  readonly personId: string | null;
  readonly address: string;
  /** Who it is about, and by whom, by their printed names then. */
  readonly subject: string;
  readonly role: string | null;
  readonly byName: string;
  readonly at: Instant;
  /** Until then it can be objected to before it counts; null: it counts. */
  readonly until: Instant | null;
  readonly attempts: number;
  readonly nextAt: Instant;
  readonly sentAt: Instant | null;
  readonly failure: string | null;
  readonly readAt: Instant | null;
}
export const announcementSchema = defineSchema<AnnouncementDoc>('announcements', {
  _id: text, about: text, organisationId: text, what: text, personId: nullableText, address: text, subject: text, role: nullableText, byName: text,
  at: text, until: nullableText, attempts: integer, nextAt: text, sentAt: nullableText, failure: nullableText, readAt: nullableText,
});

/** An administrator of an organisation lets one of the instance act inside it, for a time. */
export interface AdmissionDoc extends AdministeredDoc {
  readonly organisationId: string;
  /** The administrator of the instance who may act. */
  readonly personId: string;
  readonly acts: readonly string[];
  readonly givenBy: string;
  readonly until: Instant;
  readonly reason: string;
  /** What was done under it. */
  readonly uses: readonly { readonly act: string; readonly about: string; readonly at: Instant }[];
}
export const admissionSchema = defineSchema<AdmissionDoc>('admissions', {
  ...administered, organisationId: text, personId: text, acts: texts, givenBy: text, until: text, reason: text, uses: anything,
});

/** Failed sign-ins of one person within one hour: a count, no record. */
export interface SignInFailuresDoc { readonly _id: string; readonly hour: string; readonly failed: number; readonly unwritten: number }
export const signInFailuresSchema = defineSchema<SignInFailuresDoc>('sign_in_failures', { _id: text, hour: text, failed: integer, unwritten: integer });
