import { isDeepStrictEqual } from 'node:util';
import type { Actor } from '../../../contracts/actor';
import type { CapaCommand } from '../../../contracts/capa';
import type { CapaState } from '../../../contracts/capaState';
import { GATES, WORDED_ACTS, type CapaStatus, type Gate, type Outcome } from '../../../contracts/capaWords';
import type { Instant } from '../../../contracts/instant';
import type { Mover } from '../../../contracts/step';
import { capa } from '../../../domain/capa/machine';
import { actorOf, commandFor, type AnyAct } from './acting';
import { CRO, PEOPLE, SPONSOR, type Run } from './capas';

const GATE_OF: { readonly [act: string]: Gate } = { 'approve-plan': 'plan', 'verify-implementation': 'implementation', 'approve-closure': 'closure' };
const SIGNED_WORDS: readonly string[] = Object.keys(WORDED_ACTS);
const AFTER: Readonly<Record<Gate, readonly CapaStatus[]>> = {
  plan: ['plan_approved', 'implementation', 'implementation_verified', 'monitoring', 'effectiveness_check', 'closure_review', 'closed'],
  implementation: ['implementation_verified', 'monitoring', 'effectiveness_check', 'closure_review', 'closed'],
  closure: ['closed'],
};

const holds = (condition: boolean, what: string, state: CapaState): void => {
  if (!condition) throw new Error(`${what}; state ${JSON.stringify({ ...state, policy: state.policy.key })}`);
};

/**
 * What must be so, told from the acts that were accepted and by whom: nothing of the machine's own bookkeeping
 * is looked at but its status.
 */
export class Ledger {
  readonly #signed: Record<Gate, Map<string, string>> = { plan: new Map(), implementation: new Map(), closure: new Map() };
  readonly #sponsored: boolean;
  readonly #due = new Map<string, Instant>();
  #lastResult: Outcome | undefined;
  #effective = false;
  #waived = false;
  #notAffected = false;
  #breach = false;
  #seen = 0;
  readonly #intents = new Set<string>();
  readonly #moved = new Set<string>();

  constructor(raising: string) {
    this.#sponsored = raising === SPONSOR;
  }

  /** Notes an accepted act. */
  accepted(actor: Actor, { act, body }: CapaCommand, before: CapaState): void {
    const personId = actor.kind === 'person' ? actor.personId : '';
    this.#stated(actor, { act, body } as CapaCommand, before);
    const organisationId = actor.kind === 'person' ? actor.organisationId : '';
    const gate = GATE_OF[act];
    if (gate && actor.kind === 'person') {
      holds(actor.role === 'quality' || actor.role === 'quality_head', `${act} is quality's`, before);
      holds(![...this.#signed[gate].values()].includes(personId), `${act}: nobody signs twice`, before);
      holds(personId !== before.ownerId, `${act}: the owner does not approve`, before);
      this.#signed[gate].set(organisationId, personId);
    }
    if (act === 'return' && before.status === 'plan_review') this.#signed.plan.clear();
    if (act === 'return' && before.status === 'implementation') this.#signed.implementation.clear();
    if (act === 'return' && before.status === 'closure_review') this.#signed.closure.clear();
    // Another severity is another version of the plan that waits for signatures.
    if (act === 'revise-plan' || (act === 'regrade' && before.status === 'plan_review')) this.#signed.plan.clear();
    // Of an assessor, and of what is undone, the API and `commit` ask (deeds.test.ts).
    if (SIGNED_WORDS.includes(act) && act !== 'assign' && actor.kind === 'person' && !(act === 'verify-action' && 'accepted' in body && !body.accepted) && !(act === 'submit' && before.status !== 'containment')) holds('signature' in body && body.signature !== undefined, `${act} is signed`, before);
    if ('seriousBreach' in body && body.seriousBreach) this.#breach = true;
    if (act === 'answer-breach') {
      this.#breach = true;
      holds(body.answer === 'yes' || before.seriousBreach === null || organisationId === (before.sponsorOrganisationId ?? before.accountableOrganisationId), 'only the sponsor takes a serious breach back', before);
    }
    if (act === 'accept') holds(this.#breach, 'the question of serious breach is answered', before);
    if ('result' in body && body.result) this.#lastResult = body.result.outcome;
    if (act === 'assess') this.#assessed(personId, before);
    if (act === 'waive') {
      holds(before.severity === 'minor', 'only the check of a minor CAPA is waived', before);
      this.#waived = true;
    }
    if (act === 'confirm-not-affected') {
      holds(organisationId === SPONSOR, "the sponsor's signature says that it is not affected", before);
      this.#notAffected = true;
    }
    if (act === 'reopen') this.#again();
  }

  /** Nobody of the accountable side changes what the raising side stated (the CAPA of the model is opened by the raising side). */
  #stated(actor: Actor, { body }: CapaCommand, before: CapaState): void {
    if (actor.kind !== 'person' || actor.organisationId === before.raisingOrganisationId) return;
    if ('problem' in body && body.problem !== undefined) holds(isDeepStrictEqual(body.problem, before.problem), 'the accountable side does not change the problem statement', before);
    if ('severity' in body) holds(body.severity === before.severity, 'the accountable side does not change the severity', before);
  }

  #assessed(personId: string, before: CapaState): void {
    holds(!before.actions.some(({ ownerId, reported }) => ownerId === personId || reported?.personId === personId), 'the assessor carries out no action', before);
    const unmet = before.result?.observations?.some(({ met }) => !met) ?? false;
    const deviating = new Set((before.deviations ?? []).map(({ by }) => by.organisationId));
    holds(!(this.#lastResult === 'effective' && unmet) || [before.raisingOrganisationId, before.accountableOrganisationId].every((id) => deviating.has(id)), 'below its goal it is effective by both signatures only', before);
    if (this.#lastResult === 'ineffective') this.#again();
    else this.#effective = this.#lastResult === 'effective';
  }

  #again(): void {
    for (const gate of GATES) this.#signed[gate].clear();
    this.#due.clear();
    this.#effective = false;
    this.#waived = false;
    this.#notAffected = false;
    this.#lastResult = undefined;
  }

  /** Throws when the steps since the last look broke what must hold of every CAPA. */
  check(run: Run): void {
    const { state } = run;
    for (const step of run.steps.slice(this.#seen)) {
      for (const { intent } of step.effects) {
        holds(!this.#intents.has(intent), `an intent is unique for ever: ${intent}`, state);
        this.#intents.add(intent);
      }
    }
    if (run.steps.length === this.#seen) return;
    this.#seen = run.steps.length;
    this.#checkSignatures(state);
    this.#checkDates(state);
    this.#checkLife(run);
    // The clock to the authority runs as long as the answer is yes and nobody reported.
    const { breachReport } = state;
    if (breachReport?.reported === null && breachReport.missedAt === null) holds(run.armed.some(({ name }) => name === 'breach/report'), 'the report of a serious breach has its deadline', state);
    if (state.seriousBreach?.answer !== 'yes') holds(!run.armed.some(({ name }) => name.startsWith('breach/report')), 'no clock without a serious breach', state);
  }

  /** Throws when the state is not what JSON can say. */
  checkJson({ state }: Run): void {
    holds(isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state), 'the state is plain JSON', state);
  }

  /** No state behind a starred transition without the signatures that star it. */
  #checkSignatures(state: CapaState): void {
    const needed = this.#sponsored && !this.#notAffected ? [CRO, SPONSOR] : [CRO];
    for (const gate of GATES) {
      if (AFTER[gate].includes(state.status)) holds(needed.every((organisationId) => this.#signed[gate].has(organisationId)), `${state.status} without the signatures of the ${gate}`, state);
    }
    if (state.status !== 'closed' && state.status !== 'closure_review') return;
    holds(this.#effective || this.#waived, 'no closing without a passed effectiveness check or a signed waiver', state);
    holds(state.verifiedAt !== null && state.actions.length > 0 && state.actions.every(({ status }) => status === 'verified'), 'no closing without a verified implementation', state);
  }

  /** A due date is fixed with the plan, and moves by a granted extension only. */
  #checkDates(state: CapaState): void {
    for (const { id, originalDue, due } of state.actions) {
      const first = this.#due.get(id) ?? originalDue;
      this.#due.set(id, first);
      holds(originalDue === first, `the original due date of ${id} never changes`, state);
      const granted = state.extensions.filter((one) => one.deadline === `action/${id}` && one.iteration === state.iteration && one.status === 'granted');
      holds(due === (granted.at(-1)?.to ?? originalDue) && granted.length <= 2, `the due date of ${id} is moved by an extension only, twice at most`, state);
      holds(granted.every(({ requested, decided }) => decided !== null && decided.personId !== requested.personId), 'nobody grants their own request', state);
    }
  }

  /** Nothing is forgotten: each open state has a deadline, or somebody who can move it; and whoever is named can. */
  #checkLife(run: Run): void {
    const { state } = run;
    const over = state.status === 'rejected' || state.status === 'cancelled';
    if (over || run.done) { holds(run.done && run.armed.length === 0, 'what is over waits for nothing', state); return; }
    const waiting = run.waiting();
    holds(waiting.some(({ until, movers }) => until !== undefined || movers.length > 0), 'no state without a deadline or a person to move it', state);
    for (const { for: name, movers } of waiting) {
      for (const mover of movers) {
        const key = `${state.status}/${String(state.submitted)}/${name}/${JSON.stringify(mover)}`;
        if (!this.#moved.has(key)) holds(canMove(run, mover), `${name} can be moved by ${JSON.stringify(mover)}`, state);
        this.#moved.add(key);
      }
    }
  }
}

/** Whether the person named, or somebody of the organisation, gets past sequence and seat with one of the acts; content may still be missing. */
export function canMove(run: Run, { organisationId, acts, personId }: Mover): boolean {
  const people = personId === undefined
    ? [...Object.values(PEOPLE).filter((who) => who.organisationId === organisationId), { ...PEOPLE.bea, personId: 'fresh', organisationId }]
    : [{ ...actorOf(personId), organisationId }];
  return acts.some((act) => people.some((actor) => PICKS.some((pick) => {
    const command = commandFor(act as AnyAct, pick, run);
    const type = capa.refuse(run.state, { actor, command }, run.now)?.type;
    return type === undefined || type === 'rule_broken' || type === 'signature_required';
  })));
}

const PICKS = Array.from({ length: 24 }, (_, pick) => pick);
