import type { EscalationState } from '../../contracts/escalation';
import type { ArmedDeadline, Json } from '../../contracts/step';
import { escalation } from '../escalation/machine';
import { isPartyOf, shownPolicy } from '../policy/because';
import { scopeOf } from '../policy/scope';

/** The stored fields of an issue that views are made from. */
export interface ViewableIssue {
  readonly _id: string;
  readonly rev: number;
  readonly number: string;
  readonly stateVersion: number;
  readonly state: Json;
  readonly armed: readonly ArmedDeadline[];
  readonly content: { readonly title: string; readonly description: string; readonly site?: string; readonly country?: string; readonly happenedAt?: string; readonly awareAt?: string };
  readonly status: string;
  readonly severity: string;
  readonly topic: string;
  readonly level: number;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly nextDueAt: string | null;
  readonly openedAt: string;
  readonly updatedAt: string;
  readonly drill: boolean;
}

export interface Viewer {
  /** How much of the record is shared with the viewer. */
  readonly extent: 'whole' | 'summary';
  /** The organisations that the viewer sees it for. */
  readonly organisationIds: readonly string[];
}

/** What every share shows, and what lists show: what it is about and where it stands, no people, no text but the title. */
export function issueSummary(issue: ViewableIssue) {
  const { _id, rev, number, content, status, severity, topic, level, studyId, systemId, raisingOrganisationId, accountableOrganisationId, nextDueAt, openedAt, updatedAt, drill } = issue;
  return {
    id: _id, number, rev, title: content.title, status, severity, topic, level, studyId, systemId,
    raisingOrganisationId, accountableOrganisationId, nextDueAt, openedAt, updatedAt, drill,
  };
}
export type IssueSummary = ReturnType<typeof issueSummary>;

/** An issue as the viewer may see it. */
export function issueView(issue: ViewableIssue, viewer: Viewer): IssueView {
  const summary = issueSummary(issue);
  return viewer.extent === 'summary' ? { ...summary, extent: 'summary' } : { ...summary, extent: 'whole', ...details(issue, viewer.organisationIds) };
}
export type IssueView = IssueSummary & ({ readonly extent: 'summary' } | ({ readonly extent: 'whole' } & ReturnType<typeof details>));

function details(issue: ViewableIssue, organisationIds: readonly string[]) {
  const state = escalation.migrate(issue.state, issue.stateVersion);
  const { title, ...content } = issue.content;
  return {
    ...content,
    raisedBy: state.raisedBy, sourceId: state.sourceId, clearedAt: state.clearedAt, dedupeKey: state.dedupeKey,
    policy: shownPolicy(state.policy, organisationIds), matrixVersion: state.matrixVersion, ...(state.matrixTopic && { matrixTopic: state.matrixTopic }), ...(state.topicUnknown && { topicUnknown: state.topicUnknown }),
    tracks: state.tracks, plans: plansFor(state, organisationIds), links: state.links, shares: sharesFor(state, organisationIds),
    deadlines: issue.armed.filter((deadline) => deadline.warning === undefined).map(deadlineView),
    resolvedBy: state.resolvedBy, rejections: state.rejections, cancellation: state.cancellation,
    resolutionLate: state.resolutionLate, reviewsLapsed: state.reviewsLapsed,
  };
}

/** Parties see every share; whoever holds one sees only its own (decision 009). */
function sharesFor(state: EscalationState, organisationIds: readonly string[]): EscalationState['shares'] {
  const isParty = [state.raisingOrganisationId, state.accountableOrganisationId].some((id) => organisationIds.includes(id));
  return isParty ? state.shares : state.shares.filter((share) => organisationIds.includes(share.organisationId)).map(({ organisationId, extent }) => ({ organisationId, extent }));
}

/** Every plan; of those whose policy the viewer does not read, when they began and why. */
function plansFor(state: EscalationState, organisationIds: readonly string[]) {
  return state.plans.map(({ policyScope, ...plan }) => (isPartyOf({ scope: policyScope }, organisationIds)
    ? { ...plan, policyScope: scopeOf({ scope: policyScope }) } : { severity: plan.severity, from: plan.from, reason: plan.reason, policyKey: null, policyVersion: null, policyScope: null }));
}

function deadlineView({ name, due, armedAt, calendar }: ArmedDeadline) {
  return { name, due, armedAt, calendar: calendar ?? null };
}
