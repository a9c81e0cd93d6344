import { DRILL, DRILL_ACTS, drillActBodies, openDrillSchema, type DrillAct } from '../../contracts/drill';
import { drillView } from '../../domain/drill/view';
import { reportOf } from '../../store/drillReport';
import { markReached } from '../../store/noticeLedger';
import { compareFirst } from '../commands/comparison';
import { actOnDrill, startDrill } from '../commands/drill';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { drillReportSchema, drillSchema, DRILL_STATUSES } from '../views/drill';
import { wholeRecord } from '../views/readers';
import { actRoutes, listRoute, openRoute, readRoute, recordParams, type Pathway } from './pathway';

const PATHWAY: Pathway = { capability: DRILL.capability, noun: 'drill', plural: 'drills', statuses: DRILL_STATUSES, schema: drillSchema, show: drillView };

/** Drills of the matrix and of the ladder, by the real path, marked and out of every figure (E15). */
export function drillRoutes(deps: ApiDeps): Route[] {
  const report = defineRoute({
    method: 'get', path: '/api/v1/drills/{id}/report', summary: 'Who was told by which channel, who answered after how long, who did not', tags: ['drills'], access: 'signed_in', scope: 'read', params: recordParams,
    answers: { 200: { description: 'Computed from what was stored; `final` once the drill is over.', schema: drillReportSchema } },
    handler: async ({ params, caller, correlationId }) => {
      const { record, viewer } = await wholeRecord(deps, { recordId: params.id, caller, capability: DRILL.capability });
      await compareFirst(deps, record, { purpose: 'report', caller, correlationId });
      return { status: 200, body: await reportOf(deps.store, { record, organisationIds: viewer.organisationIds }) };
    },
  });

  return [
    openRoute(PATHWAY, {
      summary: 'Start a drill: tell everybody of a matrix row, or open an issue that climbs the real ladder', scope: 'raise', body: openDrillSchema, opened: 'The drill; people are being told.',
      perform: (request) => startDrill(deps, request),
    }),
    listRoute(deps, PATHWAY),
    readRoute(deps, PATHWAY, {
      summary: 'One drill; opening it shows that its notice reached the caller',
      seen: ({ _id }, { personId }) => markReached(deps.store, { recordId: _id, personId, at: deps.now() }),
    }),
    report,
    ...actRoutes(PATHWAY, DRILL_ACTS, { bodies: drillActBodies, summaries: SUMMARIES, perform: (request) => actOnDrill(deps, request) }),
  ];
}

const SUMMARIES: Readonly<Record<DrillAct, string>> = {
  confirm: 'Confirm that the notice reached me',
  end: 'End the drill before its window does',
};
