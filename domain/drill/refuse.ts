import type { Actor } from '../../contracts/actor';
import type { DrillCommand, DrillState } from '../../contracts/drill';
import type { FailureType, Refusal } from '../../contracts/failures';

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });

const PRODUCT_ACTS: Readonly<Record<DrillCommand['act'], boolean>> = { confirm: false, end: false, 'issue-acknowledged': true, linked: true, relieve: true };

/** Whether an act is not allowed now. Roles are checked by the API and again by commit; this sees only the record. */
export function refuse(state: DrillState, { command, actor }: { command: DrillCommand; actor: Actor }): Refusal | undefined {
  const { act } = command;
  if (!Object.hasOwn(PRODUCT_ACTS, act)) return no('not_permitted', `a drill knows no act ${act}`);
  if (state.status === 'reported') return no('wrong_state', 'the drill is over');
  if (actor.kind === 'system') return PRODUCT_ACTS[act] ? undefined : no('not_permitted', `${act} is a person's act`);
  if (act === 'confirm') {
    const answer = state.answers.find(({ personId }) => personId === actor.personId);
    if (!answer) return no('not_permitted', 'only the people whom the drill told may confirm');
    return answer.confirmedAt === null ? undefined : no('wrong_state', 'you have confirmed already');
  }
  if (act !== 'end') return no('not_permitted', `${act} is not a person's act`);
  if (![state.raisingOrganisationId, state.accountableOrganisationId].includes(actor.organisationId)) return no('not_permitted', 'your organisation has no seat on this drill');
  return state.issue?.recordId === null && state.issue.failure === null ? no('wrong_state', "the drill's issue is still being opened") : undefined;
}
