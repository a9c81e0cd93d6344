import type { PersonActor } from '../../contracts/actor';
import type { By, CapaState, Extension } from '../../contracts/capaState';
import { MOST_EXTENSIONS, STAGES, type Stage } from '../../contracts/capaWords';
import type { FailureType, Refusal } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import { grantedElsewhere } from './elsewhere';
import { actionOf, by, QUALITY, RISEN } from './seats';
import { armDecision, deadlines, ruleFor, runningStage, setStage, type CapaDraft } from './stages';
import { tellPerson, tellQuality } from './telling';
import { touch } from './moving';

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });

interface Asked {
  readonly deadline: string;
  readonly newDue: string;
  readonly currentDue?: Instant | null;
}

/** The due instant that an extension would move; undefined: nothing runs under this name. */
function dueOf(state: CapaState, { deadline, currentDue }: Pick<Asked, 'deadline' | 'currentDue'>): Instant | undefined {
  const [kind, name = ''] = deadline.split('/');
  if (kind === 'action') {
    const action = actionOf(state, name);
    return action?.status === 'open' ? action.due : undefined;
  }
  const stage = stageOf(state, deadline);
  // What the API saw is older than what the machine heard: a stage that has passed or was extended knows its due instant.
  return stage && (stage.due ?? currentDue ?? undefined);
}

function stageOf(state: CapaState, deadline: string) {
  const name = STAGES.find((stage): stage is Stage => deadline === `stage/${stage}`);
  return name && runningStage(state, name);
}

const granted = (state: CapaState, deadline: string): number =>
  state.extensions.filter((one) => one.deadline === deadline && one.iteration === state.iteration && one.status === 'granted').length + grantedElsewhere(state, deadline);

/** Whether more time cannot be asked for: nothing runs, one request waits, the bound is reached, or the date is not later (Q8). */
export function refuseRequest(state: CapaState, asked: Asked, now: Instant): Refusal | undefined {
  const due = dueOf(state, asked);
  if (!due) return no('wrong_state', `nothing waits for ${asked.deadline}`);
  if (state.extensions.some((one) => one.deadline === asked.deadline && one.status === 'pending')) return no('wrong_state', 'a request for this date waits for its approver already');
  if (granted(state, asked.deadline) >= MOST_EXTENSIONS) return no('wrong_state', `this date was extended ${MOST_EXTENSIONS} times; there is no further extension`);
  const to = parseInstant(asked.newDue);
  return to && to > due && to > now ? undefined : no('rule_broken', 'newDue must lie ahead and after the present due date');
}

/** Asks for more time; the date stands until somebody grants it. A request after the date is flagged. */
export function requestExtension(draft: CapaDraft, asked: Asked & { justification: string; interimControl: string }, { actor, now }: { actor: PersonActor; now: Instant }): void {
  const { state } = draft;
  const due = dueOf(state, asked);
  const to = parseInstant(asked.newDue);
  if (!due || !to) return;
  const { deadline, justification, interimControl } = asked;
  const extension: Extension = {
    no: state.extensions.length + 1, iteration: state.iteration, deadline, count: granted(state, deadline) + 1, from: due, to, justification, interimControl,
    late: now > due, requested: by(actor, now), status: 'pending', decided: null,
  };
  draft.set({ extensions: [...state.extensions, extension] });
  draft.fact({ action: 'extension.requested', field: deadline, old: due, new: to, reason: justification, detail: { no: extension.no, count: extension.count, late: extension.late, interimControl } });
  armDecision(draft, deadlines.extension(extension.no), now);
  const telling = { intent: `extension/${extension.no}/requested`, reason: 'extension_requested', deadline: deadlines.extension(extension.no) } as const;
  tellQuality(draft, [state.accountableOrganisationId, ...sponsorIfCritical(state)], telling);
}

/** A critical CAPA's sponsor hears of every request and every decision. */
const sponsorIfCritical = ({ severity, sponsorOrganisationId }: CapaState): readonly string[] =>
  (severity === 'critical' && sponsorOrganisationId !== null ? [sponsorOrganisationId] : []);

export const pendingExtension = (state: CapaState, number: number): Extension | undefined => state.extensions.find((one) => one.no === number && one.status === 'pending');

/** Who may grant what: the level rises with the count; nobody grants their own request or their own date (Q8, Q9). */
export function refuseDecision(state: CapaState, asked: { number: number; act: 'grant-extension' | 'grant-further-extension' | 'decline-extension' }, actor: PersonActor): Refusal | undefined {
  const { number, act } = asked;
  const extension = pendingExtension(state, number);
  if (!extension) return no('wrong_state', `no request ${number} for more time waits`);
  if (act === 'grant-extension' && extension.count > 1) return no('wrong_state', 'the second extension of a date is granted by a quality head: grant-further-extension');
  if (act === 'grant-further-extension' && extension.count === 1) return no('wrong_state', 'the first extension of a date is granted by quality: grant-extension');
  const approvers = act === 'grant-extension' ? QUALITY : act === 'grant-further-extension' ? RISEN : [...new Set([...QUALITY, ...RISEN])];
  if (!approvers.includes(actor.role)) return no('not_permitted', `${act} is for ${approvers.join(' or ')}`);
  if (extension.requested.personId === actor.personId) return no('separation_of_duties', 'who asks for more time cannot decide on it');
  if (state.ownerId === actor.personId) return no('separation_of_duties', 'the owner of a CAPA cannot decide on more time for it');
  return ownsDeadline(state, extension.deadline, actor.personId) ? no('separation_of_duties', 'who owes the action cannot decide on more time for it') : undefined;
}

const ownsDeadline = (state: CapaState, deadline: string, personId: string): boolean =>
  deadline.startsWith('action/') && actionOf(state, deadline.slice('action/'.length))?.ownerId === personId;

/** Moves the durable timer; the original date stays beside the present one (Q15). */
export function grantExtension(draft: CapaDraft, number: number, decided: By): void {
  const now = decided.at;
  const extension = pendingExtension(draft.state, number);
  if (!extension) return;
  const { deadline, to, from } = extension;
  decide(draft, extension, { status: 'granted', decided });
  const stage = stageOf(draft.state, deadline);
  if (stage) setStage(draft, stage.name, { due: to, originalDue: stage.originalDue ?? from });
  else {
    draft.set({ actions: draft.state.actions.map((action) => (deadlines.action(action.id) === deadline ? { ...action, due: to } : action)) });
    touch(draft, 'implementation');
  }
  draft.arm(ruleFor(draft.state, { name: deadline, from: now, after: { kind: 'at', at: to } }));
}

/** The date stands. */
export function declineExtension(draft: CapaDraft, number: number, { decided, reason }: { decided: By | null; now: Instant; reason: string }): void {
  const extension = pendingExtension(draft.state, number);
  if (extension) decide(draft, extension, { status: decided ? 'declined' : 'lapsed', decided, reason });
}

function decide(draft: CapaDraft, extension: Extension, decision: { status: Extension['status']; decided: By | null; reason?: string }): void {
  const { status, decided, reason } = decision;
  const { no: number, deadline, from, to, requested } = extension;
  draft.set({ extensions: draft.state.extensions.map((one) => (one.no === number ? { ...one, status, decided } : one)) });
  draft.disarm(deadlines.extension(number));
  draft.fact({ action: `extension.${status}`, field: deadline, old: from, new: status === 'granted' ? to : from, ...(reason === undefined ? {} : { reason }), detail: { no: number, count: extension.count } });
  tellPerson(draft, requested, { intent: `extension/${number}/${status}`, reason: 'extension_decided' });
  if (status === 'granted') tellQuality(draft, sponsorIfCritical(draft.state), { intent: `extension/${number}/${status}`, reason: 'extension_decided' });
}
