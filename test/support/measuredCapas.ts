import type { Plan } from '../../contracts/capaSections';
import type { CapaCommand } from '../../contracts/capa';
import { epochMsOf, plusMs, type Instant } from '../../contracts/instant';
import { emptyChain } from '../../domain/audit/chain';
import { capa } from '../../domain/capa/machine';
import { project } from '../../domain/capa/projection';
import type { MeasuredCapa } from '../../domain/capaMetrics/facts';
import { listedUnder } from '../../domain/lists/listedUnder';
import { jsonOf } from '../../store/commands';
import type { RecordDoc } from '../../store/schemas/records';
import { actorOf, nextOnTheWay } from '../domain/capa/acting';
import { act, bring, capaIn, capaOf, CRO, dueOf, DAY_MS, PEOPLE, product, resultOf, signed, signedAs, SPONSOR, START, type Run } from '../domain/capa/capas';

const { ann, bea, ben, bob, eve } = PEOPLE;

/** The same numbers for the same seed, from 0 up to 1. */
export function randomOf(seed: number): () => number {
  let state = seed + 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** When the last played CAPA may begin, days after the first. */
const SPREAD_DAYS = 500;

/** A CAPA as people might have lived it: late, extended, returned, ineffective, reopened, given up, or left in the middle. */
export function playedCapa(seed: number): Run {
  const random = randomOf(seed);
  const pick = <T>(...of: readonly [T, ...T[]]): T => of[Math.floor(random() * of.length)] ?? of[0];
  const run = capaOf({
    severity: pick('critical', 'major', 'minor'), classification: pick('corrective', 'corrective', 'preventive'), raising: random() < 0.85 ? SPONSOR : CRO, draft: random() < 0.12,
    at: plusMs(START, Math.floor(random() * SPREAD_DAYS * DAY_MS)),
  });
  const give = (actor: Parameters<Run['command']>[0]['actor'], command: CapaCommand): boolean => {
    if (run.done || run.command({ actor, command: signedAs(run, command) })) return false;
    run.sleepTo(plusMs(run.now, 1 + Math.floor(random() * 3_600_000)));
    return true;
  };
  // Some people are prompt, some are not.
  const slowest = pick(2, 2, 8, 25) * DAY_MS;
  for (let left = Math.floor(random() * 90); left > 0 && !run.done; left -= 1) {
    const what = random();
    if (what < 0.18) run.runTo(plusMs(run.now, Math.floor(random() * slowest)));
    else if (what < 0.28) extend();
    else if (what < 0.33 && run.state.submitted) give(pick(ann, bea), { act: 'return', body: { comments: 'c' } });
    else if (what < 0.338) {
      const kind = run.state.status === 'triage' ? 'rejection' : 'cancellation';
      if (give(bea, { act: 'propose', body: { what: kind, reason: 'r' } })) give(ann, { act: kind === 'rejection' ? 'reject' : 'cancel', body: signed });
    } else if (what < 0.37 && run.state.severity === 'minor') {
      if (give(bob, { act: 'propose', body: { what: 'waiver', reason: 'r' } })) give(run.state.raisingOrganisationId === SPONSOR ? ann : bea, { act: 'waive', body: signed });
    } else goOn();
  }
  return run;

  function extend(): void {
    const running = run.armed.filter(({ name, warning }) => warning === undefined && /^(action|stage)\//.test(name));
    const deadline = running[Math.floor(random() * running.length)];
    if (!deadline) return;
    const newDue = plusMs(run.now > deadline.due ? run.now : deadline.due, Math.ceil(random() * 20) * DAY_MS);
    if (!give(bob, { act: 'request-extension', body: { deadline: deadline.name, newDue, justification: 'j', interimControl: 'i', currentDue: deadline.due } })) return;
    const body = { no: run.state.extensions.length };
    if (random() < 0.8 && !give(bea, { act: 'grant-extension', body })) give(pick(ben, eve), { act: 'grant-further-extension', body });
    // The time that was won is used.
    if (random() < 0.5 && run.now < deadline.due) run.runTo(plusMs(deadline.due, 3_600_000));
  }

  function goOn(): void {
    const { status, assessor } = run.state;
    if (status === 'effectiveness_check' && assessor?.personId != null && random() < 0.6) {
      if (give(actorOf(assessor.personId), { act: 'save', body: { result: resultOf(pick('effective', 'ineffective', 'inconclusive')) } }) && random() < 0.9) give(actorOf(assessor.personId), { act: 'assess', body: signed });
      return;
    }
    if (status === 'closed' && random() < 0.3) {
      if (!give(product, { act: 'recurred', body: { capaId: `other-${seed}-${run.state.iteration}`, number: 'CAPA-9', categories: ['procedure'] } })) return;
      const judge = run.state.raisingOrganisationId === SPONSOR ? ann : bea;
      if (random() < 0.8) give(judge, random() < 0.6 ? { act: 'reopen', body: signed } : { act: 'decline-recurrence', body: { reason: 'r' } });
      return;
    }
    const next = nextOnTheWay(run, { owner: 'bob', worker: 'cal' });
    if (next && give(next.actor, stated(next.command))) return;
    const due = run.next?.due;
    if (due !== undefined && due >= run.now) run.runTo(due);
  }

  function stated(command: CapaCommand): CapaCommand {
    if (command.act !== 'submit' || !command.body.plan) return command;
    const plan: Plan = { ...command.body.plan, actions: command.body.plan.actions.map((action) => ({ ...action, level: pick(undefined, 'system', 'system', 'person') })) };
    return { ...command, body: { ...command.body, plan: random() < 0.3 ? { ...plan, actions: plan.actions.filter(({ kind }) => kind === run.state.classification) } : plan } };
  }
}

/** A CAPA whose corrective action was extended in time and done by its second date, and that was closed (Q15). */
export function extendedCapa(): Run {
  const run = capaIn('implementation');
  const due = dueOf(run, 'action/c1') ?? run.now;
  act(run, bob, { act: 'request-extension', body: { deadline: 'action/c1', newDue: plusMs(due, 10 * DAY_MS), justification: 'j', interimControl: 'i' } });
  act(run, bea, { act: 'grant-extension', body: { no: 1 } });
  run.runTo(plusMs(due, DAY_MS));
  bring(run, 'closed');
  return run;
}

/** What figures see of it. */
export const measuredOf = (run: Run, id: string): MeasuredCapa => ({ ...run.state, id, armed: run.armed });

/** It as the store holds it, between two organisations of the cast. */
export function playedRecord(run: Run, place: { readonly id: string; readonly sponsor: string; readonly cro: string; readonly studyId: string }): RecordDoc {
  const { id, sponsor, cro, studyId } = place;
  const moved = JSON.parse(JSON.stringify({ state: run.state, armed: run.armed }).replaceAll(`"${SPONSOR}"`, `"${sponsor}"`).replaceAll(`"${CRO}"`, `"${cro}"`)) as Pick<Run, 'state' | 'armed'>;
  const state = { ...moved.state, id, number: `CAPA-${id}`, studyId };
  const projected = project(state);
  return {
    _id: id, capability: 'capa', rev: run.steps.length, number: state.number, stateVersion: capa.version, state: jsonOf(state), armed: moved.armed, content: { title: `Title of ${id}`, description: 'See the finding' },
    ...projected, listedUnder: listedUnder(projected), nextDueAt: run.next?.due ?? null, openedAt: state.openedAt, updatedAt: run.steps.at(-1)?.at ?? state.openedAt, done: run.done, chain: emptyChain(''),
  };
}

/** Some instant within what the played CAPAs have lived. */
export const someInstant = (share: number): Instant => plusMs(START, Math.floor(share * (SPREAD_DAYS + 300)) * DAY_MS);
/** After everything. */
export const AFTER_ALL: Instant = plusMs(START, 3000 * DAY_MS);
export const daysBetween = (from: Instant, to: Instant): number => (epochMsOf(to) - epochMsOf(from)) / DAY_MS;
