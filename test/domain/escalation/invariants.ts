import { isDeepStrictEqual } from 'node:util';
import type { EscalationState, IssueStatus, Track } from '../../../contracts/escalation';
import type { ArmedDeadline, Waiting } from '../../../contracts/step';
import { escalation } from '../../../domain/escalation/machine';
import { checkClimbs } from './climbs';
import { BODIES, commandOf, person, type Run } from './issues';

type Waits = ReadonlyMap<string, ArmedDeadline>;

function holds(condition: boolean, what: string, state: EscalationState): void {
  if (!condition) throw new Error(`${what}; state ${JSON.stringify({ ...state, policy: state.policy.key })}`);
}

/** Throws when any step of a run breaks what must hold of every issue. */
export function checkRun(run: Run): void {
  const waits = new Map<string, ArmedDeadline>();
  let policy = run.steps[0]?.state.policy;
  for (const step of run.steps) {
    if (step.source.act === 'replan') policy = step.state.policy;
    for (const { name } of step.ended) waits.delete(name);
    for (const deadline of step.armed) if (deadline.warning === undefined) waits.set(deadline.name, deadline);
    holds(step.state.policy === policy, 'the policy is pinned until somebody moves the issue to another', step.state);
    checkState(step.state, waits);
  }
  checkClimbs(run);
  checkActors(run);
  const last = run.steps.at(-1)?.state ?? run.state;
  holds(isDeepStrictEqual([...waits.keys()].sort(), run.armed.filter((deadline) => deadline.warning === undefined).map(({ name }) => name).sort()), 'each deadline that was armed waits or has ended', last);
  const intents = run.effects.map(({ intent }) => intent);
  const twice = intents.filter((intent, index) => intents.indexOf(intent) !== index);
  holds(twice.length === 0, `an intent is unique for ever: ${twice.join(', ')}`, last);
  checkEnd(run);
}

function checkState(state: EscalationState, waits: Waits): void {
  // Without the policy, which no rule may replace: comparing it every time takes most of the run.
  const own = { ...state, policy: null };
  holds(isDeepStrictEqual(JSON.parse(JSON.stringify(own)), own), 'the state is plain JSON', state);
  holds(state.plans.at(-1)?.severity === state.severity, 'the last plan is in force', state);
  const over = state.status === 'closed' || state.status === 'cancelled';
  holds(over ? waits.size === 0 : waits.size > 0, over ? 'a finished issue waits for nothing' : 'nothing is forgotten', state);
  holds(isTrueStatus(state), 'the status is what the tracks say', state);
  const exhausted = state.tracks.some((track) => track.status === 'exhausted');
  holds(state.underReview === exhausted, 'under review while a track is exhausted', state);
  holds(waits.has('review') === exhausted, 'an exhausted issue, and no other, has a review deadline', state);
  holds(waits.has('cancellation') === (!over && state.cancellation !== null), 'a cancellation has a deadline', state);
  if (state.status === 'resolved') checkResolved(state, waits);
  else holds(!waits.has('confirmation'), 'only a resolved issue waits for a confirmation', state);
  for (const track of state.tracks) checkTrack(state, track, waits);
  for (const waiting of escalation.waiting(state, [...waits.values()])) checkMovers(state, waiting);
}

function checkTrack(state: EscalationState, track: Track, waits: Waits): void {
  const { side, status, level } = track;
  const levels = state.policy.ladders[state.severity].levels.length;
  holds(level >= 1 && level <= levels, `${side}: level ${String(level)} of ${String(levels)}`, state);
  holds(waits.has(`ack/${side}`) === (status === 'climbing'), `${side}: a track climbs when, and only when, an acknowledgement is awaited`, state);
  holds(waits.has(`handover/${side}`) === (track.handOver !== null), `${side}: an offer has a deadline`, state);
  const working = status === 'acknowledged' && ['open', 'acknowledged', 'exhausted'].includes(state.status);
  holds(!waits.has(`progress/${side}`) || working, `${side}: progress is owed after an acknowledgement only`, state);
  if (side === 'accountable' && working) holds(waits.has('progress/accountable'), 'acknowledging is not progress', state);
  if (status === 'climbing') holds(track.acknowledgedBy === null, `${side}: nobody has acknowledged a climbing track`, state);
  if (status === 'acknowledged') holds(track.acknowledgedBy !== null, `${side}: somebody acknowledged`, state);
}

function checkResolved(state: EscalationState, waits: Waits): void {
  const confirming = state.tracks.find((track) => track.side === 'raising') ?? state.tracks[0];
  const moving = waits.has('confirmation') || (confirming?.status === 'climbing' && waits.has(`ack/${confirming.side}`)) || (confirming?.status === 'exhausted' && waits.has('review'));
  holds(moving && state.resolvedBy !== null, 'a resolved issue waits for its confirmation', state);
}

function isTrueStatus({ status, tracks }: EscalationState): boolean {
  const are = (wanted: Track['status']) => tracks.some((track) => track.status === wanted);
  const says: { readonly [S in IssueStatus]: boolean } = {
    exhausted: are('exhausted'), open: are('climbing') && !are('exhausted'), acknowledged: tracks.every((track) => track.status === 'acknowledged'),
    resolved: true, closed: tracks.every((track) => track.status === 'settled'), cancelled: tracks.every((track) => track.status === 'settled'),
  };
  return says[status];
}

/** Each who is named as a mover can move it: some person of the organisation would not be refused. */
function checkMovers(state: EscalationState, waiting: Waiting): void {
  holds(waiting.movers.length > 0, `${waiting.for} has somebody who can move it`, state);
  for (const { organisationId, acts, personId } of waiting.movers) {
    const people = (personId === undefined ? ['someone', 'another'] : [personId]).map((id) => person(id, organisationId));
    const can = people.some((actor) => acts.some((act) => {
      const known = Object.keys(BODIES).find((name): name is keyof typeof BODIES => name === act);
      return known !== undefined && escalation.refuse(state, { actor, command: commandOf(known, BODIES[known]) }, state.openedAt) === undefined;
    }));
    holds(can, `${waiting.for} can be moved by ${organisationId} with ${acts.join(', ')}`, state);
  }
}

/** No act by the wrong side or the wrong person, and every plan stays on the record. */
function checkActors(run: Run): void {
  run.steps.forEach(({ source: { act, actor }, state }, index) => {
    const before = run.steps[index - 1]?.state;
    if (!before || actor.kind !== 'person') return;
    const { raisingOrganisationId, accountableOrganisationId } = state;
    const raising = actor.organisationId === raisingOrganisationId;
    const own = before.tracks.find((track) => track.organisationId === actor.organisationId);
    holds(own !== undefined || act === 'comment', `${act} takes a seat`, state);
    if (act === 'resolve') holds(actor.organisationId === accountableOrganisationId && before.status !== 'resolved', 'the accountable side resolves, once', state);
    if (['confirm', 'reject', 'replan', 'share'].includes(act)) holds(raising, `${act} is the raising side's`, state);
    if (act === 'confirm') holds(before.status === 'resolved' && before.resolvedBy !== actor.personId, 'another person confirms what is resolved', state);
    if (act === 'accept') holds(own?.handOver?.toId === actor.personId, 'whom it is handed to accepts', state);
    if (act === 'acknowledge') {
      const other = (side: string) => before.tracks.find((track) => track.side === side && track.organisationId !== actor.organisationId);
      for (const track of state.tracks) if (other(track.side)) holds(isDeepStrictEqual(track, other(track.side)), 'acknowledging stops one\'s own side only', state);
    }
    holds(isDeepStrictEqual(state.plans.slice(0, before.plans.length), before.plans), 'every plan stays on the record', state);
  });
}

/** Closed only by resolving and confirming, or as a drill; cancelled only by two persons. */
function checkEnd(run: Run): void {
  const { state } = run;
  const lastOf = (act: string) => {
    const actor = run.steps.findLast((step) => step.source.act === act)?.source.actor;
    return actor?.kind === 'person' ? actor : undefined;
  };
  if (run.steps.at(-1)?.source.act === 'end-drill') holds(state.drill, 'only a drill ends by itself', state);
  else if (state.status === 'closed') {
    const [resolver, confirmer] = [lastOf('resolve'), lastOf('confirm')];
    holds(resolver?.organisationId === state.accountableOrganisationId, 'the accountable side resolved', state);
    holds(confirmer?.organisationId === state.raisingOrganisationId, 'the raising side confirmed', state);
    holds(resolver?.personId !== confirmer?.personId, 'another person confirmed', state);
  }
  if (state.status === 'cancelled') {
    const [first, second] = [lastOf('cancel'), lastOf('confirm-cancel')];
    holds(first !== undefined && second !== undefined && first.personId !== second.personId, 'two persons cancelled', state);
    holds([first?.organisationId, second?.organisationId].includes(state.raisingOrganisationId), 'one of them is of the raising side', state);
  }
  holds(run.done === (state.status === 'closed' || state.status === 'cancelled'), 'done means over', state);
}
