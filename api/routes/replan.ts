import { z } from 'zod';
import { KeptRefusal, type Failure } from '../../contracts/failures';
import { visibilityFilter } from '../../domain/access/ability';
import type { Policy } from '../../contracts/policy';
import { scopeKeySchema } from '../../contracts/policyScope';
import { isSameVersion } from '../../domain/policy/inForce';
import { scopeOf } from '../../domain/policy/scope';
import { issuesOnOlderVersions } from '../../store/openIssues';
import { stateOf } from '../../store/closedIssues';
import { recordRefusal } from '../../store/refusals';
import type { RecordDoc } from '../../store/schemas/records';
import { found } from '../administer';
import { visibleIssue } from '../commands/actOnIssue';
import { lineInForce, outcomeOf, replanCommandId, replanIssue, replanPreview, versionForIssue } from '../commands/replanIssue';
import { breathe, readableLadders } from '../commands/triedSetting';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { reasonSchema } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { idempotencyKeySchema, ifMatchSchema, issueSchema } from '../views/issue';
import { wholeRecord } from '../views/readers';
import { bulkReplanSchema, replanPreviewSchema } from '../views/simulation';
import { pending } from './commands';
import { recordParams } from './pathway';

const tags = ['policies'];
const keyText = z.string().min(1).max(60);

/** Moving open issues to the version in force: an audited act of its own, the difference shown first (P19). */
export function replanRoutes(deps: ApiDeps): Route[] {
  const preview = defineRoute({
    method: 'get', path: '/api/v1/issues/{id}/replan', summary: 'What moving the issue to the version in force would change', tags, access: 'signed_in', scope: 'read',
    params: recordParams, query: z.strictObject({ policyKey: keyText.optional().describe('Default: the policy that it runs under.'), version: z.coerce.number().int().min(1).optional() }),
    answers: found('Each running deadline now and after, and who would be told.', replanPreviewSchema),
    handler: async ({ params, query, caller, correlationId }) => {
      const { record } = await wholeRecord(deps, { recordId: params.id, caller, capability: 'escalation' });
      const { policy: from } = stateOf(record);
      const policy = await versionForIssue(deps, record, { key: query.policyKey, version: query.version });
      const shown = await replanPreview(deps, { issue: record, policy, caller, correlationId });
      return { status: 200, body: { id: record._id, number: record.number, rev: record.rev, from: versionOf(from), to: versionOf(policy), ...shown }, headers: { ETag: `"${String(record.rev)}"` } };
    },
  });

  const move = defineRoute({
    method: 'post', path: '/api/v1/issues/{id}/replan', summary: 'Move the issue to the version in force (raising side); running deadlines are counted anew', tags, access: 'signed_in', scope: 'act',
    params: recordParams, headers: z.object({ 'idempotency-key': idempotencyKeySchema, 'if-match': ifMatchSchema }),
    body: z.strictObject({ policyKey: keyText.optional(), version: z.int().min(1), reason: reasonSchema }),
    answers: { 200: { description: 'The issue after the act.', schema: issueSchema }, 202: pending },
    handler: async ({ params, body, headers, caller, correlationId }) => {
      const issue = await visibleIssue(deps, { issueId: params.id, caller });
      return replanIssue(deps, { issue, body, caller, correlationId, key: headers['idempotency-key'], expectedRev: headers['if-match'] });
    },
  });

  const many = defineRoute({
    method: 'post', path: '/api/v1/policies/{key}/versions/{version}/replan-open', tags, access: 'signed_in', scope: 'act',
    summary: 'Move open issues on older versions to this one, page by page, each by an act of its own; a dry run shows the differences only',
    params: z.strictObject({ key: keyText, version: z.coerce.number().int().min(1) }), query: z.strictObject({ scope: scopeKeySchema.optional().describe('`scopeKey` of the version; default: the installation\'s.') }), refusalSubject: ({ key }) => `policy/${key}`,
    headers: z.object({ 'idempotency-key': idempotencyKeySchema }),
    body: z.strictObject({ reason: reasonSchema, dryRun: z.boolean().default(true), limit: z.int().min(1).max(50).default(20), cursor: z.string().max(200).optional() }),
    answers: found('The issues of this page, each with its difference and what became of it.', bulkReplanSchema),
    handler: async (incoming) => {
      const { params, query, body, caller } = incoming;
      const readable = await readableLadders(deps, caller, params.key);
      const policy = lineInForce(deps, readable.filter((doc) => (doc.scopeKey ?? 'installation') === (query.scope ?? 'installation')), params.version);
      const visibility = visibilityFilter(caller.memberships, deps.now()) ?? { _id: { $in: [] } };
      const { items, next } = await issuesOnOlderVersions(deps.store, { visibility, policy, after: decodeCursor(body.cursor, z.string()), limit: body.limit });
      const shown = [];
      for (const issue of items) {
        shown.push(await moveOne(deps, { issue, policy, caller, correlationId: incoming.correlationId, key: incoming.headers['idempotency-key'], reason: body.reason, dryRun: body.dryRun }));
        await breathe();
      }
      return { status: 200, body: { to: versionOf(policy), dryRun: body.dryRun, items: shown, next: next === undefined ? null : encodeCursor(next) } };
    },
  });
  return [preview, move, many];
}

const versionOf = ({ key, version, scope }: Pick<Policy, 'key' | 'version' | 'scope'>) => ({ key, version, scope: scopeOf({ scope }) });

interface Moving {
  readonly issue: RecordDoc;
  readonly policy: Policy;
  readonly caller: Caller;
  readonly correlationId: string;
  readonly key: string;
  readonly reason: string;
  readonly dryRun: boolean;
}

async function moveOne(deps: ApiDeps, moving: Moving) {
  const { issue, policy, caller, correlationId, key, reason, dryRun } = moving;
  const counting = await versionForIssue(deps, issue, { key: policy.key });
  if (!isSameVersion(counting, policy)) {
    return { id: issue._id, number: issue.number, from: versionOf(stateOf(issue).policy), deadlines: [], outcome: 'would_be_refused', reason: 'a narrower policy counts for its parties', commandId: null };
  }
  const { refusal, deadlines } = await replanPreview(deps, moving);
  const shown = { id: issue._id, number: issue.number, from: versionOf(stateOf(issue).policy), deadlines };
  if (refusal || dryRun) return { ...shown, outcome: refusal ? 'would_be_refused' : 'would_move', reason: refusal?.reason ?? null, commandId: null };
  // What was shown is what is moved: an issue that went on meanwhile is refused and comes with the next page.
  const body = { policyKey: policy.key, version: policy.version, reason };
  const { outcome, failure } = await outcomeOf(() => replanIssue(deps, { issue, body, caller, correlationId, key, expectedRev: issue.rev }));
  if (failure && !(failure instanceof KeptRefusal)) await keepRefusal(deps, moving, failure);
  return { ...shown, outcome, reason: failure?.message ?? null, commandId: replanCommandId({ caller, key }, issue._id) };
}

/** The door keeps a request's own refusal; of many acts in one request each is kept here. */
async function keepRefusal(deps: ApiDeps, { issue, caller, correlationId }: Moving, failure: Failure): Promise<void> {
  const role = caller.memberships.find((membership) => membership.organisationId === caller.organisationId)?.role ?? 'none';
  await recordRefusal(deps.store, {
    recordId: issue._id, actor: { kind: 'person', personId: caller.personId, name: caller.name, role, organisationId: caller.organisationId },
    act: 'replan', failureType: failure.type, reason: failure.message, correlationId, at: deps.now(),
  });
}
