import {
  allHandlersFinished, ApplicationFailure, CancellationScope, condition, continueAsNew, defineQuery, defineUpdate, patched, setDefaultSignalHandler, setHandler, workflowInfo,
} from '@temporalio/workflow';
import { COMMAND_UPDATE, OPEN_ACT, STATE_QUERY, type EntityStart, type NewRecord, type RunState } from '../../contracts/entity';
import { instantOf, type Instant } from '../../contracts/instant';
import { priorityOf } from '../../contracts/priority';
import { refusedIn } from '../../contracts/refusedPayload';
import type { ArmedDeadline, CommandAnswer, CommitRequest, EffectOutcome, Fact, Json, Step, StepSource, StoredRecord } from '../../contracts/step';
import { canonicalHash } from '../../domain/audit/chain';
import type { Commanded, Machine } from '../../domain/machine';
import { commit, performEffects } from './activities';
import { provenAnswer, unprovenBecause } from './answers';
import { correctionOf } from './corrections';
import { tellForgery } from './forgeries';
import { refusal, refusalOf } from './refusal';
import { nearest, showInLists } from './shown';
import { commandSource, lapseSource, openSource, rebuildSource, settleSource, type Commanding } from './sources';
import { requireOurStart } from './starts';
import { FollowingTimer } from './timer';

const commandUpdate = defineUpdate<CommandAnswer, [Commanding]>(COMMAND_UPDATE);
const stateQuery = defineQuery<RunState>(STATE_QUERY);

/** Callers get `continuing` meanwhile and repeat for longer than this. */
const EFFECTS_PATIENCE = '8 seconds';
/** A mail server that is down for long must not push a run to the server's limit of 50 Ki events. */
const HISTORY_LIMIT = 10_000;
const now = (): Instant => instantOf(Date.now());

/** The part of a step request that only some steps have. */
type StepExtras = Pick<CommitRequest, 'lapsed' | 'content'>;
type Recorded = Pick<StoredRecord, 'state' | 'stateVersion'>;

/**
 * The one shell: runs any machine as an entity workflow. Takes the next command or the nearest
 * deadline, computes the step, commits it, hands its effects on, repeats. The numbered rules it
 * obeys are in docs/architecture.md; each has a crash point in test/faults that breaks without it.
 */
export async function runEntity<State, Command, Opening>(machine: Machine<State, Command, Opening>, start: EntityStart<Opening>): Promise<void> {
  requireOurStart(machine.capability, start);
  const entity = new Entity(machine, start);
  // A record's run ends with its record: whoever reaches the engine can ask to cancel it.
  await CancellationScope.nonCancellable(() => entity.run());
}

class Entity<State, Command, Opening> {
  readonly #machine: Machine<State, Command, Opening>;
  readonly #start: EntityStart<Opening>;
  readonly #timer = new FollowingTimer();
  /** The chapter in which this run began. */
  readonly #chapter: string | undefined;
  #rev = 0;
  #state: State;
  /** The state as the record holds it: as it was committed, before any migration. */
  #recorded: Recorded;
  #armed: readonly ArmedDeadline[] = [];
  #done = false;
  #draining = false;
  #unperformed: readonly number[] = [];
  /** Said with the next step when the store turned out to be behind, or to stand otherwise. */
  #corrected: readonly Fact[] = [];
  #shown = '';
  /** The lock: each step waits for the one before it. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(machine: Machine<State, Command, Opening>, start: EntityStart<Opening>) {
    this.#machine = machine;
    this.#start = start;
    if ('carried' in start) {
      this.#rev = start.carried.rev;
      this.#armed = start.carried.armed;
      this.#recorded = recordedOf(start.carried);
      this.#state = machine.migrate(start.carried.state, start.carried.stateVersion);
    } else {
      this.#state = machine.open(start.opening, now()).state;
      this.#recorded = recordedOf({ state: this.#state as Json, stateVersion: machine.version });
    }
    this.#chapter = machine.chapter?.(this.#state);
  }

  async run(): Promise<void> {
    // Queued before any handler is registered: otherwise a command can commit before the opening.
    const opening = 'carried' in this.#start ? this.#resume(this.#start) : this.#open(this.#start);
    this.#register(opening);
    try {
      await opening;
    } catch {
      // Refused by commit (the same trigger opened another record): the caller has the reason, nothing exists here.
      await condition(allHandlersFinished);
      return;
    }
    while (!this.#done) await this.#turn();
    this.#timer.follow(undefined);
    await condition(() => allHandlersFinished() && this.#unperformed.length === 0);
  }

  /** Waits for the nearest deadline, for a step that moves it, or for the end of this run. */
  async #turn(): Promise<void> {
    this.#timer.follow(nearest(this.#armed)?.due);
    const rev = this.#rev;
    const moved = () => this.#rev !== rev || this.#done;
    await condition(() => moved() || this.#timer.passed || this.#mayContinue());
    if (moved()) return;
    const passed = this.#passed();
    if (passed) await this.#lapse(passed);
    else if (this.#mayContinue()) await this.#continue();
  }

  #register(opening: Promise<CommandAnswer>): void {
    setHandler(commandUpdate, (input: Commanding) => (input.act === OPEN_ACT ? opening : this.#command(input)), {
      validator: (input: Commanding) => {
        if (this.#draining) throw refusal('continuing', 'between two runs, repeat', {});
        if (input.act !== OPEN_ACT) this.#throwIfRefused(input, now());
      },
    });
    // The product sends none.
    setDefaultSignalHandler(() => { tellForgery('signal', 'the product sends no signals'); });
    setHandler(stateQuery, () => ({ rev: this.#rev, armed: this.#armed, state: this.#state as Json, unperformed: this.#unperformed }));
  }

  #open(start: NewRecord<Opening>): Promise<CommandAnswer> {
    const source = openSource(start);
    return this.#step(source, (at) => this.#machine.open(start.opening, at), { content: start.content });
  }

  #resume(start: Extract<EntityStart<Opening>, { carried: unknown }>): Promise<CommandAnswer> {
    this.#perform(start.carried.unperformed);
    const { rebuilt, recordId } = start;
    if (rebuilt === undefined) return Promise.resolve({ recordId, rev: this.#rev, duplicate: true });
    const source = rebuildSource();
    return this.#step(source, () => unchanged(this.#state, { action: 'run.rebuilt', reason: rebuilt, detail: { fromRev: start.carried.rev } }));
  }

  #command(input: Commanding): Promise<CommandAnswer> {
    const source = commandSource(input);
    const earlier = this.#machine.tightened !== undefined && !patched(this.#machine.tightened);
    return this.#step(source, (at) => {
      // Asked again inside the lock: the record may have moved since the validator saw it.
      this.#throwIfRefused(input, at, earlier);
      return this.#machine.apply(this.#state, this.#commanded(input, earlier), at);
    });
  }

  #lapse(deadline: ArmedDeadline): Promise<CommandAnswer> {
    const { name, due } = deadline;
    return this.#step(lapseSource(deadline), (at) => {
      // A command that was processed first wins; its commit recorded the miss.
      const armed = this.#armed.find((other) => other.name === name && other.due === due);
      return armed && this.#machine.lapse(this.#state, armed, at);
    }, { lapsed: { name, due } });
  }

  #throwIfRefused(input: Commanding, at: Instant, earlier = false): void {
    const no = this.#machine.refuse(this.#state, this.#commanded(input, earlier), at);
    if (no) throw refusal(no.type, no.reason, { rev: this.#rev });
    if (input.expectedRev !== undefined && input.expectedRev !== this.#rev) {
      throw refusal('rev_mismatch', `the record is at revision ${this.#rev}`, { rev: this.#rev });
    }
  }

  /** One step under the lock: compute, commit, adopt and compute again while the store knows better. */
  #step(source: StepSource, compute: (at: Instant) => Step<State> | undefined, extras: StepExtras = {}): Promise<CommandAnswer> {
    const { recordId } = this.#start;
    const stepped = this.#queue.then(async (): Promise<CommandAnswer> => {
      for (;;) {
        const at = now();
        const computed = compute(at);
        if (!computed) return { recordId, rev: this.#rev, duplicate: false };
        const step = { ...computed, facts: [...this.#corrected, ...computed.facts] };
        const request = this.#request({ source, at, step, extras });
        const result = await provenAnswer(() => commit(request, priorityOf(step.state)), (answer) => unprovenBecause(request, answer));
        switch (result.outcome) {
          case 'applied':
            this.#advance(step, result);
            return { recordId, rev: this.#rev, duplicate: false };
          case 'duplicate':
            if (result.record.rev !== this.#rev) this.#adopt(result.record);
            return { recordId, rev: result.rev, duplicate: true };
          case 'conflict':
            this.#adopt(result.record);
            break;
          case 'refused':
            throw refusalOf(source.key, { ...result, extra: { rev: this.#rev, ...result.extra } });
        }
      }
    });
    this.#queue = stepped.catch(() => undefined);
    return stepped;
  }

  #request(made: { source: StepSource; at: Instant; step: Step<State>; extras: StepExtras }): CommitRequest {
    const { workflowId, runId, workflowType } = workflowInfo();
    return {
      capability: this.#machine.capability, recordId: this.#start.recordId, source: made.source, rev: this.#rev + 1, at: made.at,
      ...this.#follows(),
      step: made.step as Step<Json>, armed: this.#armed,
      run: { workflowId, runId, definition: `${workflowType}@${this.#machine.version}` }, ...made.extras,
    };
  }

  /** Costs a hash, which nothing reads again while a history is replayed: its commits have been answered. */
  #follows(): Pick<CommitRequest, 'follows'> {
    return this.#rev === 0 || workflowInfo().unsafe.isReplaying ? {} : { follows: canonicalHash(this.#recorded.state) };
  }

  #advance(step: Step<State>, committed: { rev: number; armed: readonly ArmedDeadline[] }): void {
    this.#rev = committed.rev;
    this.#state = step.state;
    this.#recorded = recordedOf({ state: step.state as Json, stateVersion: this.#machine.version });
    this.#armed = committed.armed;
    this.#done = step.done ?? false;
    this.#corrected = [];
    this.#show();
    if (step.effects.length > 0) this.#perform([committed.rev]);
  }

  /**
   * The record wins: the engine was restored from an older copy, and somebody may still wait to be told; or
   * this release, replaying what an earlier one decided, came to another state than the one that was stored.
   */
  #adopt(record: StoredRecord): void {
    this.#corrected = correctionOf({ historyRev: this.#rev, recordRev: record.rev }) ?? this.#corrected;
    const missed = Array.from({ length: Math.max(0, record.rev - this.#rev) }, (_, i) => this.#rev + 1 + i);
    this.#rev = record.rev;
    this.#recorded = recordedOf(record);
    this.#state = this.#machine.migrate(record.state, record.stateVersion);
    this.#armed = record.armed;
    this.#done = record.done;
    this.#show();
    this.#perform(missed);
  }

  /** Hands effects on outside the lock, so that a slow mail server never delays an acknowledge. */
  #perform(revs: readonly number[]): void {
    if (revs.length === 0) return;
    this.#unperformed = [...this.#unperformed, ...revs];
    const request = { capability: this.#machine.capability, recordId: this.#start.recordId, revs };
    const priority = priorityOf(this.#state);
    void provenAnswer(async () => this.#settle(await performEffects(request, priority), revs), (because) => because).then(() => {
      this.#unperformed = this.#unperformed.filter((rev) => !revs.includes(rev));
    });
  }

  /** Takes in how effects came out. Why that is nothing that they came to; undefined: it is taken in. */
  async #settle(outcomes: readonly EffectOutcome[], revs: readonly number[]): Promise<string | undefined> {
    const refused = refusedIn([outcomes]);
    if (refused !== undefined) return refused;
    for (const outcome of outcomes) {
      const source = settleSource(outcome, revs);
      try {
        await this.#step(source, (at) => (this.#done ? undefined : this.#machine.settle(this.#state, outcome, at)));
      } catch (error) {
        if (error instanceof ApplicationFailure) return error.message;
        throw error;
      }
    }
    return undefined;
  }

  /** Effects under way hold a run back: the next one would perform them beside it, and tell twice. */
  #mayContinue(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    const isDue = continueAsNewSuggested || this.#machine.chapter?.(this.#state) !== this.#chapter;
    return isDue && (this.#unperformed.length === 0 || historyLength > HISTORY_LIMIT);
  }

  async #continue(): Promise<void> {
    this.#draining = true;
    await condition(allHandlersFinished);
    await this.#queue;
    if (this.#unperformed.length > 0) await condition(() => this.#unperformed.length === 0, EFFECTS_PATIENCE);
    if (!this.#mayContinue()) this.#draining = false;
    if (this.#done || !this.#draining) return;
    await continueAsNew<(start: EntityStart<Opening>) => Promise<void>>({
      recordId: this.#start.recordId,
      carried: { rev: this.#rev, ...this.#recorded, armed: this.#armed, unperformed: this.#unperformed },
    });
  }

  /** The first deadline that has passed; after an outage not the warning of one that has passed too. */
  #passed(): ArmedDeadline | undefined {
    if (!this.#timer.passed) return undefined;
    const at = now();
    const overdue = this.#armed.filter((deadline) => deadline.warning === undefined && deadline.due <= at);
    return nearest(overdue) ?? nearest(this.#armed);
  }

  #show(): void {
    const due = nearest(this.#armed.filter((deadline) => deadline.warning === undefined))?.due;
    this.#shown = showInLists({ ...this.#machine.shown(this.#state), due }, this.#shown);
  }

  /** Checked by the API against the act's schema before it was sent. */
  #commanded(input: Commanding, earlier: boolean): Commanded<Command> {
    return { command: { act: input.act, body: input.body } as Command, actor: input.actor, ...(earlier && { earlier: true }) };
  }
}

const unchanged = <State>(state: State, fact: Fact): Step<State> => ({ state, facts: [fact], arm: [], disarm: [], effects: [] });
const recordedOf = ({ state, stateVersion }: Recorded): Recorded => ({ state, stateVersion });
