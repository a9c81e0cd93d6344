import { epochMsOf, type Instant } from '../contracts/instant';
import type { ArmedDeadline, EndedDeadline, Fact, Step } from '../contracts/step';
import { endedBy, nameMatches } from './draft';

interface Ending {
  readonly armed: readonly ArmedDeadline[];
  readonly step: Pick<Step<unknown>, 'arm' | 'disarm' | 'lift'>;
  /** The deadline that this step is the passing of. */
  readonly lapsed?: { readonly name: string; readonly due: Instant };
  readonly at: Instant;
}

/**
 * How a step ends deadlines: the passed one fired, with its lateness; a disarmed one was met, also
 * when the step arms the same name anew (progress on time); a lifted one is waited for no more; one
 * that is only armed anew was replaced. Any was missed when its instant had passed before the act was
 * processed (the act wins, the miss stays). The warnings of a passed deadline go with it.
 */
export function endDeadlines(ending: Ending): { readonly ended: readonly EndedDeadline[]; readonly facts: readonly Fact[]; readonly left: readonly ArmedDeadline[] } {
  const { armed, step, lapsed, at } = ending;
  const isLapsed = (deadline: ArmedDeadline) => deadline.name === lapsed?.name && deadline.due === lapsed.due;
  const isLapsedOrItsWarning = (deadline: ArmedDeadline) => isLapsed(deadline) || (lapsed !== undefined && deadline.name.startsWith(`${lapsed.name}#`));
  const gone = new Set([...armed.filter(isLapsedOrItsWarning), ...endedBy(armed, step)]);
  const isAmong = (patterns: readonly string[] | undefined, deadline: ArmedDeadline) => patterns?.some((pattern) => nameMatches(deadline.name, pattern)) ?? false;
  const actOutcome = (deadline: ArmedDeadline) => (isAmong(step.disarm, deadline) ? 'met' : isAmong(step.lift, deadline) ? 'lifted' : 'replaced');
  const ended = [...gone].filter((deadline) => deadline.warning === undefined || isLapsed(deadline)).map((deadline): EndedDeadline => {
    const lateByMs = Math.max(0, epochMsOf(at) - epochMsOf(deadline.due));
    const overdue = epochMsOf(at) > epochMsOf(deadline.due);
    const outcome = isLapsed(deadline) ? 'fired' : overdue ? 'missed' : actOutcome(deadline);
    return { name: deadline.name, due: deadline.due, outcome, at, lateByMs };
  });
  const facts = ended.filter((deadline) => deadline.outcome === 'missed').map((deadline): Fact => ({
    action: 'deadline.missed', field: deadline.name, detail: { due: deadline.due, lateByMs: deadline.lateByMs, overtaken: true },
  }));
  return { ended, facts, left: armed.filter((deadline) => !gone.has(deadline)) };
}
