import type { Actor } from '../../contracts/actor';
import type { CapaCommand, CapaPersonCommand, CapaSystemCommand } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { FailureType, Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import type { Json } from '../../contracts/step';
import { SIGNED_ACTS } from '../../contracts/capaWords';
import { refuseUnsigned } from '../signature/demand';
import { RULES, type Asked } from './rules';
import { partiesOf } from './seats';
import { signable } from './signable';
import { FITS_IN } from './when';

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });

const SYSTEM_ACTS: Readonly<Record<CapaSystemCommand['act'], true>> = { linked: true, repeat: true, recurred: true, relieve: true };
const isSystemAct = (command: CapaCommand): command is CapaSystemCommand => Object.hasOwn(SYSTEM_ACTS, command.act);
const isKnown = (act: string): boolean => Object.hasOwn(SYSTEM_ACTS, act) || Object.hasOwn(FITS_IN, act);

/**
 * Whether an act is not allowed now: sequence (21 CFR 11.10(f)), seat, separation of duties (EMA A3.3), content, and last
 * the signature. Roles are checked by the API and again by commit; this sees the record and the role of the act.
 */
export function refuse(state: CapaState, { command, actor, earlier }: { command: CapaCommand; actor: Actor; earlier?: true }, now: Instant): Refusal | undefined {
  if (!isKnown(command.act)) return no('not_permitted', `a CAPA knows no act ${command.act}`);
  if (state.status === 'rejected' || state.status === 'cancelled') return no('wrong_state', `the CAPA is ${state.status}`);
  if (actor.kind === 'system') return isSystemAct(command) ? refuseSystem(state, command) : no('not_permitted', `${command.act} is a person's act`);
  if (isSystemAct(command)) return no('not_permitted', `${command.act} is not a person's act`);
  if (!partiesOf(state).includes(actor.organisationId)) return no('not_permitted', 'your organisation has no seat on this CAPA');
  return refusePerson({ state, command, actor, now, earlier });
}

function refuseSystem(state: CapaState, command: CapaSystemCommand): Refusal | undefined {
  if (command.act !== 'recurred') return undefined;
  if (command.body.capaId === state.id) return no('rule_broken', 'a CAPA does not recur in itself');
  return state.status === 'closed' && !state.watchOver ? undefined : no('wrong_state', 'only a closed CAPA is watched for recurrence');
}

function refusePerson(asked: Asked): Refusal | undefined {
  const { state, command } = asked;
  if (!FITS_IN[command.act].includes(state.status)) return no('wrong_state', `${command.act} does not fit: the CAPA is ${state.status.replaceAll('_', ' ')}`);
  const rule = RULES[command.act] as (asked: Asked) => Refusal | undefined;
  const refusal = rule(asked);
  // Acts that were not signed then stay unsigned, and say so.
  if (refusal ?? (asked.earlier && !Object.hasOwn(SIGNED_ACTS, command.act))) return refusal;
  if (isAskedOutside(command)) return undefined;
  return refuseUnsigned(signable(state, command.act, command.body as unknown as Json), 'signature' in command.body ? { signature: command.body.signature } : {});
}

/** Of these the API and `commit` demand the signature (deeds.ts): in the lock, histories without it would stand still. */
const isAskedOutside = (command: CapaPersonCommand): boolean => command.act === 'assign' || (command.act === 'verify-action' && !command.body.accepted);
