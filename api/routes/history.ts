import { z } from 'zod';
import { workflowIdOf } from '../../contracts/ids';
import { escalation } from '../../domain/escalation/machine';
import { bareEvent, historyInWords, type HistoryRun } from '../../domain/timeline/history';
import { timelineOf } from '../../domain/timeline/timeline';
import { archivedHistories } from '../../store/archive';
import { findIssue } from '../../store/issues';
import { timelineSources } from '../../store/timeline';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { viewerOf } from '../views/issue';
import { notFound, runsTheInstance, wholeIssue } from '../views/readers';
import { historySchema, timelineSchema, waitingSchema } from '../views/story';
import { issueParams } from './issues';

/** What happened, what is waited for, and what the engine did. */
export function historyRoutes(deps: ApiDeps): Route[] {
  const timeline = defineRoute({
    method: 'get', path: '/api/v1/issues/{id}/timeline', summary: 'Facts, notices and deadlines with due, fired and told times', tags: ['issues'],
    access: 'signed_in', scope: 'read', params: issueParams,
    answers: { 200: { description: 'The story of the issue, as far as the caller may read it.', schema: timelineSchema } },
    handler: async ({ params, caller }) => {
      const { issue, viewer } = await wholeIssue(deps, { issueId: params.id, caller });
      const sources = await timelineSources(deps.store, issue._id);
      const { rev, number, status } = issue;
      return { status: 200, body: { id: issue._id, number, rev, status, ...timelineOf({ ...sources, organisationIds: viewer.organisationIds }) } };
    },
  });

  const waiting = defineRoute({
    method: 'get', path: '/api/v1/issues/{id}/waiting', summary: 'What the issue waits for, until when, by which rule, and who can move it', tags: ['issues'],
    access: 'signed_in', scope: 'read', params: issueParams,
    answers: { 200: { description: 'Nothing, when the issue is over.', schema: waitingSchema } },
    handler: async ({ params, caller }) => {
      const { issue } = await wholeIssue(deps, { issueId: params.id, caller });
      const state = escalation.migrate(issue.state, issue.stateVersion);
      const found = issue.done ? [] : escalation.waiting(state, issue.armed);
      return { status: 200, body: { id: issue._id, rev: issue.rev, status: issue.status, policy: `${state.policy.key}/${String(state.policy.version)}`, waiting: found } };
    },
  });

  const history = defineRoute({
    method: 'get', path: '/api/v1/issues/{id}/history', summary: 'What the engine did, in plain words and raw', tags: ['issues'],
    access: 'signed_in', scope: 'read', params: issueParams,
    query: z.strictObject({ raw: z.enum(['true', 'false']).default('false').describe('`true` adds the events as the engine keeps them.') }),
    answers: { 200: { description: 'Every run, from the engine or the archive. Without a right to the record: types, states and times only.', schema: historySchema } },
    handler: async ({ params, query, caller }) => {
      const withContent = await mayReadContent(deps, { issueId: params.id, caller });
      const runs = await allRuns(deps, workflowIdOf('escalation', params.id));
      const raw = runs.map(({ runId, events }) => ({ runId, events: withContent ? events : events.map(bareEvent) }));
      return { status: 200, body: { id: params.id, content: withContent, lines: historyInWords(runs, { withContent }), ...(query.raw === 'true' && { raw }) } };
    },
  });
  return [timeline, waiting, history];
}

/** Whoever reads the whole record, decoded; whoever runs the instance, bare; nobody else. */
async function mayReadContent(deps: ApiDeps, { issueId, caller }: { readonly issueId: string; readonly caller: Caller }): Promise<boolean> {
  const issue = await findIssue(deps.store, issueId);
  const viewer = issue && viewerOf(issue, { memberships: caller.memberships, now: deps.now() });
  if (viewer?.extent === 'whole') return true;
  if (issue && runsTheInstance(caller)) return false;
  if (viewer) await wholeIssue(deps, { issueId, caller });
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
