import type { Instant } from '../../contracts/instant';
import type { Role, TokenScope } from '../../contracts/people';
import type { Calendar } from '../../contracts/calendar';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, integer, nullableText, optionalText, text, texts } from './definition';

export interface OrganisationDoc extends AdministeredDoc {
  readonly name: string;
  readonly kind: 'sponsor' | 'cro' | 'vendor';
  readonly zone: string;
  readonly receiptAddress: string | null;
  /** Where receipts are asked to go instead, until a second person consents. */
  readonly receiptChange?: { readonly address: string | null; readonly askedBy: string; readonly askedAt: Instant } | null;
  /** What it is asked to be called instead, until a second person consents. */
  readonly nameChange?: { readonly name: string; readonly askedBy: string; readonly askedAt: Instant } | null;
}
export const organisationSchema = defineSchema<OrganisationDoc>('organisations', { ...administered, name: text, kind: text, zone: text, receiptAddress: nullableText, receiptChange: anything, nameChange: anything });

export interface StudyDoc extends AdministeredDoc {
  readonly code: string;
  readonly title: string;
  readonly organisationIds: readonly string[];
}
export const studySchema = defineSchema<StudyDoc>('studies', { ...administered, code: text, title: text, organisationIds: texts });

/** A person. Ids and e-mail addresses are never reused: 21 CFR 11.100(a). */
export interface PersonDoc extends AdministeredDoc {
  readonly email: string;
  readonly name: string;
  readonly organisationId: string;
  readonly passwordHash: string;
}
export const personSchema = defineSchema<PersonDoc>('people', { ...administered, email: text, name: text, organisationId: text, passwordHash: text });

export interface MembershipDoc extends AdministeredDoc {
  readonly personId: string;
  readonly organisationId: string;
  readonly role: Role;
  readonly studyId: string | null;
  readonly systemIds: readonly string[];
  readonly from: Instant;
  readonly until: Instant | null;
  /** From when on its person may sign by it; absent: from the first. */
  readonly signsFrom?: Instant;
  /** Who gave it last; absent: provisioning, or before this was kept. */
  readonly givenBy?: string;
  /** The first administrator of an organisation, made and empowered by one person of the instance. */
  readonly bootstrap?: boolean;
}
export const membershipSchema = defineSchema<MembershipDoc>('memberships', {
  ...administered, personId: text, organisationId: text, role: text, studyId: nullableText, systemIds: texts, from: text, until: nullableText,
  signsFrom: optionalText, givenBy: optionalText, bootstrap: { type: Boolean },
});

/** Somebody stands in for somebody, from–to (E9). */
export interface DelegationDoc extends AdministeredDoc {
  readonly personId: string;
  readonly delegateId: string;
  readonly organisationId: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly reason: string;
}
export const delegationSchema = defineSchema<DelegationDoc>('delegations', {
  ...administered, personId: text, delegateId: text, organisationId: text, from: text, until: text, reason: text,
});

/** A session or an API token: only the SHA-256 of the secret is kept. */
export interface CredentialDoc {
  readonly _id: string;
  readonly publicId: string;
  readonly kind: 'session' | 'token';
  readonly personId: string;
  readonly csrfToken: string | null;
  readonly name: string | null;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: Instant;
  readonly lastSeenAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  /** Public ids of the tokens that it comes from: it ends with each of them. */
  readonly lineage?: readonly string[];
  /** When a token was used for the first time; null: not yet. */
  readonly firstUsedAt?: Instant | null;
  /** The token ended by its date, and the trail says so. */
  readonly endNoted?: boolean;
}
export const credentialSchema = defineSchema<CredentialDoc>('credentials', {
  _id: text, publicId: text, kind: text, personId: text, csrfToken: nullableText, name: nullableText, scopes: texts,
  createdAt: text, lastSeenAt: text, expiresAt: text, revokedAt: nullableText, lineage: { type: [String], default: undefined }, firstUsedAt: { type: String }, endNoted: { type: Boolean },
});

/** Immutable version of a calendar; `_id` is `<organisation>/<version>`. */
export interface CalendarDoc extends Calendar { readonly _id: string; readonly createdAt: Instant }
export const calendarSchema = defineSchema<CalendarDoc>('calendars', {
  _id: text, organisationId: text, version: integer, zone: text, week: anything, holidays: anything, halfDays: anything, holidaySource: text, holidayGaps: anything, effectiveFrom: optionalText, createdAt: text,
});

