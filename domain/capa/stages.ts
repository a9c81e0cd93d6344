import type { CapaState, CapaTimings, StageState } from '../../contracts/capaState';
import type { ProposalKind, Stage } from '../../contracts/capaWords';
import type { Duration } from '../../contracts/duration';
import type { Instant } from '../../contracts/instant';
import type { DeadlineRule } from '../../contracts/step';
import type { Draft } from '../draft';

export type CapaDraft = Draft<CapaState>;

/** Names of this machine's deadlines. */
export const deadlines = {
  stage: (stage: Stage) => `stage/${stage}`,
  action: (id: string) => `action/${id}`,
  proposal: (kind: ProposalKind) => `proposal/${kind}`,
  extension: (no: number) => `extension/${no}`,
  monitoring: 'monitoring',
  watch: 'recurrence-watch',
  recurrence: 'recurrence-decision',
  breachReport: 'breach/report',
} as const;

/** Clocks that a new iteration starts again; the initial response is owed once. */
export const ITERATION_STAGES: readonly Stage[] = ['root-cause', 'plan', 'corrective', 'preventive'];

/** The pinned timings of the present severity (Q11). */
export const timingsOf = (state: CapaState): CapaTimings => state.policy.timings[state.severity];

/** A deadline on the accountable organisation's calendar, with the warnings of the policy. */
export function ruleFor(state: CapaState, rule: { name: string; from: Instant; after: DeadlineRule['after']; warnAfter?: Instant }): DeadlineRule {
  return { ...rule, organisationId: state.accountableOrganisationId, warnAt: timingsOf(state).warnAt };
}

/** The stage that runs under this name; undefined: it is over, or has not begun. */
export const runningStage = (state: CapaState, name: Stage): StageState | undefined => state.stages.find((stage) => stage.name === name && stage.endedAt === null);

/** Starts a stage's clock. */
export function armStage(draft: CapaDraft, name: Stage, from: Instant): void {
  const { iteration } = draft.state;
  draft.set({ stages: [...draft.state.stages, { name, iteration, from, originalDue: null, due: null, endedAt: null, missedAt: null }] });
  draft.arm(ruleFor(draft.state, { name: deadlines.stage(name), from, after: timingsOf(draft.state)[name] }));
}

/** Ends a stage: its work has come, or (`lifted`) nothing waits for it any more. */
export function endStage(draft: CapaDraft, name: Stage, end: { now: Instant; lifted?: boolean }): void {
  const running = runningStage(draft.state, name);
  if (!running) return;
  setStage(draft, name, { endedAt: end.now });
  if (end.lifted === true) draft.lift(deadlines.stage(name));
  else draft.disarm(deadlines.stage(name));
  overtakeExtension(draft, deadlines.stage(name));
}

/** Changes the running stage of this name. */
export function setStage(draft: CapaDraft, name: Stage, patch: Partial<StageState>): void {
  const running = runningStage(draft.state, name);
  draft.set({ stages: draft.state.stages.map((stage) => (stage === running ? { ...stage, ...patch } : stage)) });
}

/** After a regrading: the clocks that still run are counted anew from where they began. Late once is late, and a date that somebody granted stands (Q8). */
export function recountStages(draft: CapaDraft, now: Instant): void {
  for (const { name, from } of draft.state.stages.filter((stage) => stage.endedAt === null && stage.missedAt === null && stage.due === null)) {
    draft.arm(ruleFor(draft.state, { name: deadlines.stage(name), from, after: timingsOf(draft.state)[name], warnAfter: now }));
  }
}

/** A request for more time that waits is moot once its work has come. */
export function overtakeExtension(draft: CapaDraft, deadline: string): void {
  for (const { no } of draft.state.extensions.filter((one) => one.status === 'pending' && one.deadline === deadline)) {
    draft.set({ extensions: draft.state.extensions.map((one) => (one.no === no ? { ...one, status: 'lapsed' } : one)) });
    draft.lift(deadlines.extension(no));
    draft.fact({ action: 'extension.overtaken', field: deadline, detail: { no } });
  }
}

/** Arms a deadline of a second person or of quality. */
export function armDecision(draft: CapaDraft, name: string, now: Instant): void {
  const within: Duration = timingsOf(draft.state).decision;
  draft.arm(ruleFor(draft.state, { name, from: now, after: within }));
}
