import { z } from 'zod';
import { actBodies, openIssueSchema, PERSON_ACTS, topicSchema, type PersonAct } from '../../contracts/escalation';
import { parseInstant } from '../../contracts/instant';
import { instantSchema } from '../../contracts/instantSchema';
import { visibilityFilter } from '../../domain/access/ability';
import { issueSummary } from '../../domain/records/issueView';
import { listIssues, type IssueFilter } from '../../store/issues';
import { markReached } from '../../store/noticeLedger';
import { actOnIssue, visibleIssue } from '../commands/actOnIssue';
import { openIssue } from '../commands/openIssue';
import { compareFirst } from '../commands/comparison';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { idempotencyKeySchema, ifMatchSchema, issueAnswer, ISSUE_STATUSES, issueSchema, issueSummarySchema, viewerOf } from '../views/issue';
import { withLaterLinks } from '../views/laterLinks';
import { pending } from './commands';
import { recordParams } from './pathway';

const idText = z.string().min(1).max(64);
const instantParam = instantSchema.transform((text) => parseInstant(text) ?? text);
const listOf = <T extends string>(values: readonly [T, ...T[]]) =>
  z.string().max(200).transform((text): unknown => text.split(',')).pipe(z.array(z.enum(values))).describe(`One or more, separated by commas: ${values.join(', ')}.`);

const listQuery = z.strictObject({
  status: listOf(ISSUE_STATUSES).optional(),
  severity: listOf(['critical', 'major', 'minor']).optional(),
  topic: topicSchema.optional(),
  studyId: idText.optional(),
  organisationId: idText.optional().describe('A party: raising or accountable.'),
  assigneeId: idText.optional(),
  level: z.coerce.number().int().min(1).max(8).optional(),
  openedFrom: instantParam.optional(),
  openedTo: instantParam.optional().describe('Exclusive.'),
  dueBefore: instantParam.optional().describe('Something on the issue is due before this instant.'),
  dedupeKey: z.string().min(1).max(200).optional(),
  drill: z.enum(['true', 'false']).transform((text) => text === 'true').optional().describe('`true` lists fire drills instead; otherwise no drill is listed.'),
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const cursorSchema = z.tuple([z.string(), z.string()]);

const actHeaders = z.object({ 'idempotency-key': idempotencyKeySchema, 'if-match': ifMatchSchema });

/** Raising, listing, reading issues, and one route per act. */
export function issueRoutes(deps: ApiDeps): Route[] {
  const open = defineRoute({
    method: 'post', path: '/api/v1/issues', summary: 'Raise an issue', tags: ['issues'], access: 'signed_in', scope: 'raise',
    body: openIssueSchema,
    headers: z.object({ 'idempotency-key': idempotencyKeySchema }),
    answers: {
      201: { description: 'The issue, open; its first level is being told.', schema: issueSchema },
      200: { description: 'The same trigger (`dedupeKey`) has this open issue already; it noted the repeat.', schema: issueSchema },
      202: pending,
    },
    handler: async ({ body, caller, correlationId, headers }) => openIssue(deps, { body, caller, correlationId, key: headers['idempotency-key'] }),
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/issues', summary: 'Issues shared with the caller, latest first', tags: ['issues'], access: 'signed_in', scope: 'read',
    query: listQuery,
    answers: { 200: { description: 'A page; `next` is the cursor of the following one.', schema: z.object({ items: z.array(issueSummarySchema), next: z.string().nullable() }) } },
    handler: async ({ query, caller }) => {
      const { cursor, limit, ...filter } = query;
      const visibility = visibilityFilter(caller.memberships, deps.now());
      if (!visibility) return { status: 200, body: { items: [], next: null } };
      const place = decodeCursor(cursor, cursorSchema);
      const { items, next } = await listIssues(deps.store, {
        visibility, filter: givenOf(filter), limit, after: place && { openedAt: place[0], id: place[1] },
      });
      const shown = items.map((issue) => issueSummary({ ...issue, state: null, armed: [] }));
      return { status: 200, body: { items: shown, next: next ? encodeCursor([next.openedAt, next.id]) : null } };
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/issues/{id}', summary: 'One issue', tags: ['issues'], access: 'signed_in', scope: 'read',
    params: recordParams,
    answers: { 200: { description: 'The issue as far as it is shared with the caller; the ETag is its revision.', schema: issueSchema } },
    handler: async ({ params, caller, correlationId }) => {
      const issue = await visibleIssue(deps, { issueId: params.id, caller });
      await compareFirst(deps, issue, { purpose: 'view', caller, correlationId });
      const viewer = viewerOf(issue, { memberships: caller.memberships, now: deps.now() });
      await markReached(deps.store, { recordId: issue._id, personId: caller.personId, at: deps.now() });
      const { body, headers } = issueAnswer(issue, viewer ?? { extent: 'summary', organisationIds: [] });
      return { status: 200, body: await withLaterLinks(deps, issue, body), headers };
    },
  });

  return [open, list, read, ...PERSON_ACTS.map((act) => actRoute(deps, act))];
}

function actRoute(deps: ApiDeps, act: PersonAct): Route {
  const schema: z.ZodType<z.infer<(typeof actBodies)[PersonAct]>> = actBodies[act];
  return defineRoute({
    method: 'post', path: `/api/v1/issues/{id}/${act}`, summary: SUMMARIES[act], tags: ['issues'], access: 'signed_in', scope: 'act',
    params: recordParams,
    // An act whose body says nothing that must be said needs none.
    body: schema.safeParse({}).success ? schema.optional() : schema,
    headers: actHeaders,
    answers: { 200: { description: 'The issue after the act.', schema: issueSchema }, 202: pending },
    handler: async ({ params, body, caller, correlationId, headers }) =>
      actOnIssue(deps, {
        issueId: params.id, act, body: body ?? {}, caller, correlationId, key: headers['idempotency-key'], expectedRev: headers['if-match'],
      }),
  });
}

const SUMMARIES: Readonly<Record<PersonAct, string>> = {
  acknowledge: 'Acknowledge for the own side',
  progress: 'Report progress, with the promised next update',
  comment: 'Comment',
  assign: 'Assign to a person of the own organisation',
  'hand-over': 'Offer the issue to another person, who must accept',
  accept: 'Accept a hand-over',
  regrade: 'Change the severity; the ladder is planned anew from now',
  link: 'Link to another record',
  share: 'Share with another organisation; of a study, or with files of another, by their consent',
  unshare: 'Take a share back; both acts stay',
  escalate: 'Escalate one level up at once',
  resolve: 'Resolve (accountable side)',
  confirm: 'Confirm the resolution (raising side)',
  reject: 'Reject the resolution, or a requested cancellation (raising side)',
  cancel: 'Request cancellation; a second person must confirm',
  'confirm-cancel': 'Confirm a requested cancellation',
};

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that were given. */
function givenOf(filter: { readonly [K in keyof IssueFilter]: IssueFilter[K] | undefined }): Given<IssueFilter> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
