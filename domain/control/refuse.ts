import type { Actor } from '../../contracts/actor';
import type { ControlCommand, ControlState } from '../../contracts/control';
import type { FailureType, Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { contactAt } from './acts';
import { mayWaive } from './rule';

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });

/** Who may give a command at all: people, the product, or both. */
const BY: Readonly<Record<ControlCommand['act'], 'person' | 'product' | 'both'>> = {
  'log-contact': 'person', waive: 'person', 'change-rule': 'both', stop: 'both', linked: 'product', repeat: 'product',
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
      return refuseContact(state, contactAt(command.body, now), now);
    case 'waive':
      if (!mayWaive(state, actor.organisationId)) return no('not_permitted', 'whoever owes the contact does not waive its slot: the other organisation does');
      return state.slot?.waived ? no('wrong_state', 'this slot is waived already') : undefined;
    default:
      return state.row ? no('wrong_state', `the control follows the matrix row ${state.row.key}: change that`) : undefined;
  }
}

/** A contact fills the open slot; what lies before it belongs to a slot that has its fate. */
function refuseContact({ slot }: ControlState, at: Instant, now: Instant): Refusal | undefined {
  if (at > now) return no('rule_broken', 'at: lies in the future');
  return slot && at < slot.from ? no('rule_broken', `at: lies before the open slot, which began at ${slot.from}`) : undefined;
}
