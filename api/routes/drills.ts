import { z } from 'zod';
import { DRILL, DRILL_ACTS, drillActBodies, openDrillSchema, type DrillAct } from '../../contracts/drill';
import { drillView } from '../../domain/drill/view';
import { reportOf } from '../../store/drillReport';
import { markReached } from '../../store/noticeLedger';
import { actOnDrill, startDrill } from '../commands/drill';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { pageOf, pageQuery } from '../schemas';
import { drillReportSchema, drillSchema, DRILL_STATUSES } from '../views/drill';
import { etagOf, idempotencyKeySchema, ifMatchSchema } from '../views/issue';
import { wholeRecord } from '../views/readers';
import { recordPage } from '../views/recordPage';
import { pending } from './commands';
import { issueParams } from './issues';

const tags = ['drills'];
const listQuery = z.strictObject({
  status: z.enum(DRILL_STATUSES).transform((status) => [status]).optional(),
  topic: z.string().max(40).optional(), studyId: z.string().max(64).optional(), ...pageQuery,
});

/** Drills of the matrix and of the ladder, by the real path, marked and out of every figure (E15). */
export function drillRoutes(deps: ApiDeps): Route[] {
  const open = defineRoute({
    method: 'post', path: '/api/v1/drills', summary: 'Start a drill: tell everybody of a matrix row, or open an issue that climbs the real ladder', tags, access: 'signed_in', scope: 'raise',
    body: openDrillSchema, headers: z.object({ 'idempotency-key': idempotencyKeySchema }),
    answers: { 201: { description: 'The drill; people are being told.', schema: drillSchema }, 202: pending },
    handler: async ({ body, caller, correlationId, headers }) => startDrill(deps, { body, caller, correlationId, key: headers['idempotency-key'] }),
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/drills', summary: 'Drills shared with the caller, latest first', tags, access: 'signed_in', scope: 'read', query: listQuery,
    answers: { 200: { description: 'A page; `next` is the cursor of the following one.', schema: pageOf(drillSchema) } },
    handler: async ({ query, caller }) => recordPage(deps, { capability: DRILL.capability, caller, query, show: drillView }),
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/drills/{id}', summary: 'One drill; opening it shows that its notice reached the caller', tags, access: 'signed_in', scope: 'read', params: issueParams,
    answers: { 200: { description: 'The drill; the ETag is its revision.', schema: drillSchema } },
    handler: async ({ params, caller }) => {
      const { record } = await wholeRecord(deps, { recordId: params.id, caller, capability: DRILL.capability });
      await markReached(deps.store, { recordId: record._id, personId: caller.personId, at: deps.now() });
      return { status: 200, body: drillView(record), headers: { ETag: etagOf(record.rev) } };
    },
  });

  const report = defineRoute({
    method: 'get', path: '/api/v1/drills/{id}/report', summary: 'Who was told by which channel, who answered after how long, who did not', tags, access: 'signed_in', scope: 'read', params: issueParams,
    answers: { 200: { description: 'Computed from what was stored; `final` once the drill is over.', schema: drillReportSchema } },
    handler: async ({ params, caller }) => {
      const { record, viewer } = await wholeRecord(deps, { recordId: params.id, caller, capability: DRILL.capability });
      return { status: 200, body: await reportOf(deps.store, { record, organisationIds: viewer.organisationIds }) };
    },
  });

  return [open, list, read, report, ...DRILL_ACTS.map((act) => actRoute(deps, act))];
}

function actRoute(deps: ApiDeps, act: DrillAct): Route {
  const schema: z.ZodType<z.infer<(typeof drillActBodies)[DrillAct]>> = drillActBodies[act];
  return defineRoute({
    method: 'post', path: `/api/v1/drills/{id}/${act}`, summary: SUMMARIES[act], tags, access: 'signed_in', scope: 'act', params: issueParams,
    body: schema.safeParse({}).success ? schema.optional() : schema, headers: z.object({ 'idempotency-key': idempotencyKeySchema, 'if-match': ifMatchSchema }),
    answers: { 200: { description: 'The drill after the act.', schema: drillSchema }, 202: pending },
    handler: async ({ params, body, caller, correlationId, headers }) =>
      actOnDrill(deps, { drillId: params.id, act, body: body ?? {}, caller, correlationId, key: headers['idempotency-key'], expectedRev: headers['if-match'] }),
  });
}

const SUMMARIES: Readonly<Record<DrillAct, string>> = {
  confirm: 'Confirm that the notice reached me',
  end: 'End the drill before its window does',
};
