import type { AuditActor, AuditDraft } from '../contracts/audit';
import type { Forgery } from '../contracts/forgery';
import type { Instant } from '../contracts/instant';
import type { ArmedDeadline, CommitRequest, CommitResult, DeadlineRule, Fact } from '../contracts/step';
import { contentFacts, openingFact, type ContentBefore } from '../domain/audit/contentFacts';
import { RELEASE } from '../domain/audit/versions';
import { endDeadlines } from '../domain/ended';
import { accessRecordOf, mayAct } from '../domain/access/ability';
import { passedDeadlines } from '../domain/lateness/passed';
import { resolveDeadline } from '../domain/time/deadlines';
import { commandInForce, type PersonInForce } from '../store/authority';
import { calendarsInForce } from '../store/calendars';
import type { Store } from '../store/connection';
import { commitStep, type PreparedStep } from '../store/records';
import type { CommandDoc, RecordDoc } from '../store/schemas/records';
import { capabilityOf, capabilityRecord, contentReading } from './capabilities';
import { forgedStepBecause, originOf } from './forgedSteps';
import { useShareConsents } from '../store/sharesInForce';

export interface CommitDeps {
  readonly store: Store;
  readonly tzdb: string;
  readonly now: () => Instant;
  readonly tellForgery: (forgery: Forgery) => void;
}

/** `commit`: the one activity that changes records. */
export function createCommitActivity(deps: CommitDeps) {
  return async function commit(request: CommitRequest): Promise<CommitResult> {
    // Read again here: an accepted command may run hours after the API allowed it.
    const { command, person } = originOf(request.source) === 'command'
      ? await commandInForce(deps.store, { commandId: request.source.key, at: request.at })
      : { command: undefined, person: undefined };
    const refused = (await refuseForged(deps, request, command)) ?? refuseActor(request, person) ?? refuseSide(request) ?? (await staleFigure(deps.store, request));
    const prepared = await prepare(deps, request, person);
    const actor = auditActor(request, person);
    const outcome = await commitStep(deps.store, { ...prepared, ...(command && { command }), authorise: async (session) => refused ?? useShareConsents(deps.store, { command, actor, at: deps.now() }, session) });
    return { ...outcome, key: request.source.key };
  };
}

/** Not made by this installation: said, counted, and nothing else. */
async function refuseForged({ store, tellForgery }: CommitDeps, request: CommitRequest, command: CommandDoc | undefined): Promise<Refused | undefined> {
  const because = await forgedStepBecause(store, request, command);
  if (because === undefined) return undefined;
  tellForgery({ what: 'command', workflowId: request.run.workflowId, because });
  return { outcome: 'refused', type: 'not_permitted', reason: because, extra: {} };
}

type Refused = Extract<CommitResult, { outcome: 'refused' }>;

/** A figure that a step brings is counted again here: nobody signs one of their own, or one that has moved since (Q5). */
async function staleFigure(store: Store, { capability, step, source, rev }: CommitRequest): Promise<Refused | undefined> {
  const check = capabilityRecord(capability).refuseFigure;
  const reason = source.actor.kind === 'person' && rev > 1 ? await check?.(store, { act: source.act, state: step.state, facts: step.facts }) : undefined;
  return reason === undefined ? undefined : { outcome: 'refused', type: 'wrong_state', reason, extra: {} };
}

/** What the machine leaves to be asked here, so that histories from before go on. */
function refuseSide({ capability, step, source, rev }: CommitRequest): Refused | undefined {
  const { actor, act } = source;
  if (actor.kind !== 'person' || rev === 1) return undefined;
  const refusal = capabilityRecord(capability).refuseStep?.({ act, state: step.state, facts: step.facts, signed: step.sign !== undefined, actor });
  return refusal && { outcome: 'refused', ...refusal, extra: {} };
}

function refuseActor(request: CommitRequest, person: PersonInForce | undefined): Refused | undefined {
  const { actor, act } = request.source;
  if (actor.kind === 'system') return undefined;
  const { state } = request.step;
  const { project, rightOf } = capabilityRecord(request.capability);
  const record = accessRecordOf({ ...project(state), state });
  // A right held in another organisation does not stand in for the one the act was done for.
  const memberships = (person?.memberships ?? []).filter((membership) => membership.organisationId === actor.organisationId);
  const named = rightOf(act);
  if (named && mayAct({ memberships, act: named, record, now: request.at })) return undefined;
  return { outcome: 'refused', type: 'not_permitted', reason: 'the right to act was lost before the act was carried out', extra: {} };
}

async function prepare(deps: CommitDeps, request: CommitRequest, person: PersonInForce | undefined): Promise<PreparedStep> {
  const { recordId, rev, at, source, step } = request;
  const capability = capabilityOf(request.capability);
  const { ended, facts, left } = endDeadlines({ armed: request.armed, step, at, ...(request.lapsed ? { lapsed: request.lapsed } : {}) });
  const armed = await resolveAll(deps, step.arm, at);
  const described = capabilityRecord(capability);
  const allArmed = [...left, ...armed];
  const agenda = described.agendaOf?.({ state: step.state, facts: step.facts, waits: allArmed, ended });
  return {
    recordId, rev, ...(request.follows !== undefined && { follows: request.follows }), ...(request.lapsed && { lapsed: request.lapsed }), left, passed: passedDeadlines({ armed: request.armed, ended }), recordedAt: deps.now(),
    record: {
      state: step.state, stateVersion: described.stateVersion, armed: allArmed, ...described.project(step.state),
      nextDueAt: nextDue(allArmed), updatedAt: at, done: step.done ?? false,
    },
    ...birthOf(request),
    ...(agenda && { agenda: { change: agenda, number: (step.state as { number: string }).number } }),
    step: {
      capability, key: source.key, act: source.act, actor: source.actor, at, armed, ended,
      effects: step.effects, effectsDone: step.effects.length === 0, outcomes: [],
    },
    ...(step.sign && { sign: { demand: step.sign, by: auditActor(request, person) } }),
    slots: described.slotsOf?.({ facts: step.facts, armed: request.armed, at }) ?? [],
    drafts: draftsOf(request, [...step.facts, ...openingFacts(request), ...facts], auditActor(request, person)),
    contentDrafts: (before) => contentDrafts(request, before, auditActor(request, person)),
  };
}

function birthOf({ content, step }: CommitRequest): Pick<PreparedStep, 'birth'> {
  if (content === undefined) return {};
  const state = step.state as { number: string; openedAt: Instant; dedupeKey?: string | null };
  return { birth: {
    number: state.number, openedAt: state.openedAt, content: content as unknown as RecordDoc['content'],
    ...(typeof state.dedupeKey === 'string' && { dedupeKey: state.dedupeKey }),
  } };
}

async function resolveAll(deps: { store: Store; tzdb: string }, rules: readonly DeadlineRule[], at: Instant): Promise<readonly ArmedDeadline[]> {
  const counting = rules.filter((rule) => rule.after.kind === 'business').map((rule) => rule.organisationId);
  const calendars = await calendarsInForce(deps.store, [...new Set(counting)], at);
  return rules.flatMap((rule) => {
    const calendar = calendars.get(rule.organisationId);
    return resolveDeadline({ rule, tzdb: deps.tzdb, ...(calendar ? { calendar } : {}) });
  });
}

function nextDue(armed: readonly ArmedDeadline[]): Instant | null {
  const dues = armed.filter((deadline) => deadline.warning === undefined).map((deadline) => deadline.due).sort();
  return dues[0] ?? null;
}

function openingFacts({ content, step, capability }: CommitRequest): readonly Fact[] {
  return content === undefined ? [] : [openingFact(content, contentReading(capability).contentOf(step.state))];
}

/** What the step changes of the content that the store holds, and what no person did to it. */
function contentDrafts(request: CommitRequest, before: ContentBefore, actor: AuditActor): readonly AuditDraft[] {
  const { product, step } = contentFacts(before, request.step, contentReading(request.capability));
  return [...draftsOf(request, product, { kind: 'system', name: RELEASE, ...request.run }), ...draftsOf(request, step, actor)];
}

function draftsOf(request: CommitRequest, facts: readonly Fact[], actor: AuditActor): readonly AuditDraft[] {
  const { recordId, rev, at, source, run } = request;
  return facts.map((fact) => ({
    streamId: recordId, at, zone: 'UTC', actor, rev, correlationId: source.actor.correlationId || run.runId, ...fact,
  }));
}

function auditActor(request: CommitRequest, person: PersonInForce | undefined): AuditActor {
  const { source: { actor }, run, step, capability } = request;
  if (actor.kind === 'system') {
    return { kind: 'system', name: actor.name, ...run, policyVersion: capabilityRecord(capability).policyVersionOf(step.state) };
  }
  const { personId, role, organisationId } = actor;
  return { kind: 'person', personId, role, organisationId, name: person?.name ?? '' };
}
