import type { Actor } from '../../contracts/actor';
import type { ControlCommand, ControlState } from '../../contracts/control';
import type { FailureType, Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { contactAt } from './acts';
import { mayWaive } from './rule';
import { isWitness, maySayOf, MOST_QUEUED, type Speaker } from './stated';

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });

/** Who may give a command at all: people, the product, or both. */
const BY: Readonly<Record<ControlCommand['act'], 'person' | 'product' | 'both'>> = {
  'log-contact': 'person', 'confirm-contact': 'person', 'object-to-contact': 'person', waive: 'person', 'change-rule': 'both', stop: 'both', linked: 'product', repeat: 'product',
};

/** Whether an act is not allowed now. Roles are checked by the API and again by commit; this sees only the record. */
export function refuse(state: ControlState, { command, actor }: { command: ControlCommand; actor: Actor }, now: Instant): Refusal | undefined {
  const { act } = command;
  const by = (BY as Readonly<Record<string, string | undefined>>)[act];
  if (by === undefined) return no('not_permitted', `a control knows no act ${act}`);
  if (state.status === 'stopped') return no('wrong_state', 'the control is stopped');
  if (actor.kind === 'system') return by === 'person' ? no('not_permitted', `${act} is a person's act`) : undefined;
  if (by === 'product') return no('not_permitted', `${act} is not a person's act`);
  if (!state.organisationIds.includes(actor.organisationId)) return no('not_permitted', 'your organisation has no seat on this control');
  switch (act) {
    case 'log-contact':
      return refuseContact(state, { at: contactAt(command.body, now), by: actor }, now);
    case 'confirm-contact':
    case 'object-to-contact':
      return refuseWord(state, command.body.slot, actor);
    case 'waive':
      if (!mayWaive(state, actor.organisationId)) return no('not_permitted', 'whoever owes the contact does not waive its slot: the other organisation does');
      if (state.slot?.stated) return no('wrong_state', 'a contact is stated: confirm it, or object to it');
      return state.slot?.waived ? no('wrong_state', 'this slot is waived already') : undefined;
    case 'stop':
      if (state.slot?.stated?.by.organisationId === actor.organisationId) return no('wrong_state', 'a contact that your organisation stated waits for the word of another');
      return refuseByHand(state);
    default:
      return refuseByHand(state);
  }
}

function refuseByHand(state: ControlState): Refusal | undefined {
  return state.row ? no('wrong_state', `the control follows the matrix row ${state.row.key}: change that`) : undefined;
}

/** Whose word counts on the contact that waits. */
function refuseWord(state: ControlState, slotNo: number, by: Speaker): Refusal | undefined {
  const { slot } = state;
  if (slot?.no !== slotNo || !slot.stated) return no('wrong_state', `no contact of slot ${slotNo} waits for anybody's word`);
  if (maySayOf(state, slot.stated, by)) return undefined;
  return no('separation_of_duties', state.organisationIds.length > 1 ? 'whoever stated the contact does not confirm it: the other organisation does' : 'another person than who stated the contact confirms it');
}

/** A contact fills the open slot; what lies before it belongs to a slot that has its fate. */
function refuseContact(state: ControlState, { at, by }: { at: Instant; by: Speaker }, now: Instant): Refusal | undefined {
  const { slot, queued = [] } = state;
  if (at > now) return no('rule_broken', 'at: lies in the future');
  if (slot && at < slot.from) return no('rule_broken', `at: lies before the open slot, which began at ${slot.from}`);
  if (!slot?.stated || isWitness(state, by)) return undefined;
  const last = queued.at(-1) ?? slot.stated;
  if (at <= last.at) return no('rule_broken', `at: does not lie after the contact of ${last.at}, which waits for the word of the other side`);
  return queued.length < MOST_QUEUED ? undefined : no('wrong_state', `${MOST_QUEUED} contacts wait for the word of the other side already`);
}
