import type { SignatureDemand } from '../contracts/signature';
import type { ArmedDeadline, DeadlineRule, Effect, Fact, Step } from '../contracts/step';

/** A step while it is being worked out: every rule adds to it, the machine hands it over once. */
export class Draft<State> {
  readonly #facts: Fact[] = [];
  readonly #arm: DeadlineRule[] = [];
  readonly #disarm: string[] = [];
  readonly #lift: string[] = [];
  readonly #effects: Effect[] = [];
  #state: State;
  #sign: SignatureDemand | undefined;
  #done = false;

  constructor(state: State) {
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  set(patch: Partial<State>): this {
    this.#state = { ...this.#state, ...patch };
    return this;
  }

  fact(fact: Fact): this {
    this.#facts.push(fact);
    return this;
  }

  /** Arms a deadline; an earlier rule of this step with the same name gives way. */
  arm(rule: DeadlineRule): this {
    this.#forget(rule.name);
    this.#arm.push(rule);
    return this;
  }

  /** Ends deadlines whose awaited act has come. */
  disarm(...names: string[]): this {
    names.forEach((name) => { this.#forget(name); });
    this.#disarm.push(...names);
    return this;
  }

  /** Ends deadlines that nothing waits for any more; they were not met. */
  lift(...names: string[]): this {
    names.forEach((name) => { this.#forget(name); });
    this.#lift.push(...names);
    return this;
  }

  effect(effect: Effect): this {
    this.#effects.push(effect);
    return this;
  }

  /** The step stands only with this signature; a step has one at most. Throws RangeError for a second. */
  sign(demand: SignatureDemand): this {
    if (this.#sign) throw new RangeError('a step is signed once');
    this.#sign = demand;
    return this;
  }

  done(): this {
    this.#done = true;
    return this.lift('*');
  }

  step(): Step<State> {
    return {
      state: this.#state, facts: this.#facts, arm: this.#arm, disarm: this.#disarm, effects: this.#effects,
      ...(this.#lift.length > 0 ? { lift: this.#lift } : {}), ...(this.#sign ? { sign: this.#sign } : {}), ...(this.#done ? { done: true } : {}),
    };
  }

  #forget(name: string): void {
    const kept = this.#arm.filter((rule) => !nameMatches(rule.name, name));
    this.#arm.splice(0, this.#arm.length, ...kept);
  }
}

/** Whether a deadline's name is meant by a pattern: itself, its warnings, a prefix `x/*`, or all (`*`). */
export function nameMatches(name: string, pattern: string): boolean {
  if (pattern === '*') return true;
  if (pattern.endsWith('/*')) return name.startsWith(pattern.slice(0, -1));
  return name === pattern || name.startsWith(`${pattern}#`);
}

/** Which armed deadlines a step ends: those it disarms or lifts and those it arms anew. */
export function endedBy(armed: readonly ArmedDeadline[], step: Pick<Step<unknown>, 'arm' | 'disarm' | 'lift'>): readonly ArmedDeadline[] {
  const patterns = [...step.disarm, ...(step.lift ?? []), ...step.arm.map((rule) => rule.name)];
  return armed.filter((deadline) => patterns.some((pattern) => nameMatches(deadline.name, pattern)));
}
