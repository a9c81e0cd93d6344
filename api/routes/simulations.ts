import { z } from 'zod';
import { topicSchema } from '../../contracts/escalation';
import { severitySchema } from '../../contracts/policy';
import { simulationSchema, triedPolicySchema, type BacktestedIssue } from '../../contracts/simulation';
import { instantSchema } from '../../contracts/instantSchema';
import { visibilityFilter } from '../../domain/access/ability';
import { partiesOf } from '../../domain/escalation/plan';
import { backtest, type RecordedIssue } from '../../domain/simulation/backtest';
import { checkInstants } from '../../domain/simulation/bounds';
import { summaryOf } from '../../domain/simulation/courses';
import { simulate } from '../../domain/simulation/simulate';
import type { Setting } from '../../domain/simulation/tellings';
import { closedIssues } from '../../store/closedIssues';
import type { DirectoryQuestion } from '../../store/directory';
import { found, organisationIdsOf } from '../administer';
import { absencesOf, breathe, requireParties, requireTrier, settingNow, settingThen, triedPolicy, utc } from '../commands/triedSetting';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idSchema } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { backtestAnswer, simulationAnswer } from '../views/simulation';

const tags = ['policies'];
const placeSchema = z.tuple([z.string(), z.string()]);
const MOST_ISSUES = 500;

/** Policies tried out before they count: on an issue that never was, and on those that are over. Nothing is written, nobody told. */
export function simulationRoutes(deps: ApiDeps): Route[] {
  const one = defineRoute({
    method: 'post', path: '/api/v1/simulations', summary: 'Who would be told when: an issue over a virtual clock, by the machine and calendars of real ones', tags, access: 'signed_in', scope: 'read',
    body: simulationSchema, answers: found('Everybody who would be told, in order, until the issue is over or exhausted.', simulationAnswer),
    handler: async ({ body, caller }) => {
      const { raisingOrganisationId, accountableOrganisationId, studyId, topic, severity, acts } = body;
      const organisationIds = [raisingOrganisationId, accountableOrganisationId];
      requireTrier(deps, caller, { organisationIds, studyId: studyId ?? null });
      checkInstants(body);
      await requireParties(deps.store, { studyId, raisingOrganisationId, accountableOrganisationId });
      const policy = await triedPolicy(deps, body.policy, { caller, parties: { organisationIds, studyId: studyId ?? null } });
      const setting = await settingNow(deps.store, { organisationIds, studyId: studyId ?? null, topic }, absencesOf(body.away));
      const simulated = simulate({
        policy, severity, topic, raisingOrganisationId, accountableOrganisationId, at: utc(body.at), studyId: studyId ?? null, raisedBy: body.raisedBy ?? null, acts,
      }, setting);
      return { status: 200, body: { policy: { key: policy.key, version: policy.version }, ...simulated } };
    },
  });

  const past = defineRoute({
    method: 'post', path: '/api/v1/backtests', summary: 'Closed issues of the own organisations, replayed under other ladders', tags, access: 'signed_in', scope: 'read',
    body: z.strictObject({
      policy: triedPolicySchema, from: instantSchema.optional().describe('Raised at or after.'), to: instantSchema.optional().describe('Raised before.'),
      topic: topicSchema.optional(), severity: severitySchema.optional(), studyId: idSchema.optional(), organisationId: idSchema.optional().describe('A party: raising or accountable.'),
      limit: z.int().min(1).max(MOST_ISSUES).default(100), cursor: z.string().max(500).optional(),
    }),
    answers: found('What would have been different; drills are left out. Recorded acts come at their recorded instants: a back-test shows what the ladders ask, not what people would have done.', backtestAnswer),
    handler: async ({ body, caller }) => {
      const { from, to, topic, severity, studyId, organisationId, limit, cursor } = body;
      requireTrier(deps, caller);
      const policy = await triedPolicy(deps, body.policy, { caller });
      const place = decodeCursor(cursor, placeSchema);
      const visibility = visibilityFilter(caller.memberships, deps.now());
      const own = { $in: [...organisationIdsOf(caller)] };
      // A share may be of the summary only: a replay tells the whole course.
      const asParty = { $and: [visibility ?? { _id: { $in: [] } }, { $or: [{ raisingOrganisationId: own }, { accountableOrganisationId: own }] }] };
      const { items: recorded, next } = await closedIssues(deps.store, {
        visibility: asParty, limit, after: place && { openedAt: place[0], id: place[1] },
        filter: { from: utc(from), to: utc(to), topic, severity, studyId, organisationId },
      });
      const items: BacktestedIssue[] = [];
      const settings = new Map<string, Promise<Setting>>();
      for (const issue of recorded) {
        items.push(backtest(issue, policy, await settingFor(deps, settings, issue)));
        await breathe();
      }
      const shownNext = next ? encodeCursor([next.openedAt, next.id]) : null;
      return { status: 200, body: { policy: { key: policy.key, version: policy.version }, summary: summaryOf(items), items, next: shownNext } };
    },
  });
  return [one, past];
}

/** Issues of the same parties, study and topic share their world. */
function settingFor(deps: ApiDeps, known: Map<string, Promise<Setting>>, { state }: RecordedIssue): Promise<Setting> {
  const question: DirectoryQuestion = { organisationIds: partiesOf(state), studyId: state.studyId, topic: state.topic };
  const key = JSON.stringify(question);
  const setting = known.get(key) ?? settingThen(deps.store, question);
  known.set(key, setting);
  return setting;
}
