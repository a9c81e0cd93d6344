import { z } from 'zod';
import { correctFindingSchema, FINDING_CATEGORIES, recordFindingSchema } from '../../contracts/finding';
import { severitySchema } from '../../contracts/policy';
import { listFindings } from '../../store/findings';
import type { FindingDoc } from '../../store/schemas/findings';
import { found, notFound, recordAnswer } from '../administer';
import { correct, recordFinding } from '../commands/finding';
import type { ApiDeps } from '../deps';
import { defineRoute, type Outgoing, type Route } from '../route';
import { idParam, ifMatchHeader, pageOf, pageQuery, revOf } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { findingSchema, findingVisibility, seenFinding, shownFindings } from '../views/finding';
import { idempotencyKeySchema } from '../views/issue';

const idText = z.string().min(1).max(64);
const path = '/api/v1/findings';
const tags = ['findings'];
const refusalSubject = ({ id }: { id: string }) => `finding/${id}`;
const placeSchema = z.tuple([z.string(), z.string()]);

const listQuery = z.strictObject({
  ...pageQuery, studyId: idText.optional(), auditReference: z.string().max(100).optional(), category: z.enum(FINDING_CATEGORIES).optional(), severity: severitySchema.optional(),
  organisationId: idText.optional().describe('Audited or auditing.'), capaId: idText.optional(), from: z.iso.date().optional().describe('Day of the audit.'), to: z.iso.date().optional().describe('Exclusive.'),
});

/** Audit findings; each opens its CAPA at once. */
export function findingRoutes(deps: ApiDeps): Route[] {
  const answer = async (status: 200 | 201, finding: FindingDoc): Promise<Outgoing> => {
    const [shown = {}] = await shownFindings(deps, [finding]);
    return recordAnswer(status, shown, status === 201 ? path : undefined);
  };

  const record = defineRoute({
    method: 'post', path, summary: 'Record an audit finding, which opens its CAPA', tags, access: 'signed_in', scope: 'raise', body: recordFindingSchema, headers: z.object({ 'idempotency-key': idempotencyKeySchema }),
    answers: { 201: { description: 'The finding with its CAPA; `capa.status` is null while that waits to be opened.', schema: findingSchema } },
    handler: async ({ body, caller, correlationId, headers }) => {
      const { finding, known } = await recordFinding(deps, { body, caller, correlationId, key: headers['idempotency-key'] });
      const answered = await answer(201, finding);
      return known ? { ...answered, headers: { ...answered.headers, 'Idempotency-Replayed': 'true' } } : answered;
    },
  });

  const list = defineRoute({
    method: 'get', path, summary: 'Audit findings shared with the caller, latest recorded first', tags, access: 'signed_in', scope: 'read', query: listQuery, answers: found('A page; `next` is the cursor of the following one.', pageOf(findingSchema)),
    handler: async ({ query, caller }) => {
      const { cursor, limit, ...filter } = query;
      const visibility = findingVisibility(caller, deps);
      if (!visibility) return { status: 200, body: { items: [], next: null } };
      const place = decodeCursor(cursor, placeSchema);
      const { items, next } = await listFindings(deps.store, { visibility, filter, limit, after: place && { createdAt: place[0], id: place[1] } });
      return { status: 200, body: { items: await shownFindings(deps, items), next: next ? encodeCursor([next.createdAt, next.id]) : null } };
    },
  });

  const read = defineRoute({
    method: 'get', path: `${path}/{id}`, summary: 'One audit finding', tags, access: 'signed_in', scope: 'read', params: idParam, refusalSubject, answers: found('The finding; the ETag is its version.', findingSchema),
    handler: async ({ params, caller }) => {
      const finding = await seenFinding(deps, caller, params.id);
      if (!finding) throw notFound();
      return answer(200, finding);
    },
  });

  const correction = defineRoute({
    method: 'post', path: `${path}/{id}/correct`, summary: 'Correct a finding: a new version, with its reason', tags, access: 'signed_in', scope: 'act', params: idParam, refusalSubject, body: correctFindingSchema, headers: ifMatchHeader,
    answers: found('The new version.', findingSchema),
    handler: async ({ params, body, headers, caller, correlationId }) => answer(200, await correct(deps, { id: params.id, body, rev: revOf(headers), caller, correlationId })),
  });

  return [record, list, read, correction];
}
