import type { Capability } from '../../contracts/ids';
import type { Instant } from '../../contracts/instant';
import type { PolicyContent, PolicyContents, PolicyOf } from '../../contracts/policyKinds';
import type { PartyApproval, PolicyScope } from '../../contracts/policyScope';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, integer, nullableText, optionalText, text, texts } from './definition';

/** Immutable version of a policy of some kind; `_id` is `<line>/<version>`. */
export type PolicyVersionDoc<Name extends PolicyContent> = PolicyOf<Name> & {
  readonly _id: string;
  /** The draft that became this version, whose signature it bears; absent, null: provisioning put it in, or a release before this was kept. */
  readonly draftId?: string | null;
  /** Which line it is a version of: `<key>`, `<key>@<scope>`; absent: from before scopes, the key. */
  readonly line?: string;
  /** Where it is looked for; absent, null: of the installation. */
  readonly scopeKey?: string | null;
  /** Who signed it; absent: provisioning put it in, or a release before scopes. */
  readonly approvals?: readonly PartyApproval[];
  readonly createdAt: Instant;
};
export type PolicyDoc = PolicyVersionDoc<'ladders'>;

/** A version of a policy on its way; administered, so every change of it has its entry (stream `policy-draft/<id>`, `capa-policy-draft/<id>`). */
export type PolicyDraftDoc<Name extends PolicyContent = 'ladders'> = AdministeredDoc & DraftFields & { readonly [K in Name]: PolicyContents[K] };

/** What every draft has, whatever it holds. */
export interface DraftFields {
  readonly key: string;
  readonly basis: string;
  /** From when it is meant to count; null: from its publishing. */
  readonly effectiveFrom: Instant | null;
  /** The version that it started from; null: a new policy. */
  readonly baseVersion: number | null;
  /** `proposed`: one party has signed, the others are asked. */
  readonly status: 'draft' | 'proposed' | 'published' | 'discarded' | 'declined';
  /** Whose it becomes; absent: of the installation, from before scopes. */
  readonly scope?: PolicyScope;
  /** Absent, null: of the installation. */
  readonly scopeKey?: string | null;
  /** Absent: none. */
  readonly approvals?: readonly PartyApproval[];
  /** When a party first signed it: from then on every party reads it. Absent: not yet. */
  readonly proposedAt?: Instant | null;
  readonly declined?: { readonly organisationId: string; readonly personId: string; readonly reason: string; readonly at: Instant } | null;
  /** Where its first author is at home. */
  readonly organisationId: string;
  /** Everybody who wrote on it: they may not publish it. */
  readonly authorIds: readonly string[];
  /** The version that it became. */
  readonly version: number | null;
  /** Counts up with every change of what publishing signs, from 1; absent on drafts from before signatures, which then have 1. */
  readonly contentVersion?: number;
}

const versionFields = { _id: text, key: text, version: integer, effectiveFrom: text, basis: text, draftId: nullableText, line: optionalText, scope: anything, scopeKey: nullableText, approvals: anything, createdAt: text };
export const policySchema = defineSchema<PolicyDoc>('policies', { ...versionFields, ladders: anything });
export const capaPolicySchema = defineSchema<PolicyVersionDoc<'timings'>>('capa_policies', { ...versionFields, timings: anything });

const draftFields = {
  ...administered,
  key: text, basis: text, effectiveFrom: nullableText, baseVersion: { type: Number, default: null }, status: text,
  organisationId: text, authorIds: texts, version: { type: Number, default: null }, contentVersion: { type: Number },
  scope: anything, scopeKey: nullableText, approvals: anything, proposedAt: nullableText, declined: anything,
};
export const policyDraftSchema = defineSchema<PolicyDraftDoc>('policy_drafts', { ...draftFields, ladders: anything });
export const capaPolicyDraftSchema = defineSchema<PolicyDraftDoc<'timings'>>('capa_policy_drafts', { ...draftFields, timings: anything });

/** Something for the next governance meeting; carries what rights depend on, under the names that a record has. */
export interface AgendaItemDoc {
  /** `<record id>/<revision that put it here>` */
  readonly _id: string;
  readonly recordId: string;
  readonly capability: Capability;
  readonly number: string;
  readonly severity: string;
  readonly topic: string;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly visibleTo: readonly string[];
  readonly assigneeIds: readonly string[];
  readonly reason: string;
  readonly since: Instant;
  /** When somebody must have taken it up. */
  readonly reviewDue: Instant;
  readonly reviewsLapsed: number;
  /** `pending`: not yet before a meeting; `settled`: taken up, or over, before it came to one. */
  readonly status: 'pending' | 'settled';
  readonly settledAt: Instant | null;
  /** The record's status when it was settled. */
  readonly outcome: string | null;
  readonly updatedAt: Instant;
}
export const agendaItemSchema = defineSchema<AgendaItemDoc>('agenda_items', {
  _id: text, recordId: text, capability: text, number: text, severity: text, topic: text, studyId: nullableText, systemId: nullableText,
  raisingOrganisationId: text, accountableOrganisationId: text, visibleTo: texts, assigneeIds: texts, reason: text, since: text, reviewDue: text,
  reviewsLapsed: integer, status: text, settledAt: nullableText, outcome: nullableText, updatedAt: text,
});
