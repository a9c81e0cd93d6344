import type { Actor } from '../../contracts/actor';
import type { EscalationCommand, EscalationOpening, EscalationState } from '../../contracts/escalation';
import { plusMs, type Instant } from '../../contracts/instant';
import type { Policy, Side } from '../../contracts/policy';
import type { BacktestedIssue, RefusedAct } from '../../contracts/simulation';
import type { Effect, EndedDeadline, Json } from '../../contracts/step';
import { escalation } from '../escalation/machine';
import { courseOf, differing, type CourseStep } from './courses';
import { passUntil, sideOf, type IssueRun } from './simulate';
import { watchedWorld, type Setting } from './tellings';
import { VirtualRun, type VirtualStep } from './virtualRun';

/** One committed step of a closed issue. */
export interface RecordedStep {
  readonly act: string;
  readonly actor: Actor;
  readonly at: Instant;
  readonly effects: readonly Effect[];
  readonly ended: readonly EndedDeadline[];
  /** Of a command; undefined for what the shell did by itself. */
  readonly body: Json | undefined;
}

/** A closed issue: its last state and every step in order. */
export interface RecordedIssue {
  readonly state: EscalationState;
  readonly steps: readonly RecordedStep[];
}

/** Steps that the machine takes by itself; a replay takes its own. */
const OWN_STEPS: readonly string[] = ['open', 'lapse', 'settle', 'rebuild'];
const MOST_STEPS = 3000;
/** The last recorded act is followed by this much, so that what falls due at its instant is counted. */
const TAIL_MS = 1;

/**
 * Replays a closed issue's acts, each at the instant it was recorded, under a candidate policy, and
 * says what would have been different. People would have acted otherwise had they been told otherwise;
 * a back-test shows what the policy asks, not what people do. Throws as {@link VirtualRun} does.
 */
export function backtest(recorded: RecordedIssue, candidate: Policy, setting: Setting): BacktestedIssue {
  const { state, steps } = recorded;
  const { world } = watchedWorld(setting);
  const run: IssueRun = new VirtualRun(escalation, world, { opening: openingOf(state, candidate), at: state.openedAt, actor: steps[0]?.actor ?? PRODUCT });
  const refused: RefusedAct[] = [];
  const skipped: string[] = [];
  const end = steps.at(-1)?.at ?? state.openedAt;
  const bound = { steps: MOST_STEPS, until: plusMs(end, TAIL_MS) };
  for (const { act, actor, at, body } of steps) {
    if (OWN_STEPS.includes(act)) continue;
    if (act === 'replan') skipped.push(`replan at ${at}`);
    else {
      if (!passUntil(run, at, bound)) break;
      const refusal = run.commandAt(at, { actor, command: commandOf(act, body) });
      if (refusal) refused.push({ at, act, side: actor.kind === 'person' ? sideOf(state, actor.organisationId) : null, ...refusal });
    }
  }
  passUntil(run, plusMs(end, TAIL_MS), bound);
  const before = courseOf(steps.map((step) => courseStepOf(state, step)));
  const after = courseOf(run.steps.map((step) => courseStepOf(state, recordedForm(step))));
  const { id, number, severity, policy } = state;
  return {
    id, number, severity: state.plans[0]?.severity ?? severity, ranUnder: { key: policy.key, version: policy.version },
    recorded: before, candidate: after, differs: differing(before, after), refused, skipped,
  };
}

const PRODUCT: Actor = { kind: 'system', name: 'backtest', correlationId: '' };

/** As it was raised: the severity that it had then. */
function openingOf(state: EscalationState, policy: Policy): EscalationOpening {
  const { id, number, topic, studyId, systemId, raisingOrganisationId, accountableOrganisationId, raisedBy, dedupeKey } = state;
  return {
    id, number, policy, matrixVersion: state.matrixVersion, raisedBy,
    request: {
      topic, severity: state.plans[0]?.severity ?? state.severity, raisingOrganisationId, accountableOrganisationId,
      ...(studyId !== null && { studyId }), ...(systemId !== null && { systemId }), ...(dedupeKey !== null && { dedupeKey }),
    },
  };
}

/** Checked against the act's schema when it was accepted; an act without a body says nothing. */
function commandOf(act: string, body: Json | undefined): EscalationCommand {
  return { act, body: body ?? {} } as unknown as EscalationCommand;
}

const recordedForm = ({ source, at, effects, ended }: VirtualStep<EscalationState>) => ({ act: source.act, actor: source.actor, at, effects, ended });

function courseStepOf(state: EscalationState, { act, actor, at, effects, ended }: Omit<RecordedStep, 'body'>): CourseStep {
  const side: Side | null = actor.kind === 'person' ? sideOf(state, actor.organisationId) : null;
  return { at, act, side, effects, ended };
}
