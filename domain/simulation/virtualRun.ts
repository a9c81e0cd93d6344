import type { Actor } from '../../contracts/actor';
import type { Calendar } from '../../contracts/calendar';
import { Failure, type Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import type { ArmedDeadline, DeadlineRule, Effect, EffectOutcome, EndedDeadline, Fact, Step, StepSource, Waiting } from '../../contracts/step';
import { endDeadlines } from '../ended';
import type { Commanded, Machine } from '../machine';
import { resolveDeadline } from '../time/deadlines';

/** What the world outside a machine answers. */
export interface VirtualWorld<State = unknown> {
  /** The business calendar in force at an instant; asked only for business time. */
  readonly calendarOf: (organisationId: string, at: Instant) => Calendar | undefined;
  /** Release of the time zone data that counts, e.g. `2025c`. */
  readonly tzdb: string;
  /** How an effect of a step comes out, e.g. `nobody` for a level without contacts. */
  readonly answer: (effect: Effect, step: VirtualStep<State>) => EffectOutcome['outcome'];
}

export interface VirtualOpening<Opening> {
  readonly opening: Opening;
  readonly at: Instant;
  readonly actor: Actor;
}

/** A record that is under way, to be run on from `at`; what fell due before passes late. */
export interface VirtualResumption<State> {
  readonly resumed: { readonly rev: number; readonly state: State; readonly armed: readonly ArmedDeadline[] };
  readonly at: Instant;
}

/** One step as `commit` would have stored it, with the state that it led to. */
export interface VirtualStep<State> {
  readonly rev: number;
  readonly at: Instant;
  readonly source: StepSource;
  readonly state: State;
  /** Those of the machine, then the misses that a winning command left behind. */
  readonly facts: readonly Fact[];
  /** Deadlines and warnings that this step armed. */
  readonly armed: readonly ArmedDeadline[];
  /** Everything that waits after this step. */
  readonly waits: readonly ArmedDeadline[];
  readonly ended: readonly EndedDeadline[];
  readonly effects: readonly Effect[];
}

/** More steps than this without the clock moving is a machine that chases itself. */
const MOST_STEPS_PER_INSTANT = 1000;

const TIMER: Actor = { kind: 'system', name: 'timer', correlationId: '' };
const EFFECT: Actor = { kind: 'system', name: 'effect', correlationId: '' };

/**
 * Runs any machine over a virtual clock, by the rules of the shell and of `commit`: one step after
 * another, deadlines in order of their due instants, a command at the same instant first, effects
 * settled when nothing else is due at their instant. Needs no engine, no store and no real time, and the same
 * input gives the same run. The clock only moves when told: `commandAt`, `runTo`, `sleepTo`.
 */
export class VirtualRun<State, Command, Opening> {
  readonly #machine: Machine<State, Command, Opening>;
  readonly #world: VirtualWorld<State>;
  readonly #steps: VirtualStep<State>[] = [];
  /** Effects whose outcome the machine has not heard yet. */
  readonly #unsettled: { readonly effect: Effect; readonly step: VirtualStep<State> }[] = [];
  /** Revision before the first step of this run. */
  readonly #baseRev: number;
  #now: Instant;
  #state: State;
  #armed: readonly ArmedDeadline[] = [];
  #done = false;
  #commands = 0;
  #stepsNow = 0;

  /** Opens the record, or goes on with one. Throws Failure('rule_broken') when a deadline needs a calendar that the world does not have. */
  constructor(machine: Machine<State, Command, Opening>, world: VirtualWorld<State>, begun: VirtualOpening<Opening> | VirtualResumption<State>) {
    this.#machine = machine;
    this.#world = world;
    this.#now = begun.at;
    if ('resumed' in begun) {
      const { rev, state, armed } = begun.resumed;
      this.#baseRev = rev;
      this.#state = state;
      this.#armed = armed;
      return;
    }
    this.#baseRev = 0;
    const step = machine.open(begun.opening, begun.at);
    this.#state = step.state;
    this.#commit(step, { key: 'open', act: 'open', actor: begun.actor });
    this.#settle();
  }

  get now(): Instant {
    return this.#now;
  }

  get state(): State {
    return this.#state;
  }

  /** Deadlines and warnings that wait. */
  get armed(): readonly ArmedDeadline[] {
    return this.#armed;
  }

  get done(): boolean {
    return this.#done;
  }

  /** Every step of this run so far. */
  get steps(): readonly VirtualStep<State>[] {
    return this.#steps;
  }

  get facts(): readonly Fact[] {
    return this.#steps.flatMap((step) => step.facts);
  }

  get effects(): readonly Effect[] {
    return this.#steps.flatMap((step) => step.effects);
  }

  get ended(): readonly EndedDeadline[] {
    return this.#steps.flatMap((step) => step.ended);
  }

  /** The deadline or warning that passes next; of two at one instant the one armed first. */
  get next(): ArmedDeadline | undefined {
    return this.#armed.reduce<ArmedDeadline | undefined>((first, deadline) => (first && first.due <= deadline.due ? first : deadline), undefined);
  }

  /** What the record waits for, until when, and who can move it. */
  waiting(): readonly Waiting[] {
    return this.#machine.waiting(this.#state, this.#armed);
  }

  /** Gives a command now. Answers why it is refused, or undefined when it was carried out. */
  command(commanded: Commanded<Command>): Refusal | undefined {
    const refusal = this.#machine.refuse(this.#state, commanded, this.#now);
    if (refusal) return refusal;
    this.#commands += 1;
    const step = this.#machine.apply(this.#state, commanded, this.#now);
    this.#commit(step, { key: `command/${String(this.#commands)}`, act: actOf(commanded.command), actor: commanded.actor });
    this.#settle();
    return undefined;
  }

  /** Lets everything pass that is due before `at`, then gives the command: at the same instant it comes before a deadline. */
  commandAt(at: Instant, commanded: Commanded<Command>): Refusal | undefined {
    this.#passWhile((due) => due < at);
    this.#moveTo(at);
    return this.command(commanded);
  }

  /** Lets time pass up to and including `at`. Throws RangeError for an instant in the past. */
  runTo(at: Instant): void {
    this.#passWhile((due) => due <= at);
    this.#moveTo(at);
  }

  /** Lets time pass while nobody runs the machine, as in an outage: what falls due waits, and passes late. */
  sleepTo(at: Instant): void {
    this.#moveTo(at);
  }

  /** Lets the next deadline or warning pass, on time or, after a sleep, late. False when nothing waits. */
  passNext(): boolean {
    const deadline = this.next;
    if (!deadline) return false;
    const { name, due } = deadline;
    if (due > this.#now) this.#moveTo(due);
    const step = this.#machine.lapse(this.#state, deadline, this.#now);
    this.#commit(step, { key: `lapse/${name}/${due}`, act: 'lapse', actor: TIMER }, { name, due });
    // The shell hands effects on and goes on: what is due by now passes before it hears how they came out.
    if (!this.#armed.some((other) => other.due <= this.#now)) this.#settle();
    return true;
  }

  #passWhile(isDue: (due: Instant) => boolean): void {
    for (let next = this.next; next && isDue(next.due); next = this.next) this.passNext();
  }

  #moveTo(at: Instant): void {
    if (at < this.#now) throw new RangeError(`the clock stands at ${this.#now} and does not go back to ${at}`);
    if (at > this.#now) this.#stepsNow = 0;
    this.#now = at;
  }

  #settle(): void {
    for (let next = this.#unsettled.shift(); next; next = this.#unsettled.shift()) {
      const outcome = this.#world.answer(next.effect, next.step);
      // The last step's effects are performed, too; nobody waits for how they come out.
      if (this.#done) continue;
      const { intent, kind } = next.effect;
      const opened = kind === 'open' && outcome === 'done' ? { recordId: `opened by ${intent}` } : {};
      const step = this.#machine.settle(this.#state, { intent, outcome, detail: outcome === 'done' ? '' : `simulated: ${outcome}`, ...opened }, this.#now);
      if (step) this.#commit(step, { key: `settle/${intent}`, act: 'settle', actor: EFFECT });
    }
  }

  #commit(step: Step<State>, source: StepSource, lapsed?: { readonly name: string; readonly due: Instant }): void {
    this.#stepsNow += 1;
    if (this.#stepsNow > MOST_STEPS_PER_INSTANT) throw new Failure('internal', `${this.#machine.capability} takes no end of steps at ${this.#now}`);
    const { ended, facts, left } = endDeadlines({ armed: this.#armed, step, at: this.#now, ...(lapsed ? { lapsed } : {}) });
    const armed = step.arm.flatMap((rule) => this.#resolve(rule));
    this.#state = step.state;
    this.#armed = [...left, ...armed];
    this.#done = step.done ?? false;
    const taken: VirtualStep<State> = {
      rev: this.#baseRev + this.#steps.length + 1, at: this.#now, source, state: step.state, facts: [...step.facts, ...facts], armed, waits: this.#armed, ended, effects: step.effects,
    };
    this.#steps.push(taken);
    this.#unsettled.push(...step.effects.map((effect) => ({ effect, step: taken })));
  }

  #resolve(rule: DeadlineRule): readonly ArmedDeadline[] {
    const calendar = rule.after.kind === 'business' ? this.#world.calendarOf(rule.organisationId, this.#now) : undefined;
    return resolveDeadline({ rule, tzdb: this.#world.tzdb, ...(calendar ? { calendar } : {}) });
  }
}

/** Commands of a machine carry their act by convention; a machine without that is shown as `command`. */
function actOf(command: unknown): string {
  return typeof command === 'object' && command !== null && 'act' in command && typeof command.act === 'string' ? command.act : 'command';
}
