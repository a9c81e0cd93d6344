import type { PersonActor } from '../../contracts/actor';
import type { EscalationState } from '../../contracts/escalation';
import type { Refusal } from '../../contracts/failures';
import { plusMs, type Instant } from '../../contracts/instant';
import type { Policy, PolicyChange } from '../../contracts/policy';
import type { SimulatedTelling } from '../../contracts/simulation';
import type { ArmedDeadline } from '../../contracts/step';
import { escalation } from '../escalation/machine';
import { differencesOf } from '../policy/difference';
import { passToEnd, type IssueRun } from './simulate';
import { watchedWorld, type Setting } from './tellings';
import { VirtualRun } from './virtualRun';

/** An issue that runs, and the policy it might go on under. */
export interface Replanned {
  readonly rev: number;
  readonly state: EscalationState;
  readonly armed: readonly ArmedDeadline[];
  readonly policy: Policy;
  readonly actor: PersonActor;
  readonly now: Instant;
}

/** One deadline before and after; null: it does not run. */
export interface MovedDeadline {
  readonly name: string;
  readonly dueNow: Instant | null;
  readonly dueAfter: Instant | null;
}

export interface ReplanPreview {
  /** Why the act would be refused; then nothing below would happen. */
  readonly refusal: Refusal | null;
  /** What differs in the ladder that the issue stands on. */
  readonly changes: readonly PolicyChange[];
  readonly deadlines: readonly MovedDeadline[];
  /** Who would be told from now on if nobody acted. */
  readonly tellings: { readonly now: readonly SimulatedTelling[]; readonly after: readonly SimulatedTelling[] };
}

const AHEAD = { steps: 400, ms: 400 * 24 * 3_600_000 };

/**
 * What moving an issue to another version would change (P19), worked out by the machine itself over
 * the calendars in force; nothing is changed.
 */
export function previewReplan(replanned: Replanned, setting: Setting): ReplanPreview {
  const { state, policy, actor, now, armed } = replanned;
  const after = resume(replanned, setting);
  const refusal = after.run.command({ actor, command: { act: 'replan', body: { policy, reason: 'preview' } } }) ?? null;
  const moved = deadlinesOf(armed, after.run.armed);
  const path = `ladders.${state.severity}`;
  const bound = { steps: AHEAD.steps, until: plusMs(now, AHEAD.ms) };
  const before = resume(replanned, setting);
  passToEnd(before.run, bound);
  if (!refusal) passToEnd(after.run, bound);
  return {
    refusal, deadlines: moved,
    changes: differencesOf(state.policy, policy).filter((change) => change.path.startsWith(path)),
    tellings: { now: before.tellings, after: refusal ? [] : after.tellings },
  };
}

function resume({ rev, state, armed, now }: Replanned, setting: Setting): { readonly run: IssueRun; readonly tellings: readonly SimulatedTelling[] } {
  const { world, tellings } = watchedWorld(setting);
  return { run: new VirtualRun(escalation, world, { resumed: { rev, state, armed }, at: now }), tellings };
}

function deadlinesOf(before: readonly ArmedDeadline[], after: readonly ArmedDeadline[]): readonly MovedDeadline[] {
  const isDeadline = (deadline: ArmedDeadline): boolean => deadline.warning === undefined;
  const dueIn = (armed: readonly ArmedDeadline[], name: string): Instant | null => armed.find((deadline) => deadline.name === name)?.due ?? null;
  const names = [...new Set([...before, ...after].filter(isDeadline).map((deadline) => deadline.name))].sort();
  return names.map((name) => ({ name, dueNow: dueIn(before, name), dueAfter: dueIn(after, name) }));
}
