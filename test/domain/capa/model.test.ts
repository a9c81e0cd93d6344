import fc from 'fast-check';
import type { Actor } from '../../../contracts/actor';
import { CAPA_ACTS } from '../../../contracts/capa';
import { CAPA_STATUSES, type CapaStatus } from '../../../contracts/capaWords';
import { plusMs } from '../../../contracts/instant';
import type { Refusal } from '../../../contracts/failures';
import { capa } from '../../../domain/capa/machine';
import { ALL_ACTS, commandFor, nextOnTheWay, SYSTEM, type AnyAct, type Cast } from './acting';
import { capaOf, CRO, DAY_MS, PEOPLE, product, SPONSOR, type Run } from './capas';
import { Ledger } from './ledger';
import { REFUSALS } from './refusals';

const RUNS = 560;
/** Some refusals are rare: that all of them are seen must not be a matter of luck. */
const SEED = 7;
const FRESH_RUNS = 60;
const CLOSED_AT_LEAST = 500;

const seen = { statuses: new Map<string, number>(), refusals: new Map<string, number>(), accepted: new Map<string, number>(), closed: 0, iterations: 0 };
const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
/** `action c1 is open` and `action p1 is open` are one refusal. */
const ACT = new RegExp(`^(${ALL_ACTS.join('|')}) (does not fit|is (not )?a person's act)`);
const plain = (reason: string): string => reason.replace(/^the answer is (yes|no)/, 'the answer is …').replace(/signs the (action|extension)\/[a-z0-9]+/, 'signs the $1/…').replace(ACT, '<act> $2').replace(/^(the severity is|the effectiveness check of a) (critical|major|minor)/, '$1 …').replace(/of (people|method|system|material|measurement|environment)\b/, 'of …')
  .replace(/\b(action|no action|answer|why|request) (c1|p1|x9|\d+)\b/g, '$1 …').replace(/nothing waits for .*/, 'nothing waits for …').replace(/(is|the CAPA is) (draft|triage|containment|investigation|plan review|plan_review|plan approved|plan_approved|implementation verified|implementation_verified|implementation|monitoring|effectiveness check|effectiveness_check|closure review|closure_review|closed|rejected|cancelled)$/, '$1 …');

function note(refusal: Refusal | undefined): void {
  if (refusal) count(seen.refusals, `${refusal.type}: ${plain(refusal.reason)}`);
}
/** Acts whose refusals depend on what they say. */
const CONTENT: readonly AnyAct[] = ['submit', 'save', 'assign', 'request-extension', 'revise-plan'];

interface Real {
  readonly run: Run;
  readonly cast: Cast;
}

/** Gives a command, and notes in the model what was accepted; both say whether all still holds. */
function give(model: Ledger, { run }: Pick<Real, 'run'>, { actor, act, pick }: { actor: Actor; act: AnyAct; pick: number }): void {
  if (run.done) return;
  const before = run.state;
  const command = commandFor(act, pick, run);
  const refusal = run.command({ actor, command });
  if (refusal) {
    note(refusal);
    if (run.state !== before) throw new Error(`${act} was refused and changed the state`);
  } else {
    count(seen.accepted, act);
    model.accepted(actor, command, before);
    run.sleepTo(plusMs(run.now, 1));
  }
  look(model, run);
}

function look(model: Ledger, run: Run): void {
  count(seen.statuses, run.state.status);
  model.check(run);
}

class Act implements fc.Command<Ledger, Real> {
  constructor(readonly actor: Actor, readonly act: AnyAct, readonly pick: number) {}
  check = () => true;
  run(model: Ledger, real: Real): void { give(model, real, this); }
  toString = () => `${this.actor.kind === 'person' ? this.actor.personId : 'product'} ${this.act} ${this.pick}`;
}

/** A command that ends at once. */
interface Doable extends fc.Command<Ledger, Real> {
  run(model: Ledger, real: Real): void;
}

/** Sequences that chance alone finds too seldom, each from a state on; each of their acts may be refused all the same. */
class Story implements fc.Command<Ledger, Real> {
  constructor(readonly from: CapaStatus, readonly acts: readonly Doable[]) {}
  check = () => true;
  run(model: Ledger, real: Real): void {
    for (let left = 40; left > 0 && !real.run.done && CAPA_STATUSES.indexOf(real.run.state.status) < CAPA_STATUSES.indexOf(this.from); left -= 1) goOn(model, real, 1);
    for (const act of this.acts) act.run(model, real);
  }
  toString = () => `from ${this.from}: ${this.acts.map(String).join(', ')}`;
}

/** Asks for everything by everybody, with one body each: nothing changes, and every refusal counts. */
class Probe implements fc.Command<Ledger, Real> {
  constructor(readonly pick: number) {}
  check = () => true;
  run(_model: Ledger, { run }: Real): void {
    for (const actor of [...people, product]) {
      for (const act of ALL_ACTS) {
        for (let more = 0; more < (CONTENT.includes(act) ? 12 : 2); more += 1) note(capa.refuse(run.state, { actor, command: commandFor(act, this.pick + 37 * more, run) }, run.now));
      }
      note(capa.refuse(run.state, { actor, command: { act: 'fly' as 'comment', body: { text: 't' } } }, run.now));
    }
  }
  toString = () => `probe ${this.pick}`;
}

/** Some acts on the plain way. */
class GoOn implements fc.Command<Ledger, Real> {
  constructor(readonly acts: number) {}
  check = () => true;
  run(model: Ledger, real: Real): void { goOn(model, real, this.acts); }
  toString = () => `go on ${this.acts}`;
}

class Pass implements fc.Command<Ledger, Real> {
  constructor(readonly days: number, readonly asleep: boolean) {}
  check = () => true;
  run(model: Ledger, { run }: Real): void {
    const until = plusMs(run.now, this.days * DAY_MS);
    if (this.asleep) run.sleepTo(until);
    else run.runTo(until);
    run.sleepTo(plusMs(run.now, 1));
    look(model, run);
  }
  toString = () => `${this.asleep ? 'sleep' : 'pass'} ${this.days} days`;
}

function goOn(model: Ledger, { run, cast }: Real, acts: number): void {
  for (let left = acts; left > 0 && !run.done && run.state.status !== 'closed'; left -= 1) {
    const next = nextOnTheWay(run, cast);
    if (!next) { if (!run.passNext()) return; } else {
      const before = run.state;
      const refusal = run.command(next);
      if (refusal) throw new Error(`the plain way is blocked: ${next.command.act} while ${before.status}: ${refusal.type}, ${refusal.reason}`);
      count(seen.accepted, next.command.act);
      model.accepted(next.actor, next.command, before);
    }
    run.sleepTo(plusMs(run.now, 1));
    look(model, run);
  }
}

const { ann, amy, bea, ben, bob, cal, dan, eve, sam } = PEOPLE;
type Told = readonly [Actor, AnyAct, number] | { readonly days: number } | { readonly goOn: number };
const toCommand = (told: Told): Doable => ('days' in told ? new Pass(told.days, false) : 'goOn' in told ? new GoOn(told.goOn) : new Act(...told));
const STORIES: readonly (readonly [from: CapaStatus, acts: readonly Told[]])[] = [
  ['triage', [[sam, 'propose', 4], [ann, 'reject', 4], [bea, 'reject', 0], [ann, 'reject', 0]]],
  ['triage', [[ann, 'save', 30], [bob, 'save', 31], [ann, 'save', 1], [bea, 'save', 2]]],
  ['containment', [[bea, 'answer-breach', 0], [bea, 'answer-breach', 1], [ann, 'propose', 1], [bea, 'cancel', 0], [bob, 'report-breach', 0], [bea, 'report-breach', 0], [sam, 'report-breach', 0], [ann, 'answer-breach', 1], [ann, 'report-breach', 0], [ann, 'answer-breach', 0], [ann, 'report-breach', 0], [bob, 'answer-breach', 1]]],
  ['plan_review', [[ann, 'regrade', 40], [ann, 'regrade', 1], [bob, 'answer-breach', 0], [bob, 'regrade', 0], [ann, 'regrade', 0]]],
  ['implementation_verified', [[amy, 'propose', 2], [bea, 'waive', 0], [ann, 'waive', 0], [ann, 'regrade', 0], [amy, 'regrade', 0]]],
  ['triage', [[bea, 'regrade', 2], [ann, 'regrade', 2], [ann, 'accept', 0], [bea, 'return', 0]]],
  ['containment', [[bob, 'propose', 1], [bob, 'propose', 1], [bea, 'cancel', 0], [ann, 'cancel', 4], [amy, 'cancel', 0]]],
  ['monitoring', [[ann, 'propose', 1], [ann, 'cancel', 0], [bea, 'decline', 1]]],
  ['implementation_verified', [[sam, 'propose', 2], [amy, 'propose', 2], [bob, 'waive', 0], [bea, 'waive', 0], [amy, 'waive', 4], [amy, 'waive', 0], [ann, 'waive', 0]]],
  ['investigation', [[bob, 'propose', 3], [bea, 'confirm-not-affected', 0], [ann, 'confirm-not-affected', 4], [ann, 'confirm-not-affected', 0], { goOn: 1 }, [ann, 'approve-plan', 0]]],
  ['implementation', [[bob, 'request-extension', 5600], [bob, 'request-extension', 5740], [bea, 'grant-extension', 40], [ben, 'grant-extension', 0], [bea, 'grant-extension', 0], [ann, 'grant-extension', 0], [cal, 'request-extension', 5740], [bea, 'grant-extension', 0], [bea, 'grant-further-extension', 0], [ben, 'grant-further-extension', 0], [eve, 'grant-further-extension', 0], [cal, 'request-extension', 5810]]],
  ['implementation', [[bea, 'request-extension', 5600], [eve, 'grant-extension', 0], [ben, 'grant-further-extension', 0], [bea, 'grant-extension', 0], [bob, 'decline-extension', 0], [eve, 'decline-extension', 0]]],
  ['implementation', [[bob, 'revise-plan', 2], [bea, 'revise-plan', 2], [ann, 'approve-plan', 4], [ann, 'approve-plan', 0]]],
  ['plan_approved', [[product, 'relieve', 30], [bob, 'start', 0], [bob, 'submit', 0]]],
  ['implementation', [[product, 'relieve', 0], [product, 'relieve', 12], [bea, 'assign', 60]]],
  ['effectiveness_check', [[dan, 'save', 2], [dan, 'assess', 4], [dan, 'assess', 0], { days: 91 }, [dan, 'assess', 0]]],
  ['implementation', [{ goOn: 5 }, [bea, 'verify-implementation', 0], [ann, 'return', 0], [sam, 'verify-action', 0], [bob, 'assign', 51]]],
  ['effectiveness_check', [[dan, 'save', 5], [dan, 'assess', 0], [bob, 'deviate', 0], [dan, 'deviate', 0], [bea, 'deviate', 40], [bea, 'deviate', 0], [ben, 'deviate', 0], [dan, 'assess', 0], [ann, 'deviate', 0], [dan, 'assess', 0]]],
  ['effectiveness_check', [[dan, 'save', 1], [bob, 'assess', 0], [dan, 'assess', 0]]],
  ['closure_review', [{ goOn: 1 }, [bea, 'approve-closure', 4], [ann, 'approve-closure', 4]]],
  ['closure_review', [[bob, 'submit', 1], [bob, 'submit', 2], [bea, 'return', 0], [ann, 'approve-closure', 0]]],
];
/** One submission for each fault that an investigation can have. */
const FAULTS: typeof STORIES = [0, 1, 2, 3].map((quarter) => ['investigation', Array.from({ length: 9 }, (_, index): readonly [Actor, AnyAct, number] => [bob, 'submit', faultPick(quarter * 9 + index)])]);

/** The pick whose body has the fault of this number and is meddled with by no other rule of `commandFor`. */
function faultPick(fault: number): number {
  return [1, 3, 5, 7, 9].map((last) => fault * 10 + last).find((at) => [3, 11, 13, 17].every((divisor) => at % divisor !== 0)) ?? 1;
}

const AFTER: Readonly<Record<string, readonly (readonly [Actor, AnyAct, number])[]>> = {
  reopened: [[product, 'recurred', 2], [product, 'recurred', 0], [bea, 'reopen', 0], [ann, 'reopen', 1], [ann, 'reopen', 9], [ann, 'reopen', 0]],
  again: [[bea, 'reopen', 1], [ann, 'reopen', 0], [bob, 'reopen', 1], [ann, 'reopen', 4], [ann, 'reopen', 1]],
  declined: [[ann, 'reopen', 0], [product, 'recurred', 1], [bea, 'decline-recurrence', 0], [amy, 'decline-recurrence', 0]],
  watched: [],
  left: [],
};
const people = Object.values(PEOPLE);
const pick = fc.nat(999_999);
const command: fc.Arbitrary<fc.Command<Ledger, Real>> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...people), fc.constantFrom(...CAPA_ACTS), pick).map(([actor, act, at]) => new Act(actor, act, at)) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(bea, ben, ann, amy), fc.constantFrom<AnyAct>('return', 'decline', 'cancel', 'reject', 'waive', 'confirm-not-affected', 'grant-extension', 'grant-further-extension', 'approve-plan', 'verify-implementation', 'approve-closure', 'reopen'), pick).map(([actor, act, at]) => new Act(actor, act, at)) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(bob, cal, PEOPLE.cyd, dan), fc.constantFrom<AnyAct>('save', 'submit', 'assess', 'propose', 'request-extension', 'report-action', 'verify-action', 'revise-plan', 'start'), pick).map(([actor, act, at]) => new Act(actor, act, at)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom<Actor>(product, ann), fc.constantFrom(...SYSTEM), pick).map(([actor, act, at]) => new Act(actor, act, at)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant(product), fc.constantFrom(...ALL_ACTS), pick).map(([actor, act, at]) => new Act(actor, act, at)) },
  { weight: 3, arbitrary: fc.constantFrom(...STORIES, ...FAULTS).map(([from, acts]) => new Story(from, acts.map(toCommand))) },
  { weight: 1, arbitrary: pick.map((at) => new Probe(at)) },
  { weight: 7, arbitrary: fc.integer({ min: 1, max: 6 }).map((acts) => new GoOn(acts)) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 70 }), fc.boolean()).map(([days, asleep]) => new Pass(days, asleep)) },
);

const setting = fc.record({
  severity: fc.constantFrom('critical' as const, 'major' as const, 'minor' as const, 'minor' as const),
  raising: fc.constantFrom(SPONSOR, SPONSOR, SPONSOR, CRO),
  draft: fc.boolean(),
  sponsor: fc.constantFrom(undefined, undefined, undefined, CRO),
  cast: fc.record({ owner: fc.constantFrom('bob', 'bob', 'bea'), worker: fc.constantFrom('cal', 'cal', 'ben') }),
  after: fc.constantFrom(...Object.keys(AFTER)),
});

describe('any history of a CAPA', () => {
  const history = fc.property(setting, fc.commands([command], { maxCommands: 22, size: 'max' }), (given, commands) => {
    const { severity, raising, draft, sponsor } = given;
    const run = capaOf({ severity, raising, draft, ...(sponsor === undefined || raising === CRO ? {} : { sponsor }) });
    const model = new Ledger(given.raising);
    look(model, run);
    const real = { run, cast: given.cast };
    fc.modelRun(() => ({ model, real }), commands);
    // From wherever it stands, people can bring it to its closing.
    goOn(model, real, 80);
    if (run.state.status === 'closed') {
      seen.closed += 1;
      for (const [actor, act, at] of AFTER[given.after] ?? []) give(model, real, { actor, act, pick: at });
      goOn(model, real, 40);
      if (given.after === 'watched') run.runTo(plusMs(run.now, 366 * DAY_MS));
      look(model, run);
    }
    model.checkJson(run);
    seen.iterations = Math.max(seen.iterations, run.state.iteration);
  });

  test(`Q1 Q4 Q5 Q6 Q7 Q8 Q9 Q10 Q14 Q16 never closed without what closing needs, never left without a deadline or a person, in ${String(RUNS)} runs`, () => {
    fc.assert(history, { numRuns: RUNS, seed: SEED });
  }, 120_000);

  test('Q1 the runs reached closed often enough, and saw every state, every act and every refusal', () => {
    const never = REFUSALS.filter((one) => !seen.refusals.has(one));
    const unknown = [...seen.refusals.keys()].filter((one) => !REFUSALS.includes(one));
    const summary = { runsClosed: seen.closed, iterations: seen.iterations, statuses: Object.fromEntries(seen.statuses), acts: Object.fromEntries(seen.accepted), refusals: seen.refusals.size, never, unknown };
    // Jest's own output goes to a file: only what is written to standard error is seen. Each refusal with CAPA_MODEL_COUNTS=1.
    const counts = { runs: RUNS, ...summary, ...(process.env['CAPA_MODEL_COUNTS'] === '1' && { refused: Object.fromEntries(seen.refusals) }) };
    process.stderr.write(`CAPA model: ${JSON.stringify(counts)}\n`);
    expect(summary).toMatchObject({
      never: [], unknown: [], statuses: Object.fromEntries(CAPA_STATUSES.map((status) => [status, expect.any(Number)])), acts: Object.fromEntries(ALL_ACTS.map((act) => [act, expect.any(Number)])),
    });
    expect(seen.closed).toBeGreaterThanOrEqual(CLOSED_AT_LEAST);
  });

  test(`Q1 nor in ${String(FRESH_RUNS)} runs that nobody has seen before`, () => {
    fc.assert(history, { numRuns: FRESH_RUNS });
  }, 60_000);
});
