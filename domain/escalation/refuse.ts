import type { Actor, PersonActor } from '../../contracts/actor';
import type { CompletedCommand, EscalationCommand, EscalationState, PersonAct, PersonCommand, SystemCommand, Track } from '../../contracts/escalation';
import type { FailureType, Refusal } from '../../contracts/failures';
import { epochMsOf, parseInstant, type Instant } from '../../contracts/instant';
import type { Severity } from '../../contracts/policy';
import { ladderOf, trackOf, trackOn } from './plan';
import { isSameVersion } from '../policy/inForce';

const HOUR_MS = 3_600_000;
const GRAVITY: readonly Severity[] = ['minor', 'major', 'critical'];

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });
const wrongState = (reason: string): Refusal => no('wrong_state', reason);

/**
 * Whether an act is not allowed now: sequence (21 CFR 11.10(f)), side, separation of duties (EMA A3.3).
 * Roles are checked by the API and again by commit; this sees only the record.
 */
export function refuse(state: EscalationState, commanded: { command: EscalationCommand; actor: Actor }, now: Instant): Refusal | undefined {
  const { command, actor } = commanded;
  if (isOver(state)) return wrongState(`the issue is ${state.status}`);
  if (actor.kind === 'system') return isSystemAct(command) ? refuseSystem(state, command) : no('not_permitted', `${command.act} is a person's act`);
  if (isSystemAct(command)) return no('not_permitted', `${command.act} is not a person's act`);
  return refusePerson({ state, command, actor, own: trackOf(state, actor.organisationId), now });
}

const isOver = (state: EscalationState): boolean => state.status === 'closed' || state.status === 'cancelled';

const SYSTEM_ACTS: Readonly<Record<SystemCommand['act'], true>> = { repeat: true, cleared: true, 'end-drill': true, linked: true, relieve: true };

function isSystemAct(command: EscalationCommand): command is SystemCommand {
  return Object.hasOwn(SYSTEM_ACTS, command.act);
}

function refuseSystem(state: EscalationState, command: SystemCommand): Refusal | undefined {
  return command.act === 'end-drill' && !state.drill ? wrongState('only a drill ends by itself') : undefined;
}

/** What people ask for. */
type Asking = PersonCommand | CompletedCommand;

interface Asked<C extends Asking = Asking> {
  readonly state: EscalationState;
  readonly command: C;
  readonly actor: PersonActor;
  readonly own: Track | undefined;
  readonly now: Instant;
}

type Rules = { readonly [K in PersonAct | CompletedCommand['act']]: (asked: Asked<Extract<Asking, { act: K }>>) => Refusal | undefined };

function refusePerson(asked: Asked): Refusal | undefined {
  const rule = rules[asked.command.act] as (asked: Asked) => Refusal | undefined;
  if (!asked.own && asked.command.act !== 'comment') return no('not_permitted', 'your organisation has no seat on this issue');
  return rule(asked);
}

const unresolved = ({ state }: Asked): Refusal | undefined =>
  state.status === 'resolved' ? wrongState('the issue is resolved; it waits for the raising side to confirm or reject') : undefined;

const rules: Rules = {
  acknowledge: ({ own }) =>
    own && own.status !== 'climbing' && own.status !== 'exhausted' ? wrongState(own.status === 'acknowledged' ? 'your side has acknowledged already' : 'nothing waits for an acknowledgement on your side') : undefined,
  progress: (asked) => unresolved(asked) ?? refuseUnacknowledged(asked.own, 'report progress') ?? refusePromise(asked),
  comment: () => undefined,
  assign: (asked) =>
    unresolved(asked) ?? (asked.own?.assigneeId === asked.command.body.personId ? wrongState('this person is the assignee already') : undefined),
  'hand-over': (asked) => unresolved(asked) ?? refuseHandOver(asked),
  accept: ({ own, actor }) => {
    if (!own?.handOver) return wrongState('no hand-over waits on your side');
    return own.handOver.toId === actor.personId ? undefined : no('not_permitted', 'only the person it is handed to may accept');
  },
  regrade: (asked) => unresolved(asked) ?? refuseRegrade(asked),
  replan: (asked) => unresolved(asked) ?? refuseReplan(asked),
  link: ({ state, command }) => {
    if (command.body.recordId === state.id) return no('rule_broken', 'an issue cannot be linked to itself');
    return state.links.some((link) => link.recordId === command.body.recordId && link.kind === command.body.kind) ? wrongState('this link exists') : undefined;
  },
  share: ({ state, actor, command }) => {
    if (actor.organisationId !== state.raisingOrganisationId) return no('not_permitted', 'only the owning organisation shares an issue');
    const seated = [state.raisingOrganisationId, state.accountableOrganisationId].includes(command.body.organisationId);
    if (seated) return wrongState('this organisation is a party already');
    const same = state.shares.some((share) => share.organisationId === command.body.organisationId && share.extent === command.body.extent);
    return same ? wrongState('it is shared so already') : undefined;
  },
  unshare: ({ state, actor, command }) => {
    const share = state.shares.find(({ organisationId }) => organisationId === command.body.organisationId);
    if (!share) return wrongState('it is not shared with this organisation');
    if (actor.organisationId === state.raisingOrganisationId) return undefined;
    // Who had to agree may take it back: of a study either party, else who has files on it or consented.
    const hadToAgree = state.studyId !== null || (share.consentIds ?? []).length > 0 || command.body.holdsFiles === true;
    return hadToAgree ? undefined : no('not_permitted', 'only the owning organisation takes this share back');
  },
  escalate: (asked) => {
    const side = asked.command.body.side ?? 'accountable';
    const track = trackOn(asked.state, side);
    if (!track) return no('rule_broken', `the issue has no ${side} track`);
    return unresolved(asked) ?? (track.status === 'exhausted' ? wrongState('this track is exhausted; there is no further level') : undefined);
  },
  resolve: (asked) => {
    const { state, actor } = asked;
    if (actor.organisationId !== state.accountableOrganisationId) return no('not_permitted', 'only the accountable side resolves');
    return unresolved(asked) ?? refuseUnacknowledged(trackOn(state, 'accountable'), 'resolve');
  },
  confirm: ({ state, actor }) => {
    if (actor.organisationId !== state.raisingOrganisationId) return no('not_permitted', 'only the raising side confirms');
    if (state.status !== 'resolved') return wrongState(`nothing to confirm: the issue is ${state.status}`);
    return state.resolvedBy === actor.personId ? no('separation_of_duties', 'who resolved it cannot confirm it') : undefined;
  },
  reject: ({ state, actor }) => {
    if (actor.organisationId !== state.raisingOrganisationId) return no('not_permitted', 'only the raising side rejects');
    const something = state.status === 'resolved' || state.cancellation;
    return something ? undefined : wrongState(`nothing to reject: the issue is ${state.status}`);
  },
  cancel: (asked) => unresolved(asked) ?? (asked.state.cancellation ? wrongState('a cancellation waits for its second person') : undefined),
  'confirm-cancel': ({ state, actor }) => {
    if (!state.cancellation) return wrongState('no cancellation waits');
    if (state.cancellation.by === actor.personId) return no('separation_of_duties', 'a cancellation needs a second person');
    // Otherwise the side that it was raised against could do away with it (E13).
    const raisingTakesPart = [state.cancellation.organisationId, actor.organisationId].includes(state.raisingOrganisationId);
    return raisingTakesPart ? undefined : no('separation_of_duties', 'one of the two must be of the raising side');
  },
};

function refuseUnacknowledged(track: Track | undefined, what: string): Refusal | undefined {
  return track?.status === 'acknowledged' ? undefined : wrongState(`acknowledge before you ${what}`);
}

function refusePromise({ state, command, now }: Asked<Extract<PersonCommand, { act: 'progress' }>>): Refusal | undefined {
  const { nextUpdateAt } = command.body;
  if (nextUpdateAt === undefined) return undefined;
  const promised = parseInstant(nextUpdateAt);
  const ahead = promised ? epochMsOf(promised) - epochMsOf(now) : Number.NaN;
  const { promiseAtMostMs } = ladderOf(state);
  const hoursAtMost = Math.floor(promiseAtMostMs / HOUR_MS);
  return ahead > 0 && ahead <= promiseAtMostMs ? undefined : no('rule_broken', `nextUpdateAt must lie ahead, for ${state.severity} issues at most ${hoursAtMost} h`);
}

function refuseRegrade({ state, actor, command }: Asked<Extract<PersonCommand, { act: 'regrade' }>>): Refusal | undefined {
  const { severity } = command.body;
  if (state.severity === severity) return wrongState(`the severity is ${state.severity} already`);
  // Severity is the raising side's, up as down: the role table says so (SIDE_OF_ACT), at the door and again in commit. Here histories of before
  // are decided again, in which the other side could raise it.
  const lowers = GRAVITY.indexOf(severity) < GRAVITY.indexOf(state.severity);
  return lowers && actor.organisationId !== state.raisingOrganisationId ? no('not_permitted', 'only the raising side lowers the severity') : undefined;
}

/** Another plan counts running deadlines anew, so the side that they bind must not choose it (docs/decisions, 010 and 012). */
function refuseReplan({ state, actor, command, now }: Asked<CompletedCommand>): Refusal | undefined {
  const { key, version, effectiveFrom } = command.body.policy;
  if (actor.organisationId !== state.raisingOrganisationId) return no('not_permitted', 'only the raising side moves an issue to another version');
  if (epochMsOf(now) < Date.parse(effectiveFrom)) return no('rule_broken', `${key} version ${version} counts only from ${effectiveFrom}`);
  return isSameVersion(state.policy, command.body.policy) ? wrongState(`the issue runs under ${key} version ${version} already`) : undefined;
}

function refuseHandOver({ own, actor, command }: Asked<Extract<PersonCommand, { act: 'hand-over' }>>): Refusal | undefined {
  if (own?.handOver) return wrongState('a hand-over waits for acceptance already');
  const giver = own?.assigneeId ?? actor.personId;
  return giver === command.body.toPersonId ? no('rule_broken', 'a hand-over needs another person') : undefined;
}
