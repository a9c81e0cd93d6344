import { z } from 'zod';
import { CAPABILITIES, recordPathOf, workflowIdOf, type Capability } from '../../contracts/ids';
import { waitingView } from '../../domain/records/recordView';
import { bareEvent, historyInWords, type HistoryRun } from '../../domain/timeline/history';
import { readsAsParty } from '../../domain/timeline/reader';
import { timelineOf } from '../../domain/timeline/timeline';
import { archivedHistories } from '../../store/archive';
import { findRecord } from '../../store/records';
import { timelineSources } from '../../store/timeline';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { viewerOf } from '../views/issue';
import { notFound, readerOf, runsTheInstance, wholeRecord } from '../views/readers';
import { historySchema, timelineSchema, waitingSchema } from '../views/story';
import { recordParams } from './pathway';

/** What happened, what is waited for, and what the engine did: for the records of every capability. */
export function historyRoutes(deps: ApiDeps): Route[] {
  return CAPABILITIES.flatMap((capability) => routesOf(deps, capability));
}

function routesOf(deps: ApiDeps, capability: Capability): Route[] {
  const path = recordPathOf(capability);
  const timeline = defineRoute({
    method: 'get', path: `/api/v1/${path}/{id}/timeline`, summary: 'Facts, notices and deadlines with due, fired and told times', tags: [path],
    access: 'signed_in', scope: 'read', params: recordParams,
    answers: { 200: { description: 'The story of the record, as far as the caller may read it.', schema: timelineSchema } },
    handler: async ({ params, caller }) => {
      const { record, viewer } = await wholeRecord(deps, { recordId: params.id, caller, capability });
      const sources = await timelineSources(deps.store, record._id);
      const { rev, number, status } = record;
      return { status: 200, body: { id: record._id, number, rev, status, ...timelineOf({ ...sources, reader: readerOf(record, viewer) }) } };
    },
  });

  const waiting = defineRoute({
    method: 'get', path: `/api/v1/${path}/{id}/waiting`, summary: 'What the record waits for, until when, by which rule, and who can move it', tags: [path],
    access: 'signed_in', scope: 'read', params: recordParams,
    answers: { 200: { description: 'Nothing, when the record is over.', schema: waitingSchema } },
    handler: async ({ params, caller }) => {
      const { record, viewer } = await wholeRecord(deps, { recordId: params.id, caller, capability });
      return { status: 200, body: { id: record._id, rev: record.rev, status: record.status, ...waitingView(record, viewer) } };
    },
  });

  const history = defineRoute({
    method: 'get', path: `/api/v1/${path}/{id}/history`, summary: 'What the engine did, in plain words and raw', tags: [path],
    access: 'signed_in', scope: 'read', params: recordParams,
    query: z.strictObject({ raw: z.enum(['true', 'false']).default('false').describe('`true` adds the events as the engine keeps them.') }),
    answers: { 200: { description: 'Every run, from the engine or the archive. Who holds a share of the record, or none and runs the installation: types, states and times only.', schema: historySchema } },
    handler: async ({ params, query, caller }) => {
      const withContent = await mayReadContent(deps, { recordId: params.id, caller, capability });
      const runs = await allRuns(deps, workflowIdOf(capability, params.id));
      const raw = runs.map(({ runId, events }) => ({ runId, events: withContent ? events : events.map(bareEvent) }));
      return { status: 200, body: { id: params.id, content: withContent, lines: historyInWords(runs, { withContent }), ...(query.raw === 'true' && { raw }) } };
    },
  });
  return [timeline, waiting, history];
}

/** A party that reads the whole record, decoded; whoever holds a share of it, since the engine keeps the other shares too, and whoever runs the instance, bare; nobody else. */
async function mayReadContent(deps: ApiDeps, asked: { readonly recordId: string; readonly caller: Caller; readonly capability: Capability }): Promise<boolean> {
  const { recordId, caller, capability } = asked;
  const found = await findRecord(deps.store, recordId);
  const record = found?.capability === capability ? found : undefined;
  const viewer = record && viewerOf(record, { memberships: caller.memberships, now: deps.now() });
  if (record && viewer?.extent === 'whole') return readsAsParty(readerOf(record, viewer));
  if (record && runsTheInstance(caller)) return false;
  if (viewer) await wholeRecord(deps, asked);
  throw notFound();
}

/** The runs that Temporal still has, and before them those that only the archive has. */
async function allRuns({ gateway, store }: ApiDeps, workflowId: string): Promise<readonly HistoryRun[]> {
  const archived = await archivedHistories(store, workflowId);
  const kept = await gateway.history(workflowId);
  const gone = archived.filter(({ runId }) => kept.every((run) => run.runId !== runId));
  const runs = [...(await Promise.all(gone.map(async (run) => gateway.decode(run)))), ...kept];
  const startOf = ({ events: [first] }: HistoryRun): string => (typeof first?.['eventTime'] === 'string' ? first['eventTime'] : '');
  return runs.toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : Number(startOf(a) > startOf(b))));
}
