import { z } from 'zod';
import { LINK_INVERSES, LINK_KINDS } from '../../contracts/links';
import { severitySchema, sideSchema } from '../../contracts/policy';
import { policyScopeSchema } from '../../contracts/policyScope';
import { recordPolicySchema } from './recordPolicy';
import type { Membership } from '../../contracts/people';
import type { Instant } from '../../contracts/instant';
import { accessRecordOf, extentSeen } from '../../domain/access/ability';
import { issueView, type IssueView, type Viewer } from '../../domain/records/issueView';
import type { RecordDoc } from '../../store/schemas/records';

export const ISSUE_STATUSES = ['open', 'acknowledged', 'resolved', 'closed', 'exhausted', 'cancelled'] as const;

const id = z.string();
const instant = z.iso.datetime();

export const issueSummarySchema = z.object({
  id, number: z.string(), rev: z.int(), title: z.string(), status: z.enum(ISSUE_STATUSES), severity: severitySchema, topic: z.string(), level: z.int(),
  studyId: id.nullable(), systemId: id.nullable(), raisingOrganisationId: id, accountableOrganisationId: id,
  nextDueAt: instant.nullable(), openedAt: instant, updatedAt: instant, drill: z.boolean().describe('A fire drill: no figure counts it.'),
});

/** Links of any record, with what the other record says of them. */
export const linksSchema = z.array(z.object({ recordId: id.nullable().describe('null: a record that is none of yours.'), kind: z.enum([...LINK_KINDS, ...Object.values(LINK_INVERSES)]) }));

const trackSchema = z.object({
  side: sideSchema, organisationId: id, status: z.enum(['climbing', 'acknowledged', 'exhausted', 'settled']), level: z.int(), round: z.int(),
  acknowledgedBy: id.nullable(), assigneeId: id.nullable(), handOver: z.object({ fromId: id.nullable(), toId: id }).nullable(),
});

/** For the OpenAPI document: the members from `description` on are there when the whole issue is shared with the caller. */
export const issueSchema = issueSummarySchema.extend({
  extent: z.enum(['whole', 'summary']),
  description: z.string().optional(), site: z.string().optional(), country: z.string().optional(), happenedAt: instant.optional(), awareAt: instant.optional(),
  raisedBy: id.nullable().optional(), sourceId: id.nullable().optional(), clearedAt: instant.nullable().optional().describe('Since when the source reports all clear; closing stays with people.'), dedupeKey: z.string().nullable().optional(),
  policy: recordPolicySchema.optional(), matrixVersion: z.int().nullable().optional(),
  matrixTopic: z.literal('*').optional().describe('The topic has no row of its own: the row for every other topic routed it.'),
  topicUnknown: z.literal(true).optional().describe('Its source sent a topic that the two organisations did not choose; nothing else of it is different.'),
  tracks: z.array(trackSchema).optional(),
  plans: z.array(z.object({ severity: severitySchema, policyKey: z.string().nullable(), policyVersion: z.int().nullable(), policyScope: policyScopeSchema.nullable(), from: instant, reason: z.string() })).optional(),
  links: linksSchema.optional(),
  shares: z.array(z.object({ organisationId: id, extent: z.enum(['whole', 'summary']), consentIds: z.array(id).optional().describe('Of the consents that it rests on, for the parties.') })).optional(),
  deadlines: z.array(z.object({ name: z.string(), due: instant, armedAt: instant, calendar: z.unknown() })).optional(),
  resolvedBy: id.nullable().optional(), rejections: z.int().optional(),
  cancellation: z.object({ by: id, reason: z.string() }).nullable().optional(),
  resolutionLate: z.boolean().optional(), reviewsLapsed: z.int().optional(),
  joined: z.boolean().optional().describe('The same trigger had an open issue already: this is it.'),
}).meta({ id: 'Issue' });

/** How much of an issue a person sees, and for which organisations; undefined: there is no such issue for them. */
export function viewerOf(issue: RecordDoc, { memberships, now }: { readonly memberships: readonly Membership[]; readonly now: Instant }): Viewer | undefined {
  const record = accessRecordOf(issue);
  const extent = extentSeen({ memberships, record, now });
  if (!extent) return undefined;
  const seeing = memberships.filter((membership) => extentSeen({ memberships: [membership], record, now }) === extent);
  return { extent, organisationIds: [...new Set(seeing.map((membership) => membership.organisationId))] };
}

/** The issue as the viewer sees it, with its revision as ETag. */
export function issueAnswer(issue: RecordDoc, viewer: Viewer): { readonly body: IssueView; readonly headers: { readonly ETag: string } } {
  return { body: issueView(issue, viewer), headers: { ETag: etagOf(issue.rev) } };
}

/** A revision as an entity tag. */
export const etagOf = (rev: number): string => `"${String(rev)}"`;

/** `If-Match` on a revision: `"7"`, also `7` and `W/"7"`; `*` means any. */
export const ifMatchSchema = z
  .string()
  .regex(/^(?:\*|(?:W\/)?"\d{1,9}"|\d{1,9})$/, 'the ETag that came with the record')
  .transform((text) => (text === '*' ? undefined : Number(text.replace(/\D/g, ''))))
  .optional();

/** `Idempotency-Key`: the caller's name for this one act. */
export const idempotencyKeySchema = z.string().regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters');
