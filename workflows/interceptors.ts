import type { WorkflowInboundCallsInterceptor, WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { actorOf } from '../contracts/actorHeader';
import { COMMAND_UPDATE, type CommandInput } from '../contracts/entity';
import { refusedIn } from '../contracts/refusedPayload';
import { tellForgery } from './support/forgeries';
import { refusal } from './support/refusal';

type Inbound = Required<Pick<WorkflowInboundCallsInterceptor, 'validateUpdate' | 'handleUpdate'>>;
type Update = Parameters<Inbound['handleUpdate']>[0];

/** Brings the actor into the command, and lets none in that is not the stored command of that actor. */
const actorInbound: Inbound = {
  validateUpdate(input, next) {
    if (input.name !== COMMAND_UPDATE) {
      next(input);
      return;
    }
    const because = forgedBecause(input);
    if (because !== undefined) {
      tellForgery('update', because);
      throw refusal('not_permitted', because, {});
    }
    next(withActor(input));
  },
  handleUpdate(input, next) {
    return next(input.name === COMMAND_UPDATE ? withActor(input) : input);
  },
};

/** Asked of what arrives, never of what a history holds: that was accepted by the rules of its day. */
function forgedBecause({ args, updateId }: Update): string | undefined {
  const refused = refusedIn(args);
  if (refused !== undefined) return refused;
  const [{ vouched }] = args as [Partial<CommandInput>];
  return vouched?.commandId === updateId ? undefined : 'it is not the command that it says to be';
}

function withActor(input: Update): Update {
  // Whoever completes a workflow task in a worker's place can accept what they like.
  const refused = refusedIn(input.args);
  if (refused !== undefined) throw refusal('not_permitted', refused, {});
  const [command] = input.args as [CommandInput];
  // Before 0.2.0 the actor came in the header alone, which anybody can write.
  const actor = command.vouched?.actor ?? actorOf(input.headers);
  if (!actor) throw refusal('not_permitted', 'a command needs an actor', {});
  return { ...input, args: [{ ...command, actor }] };
}

export const interceptors: WorkflowInterceptorsFactory = () => ({ inbound: [actorInbound] });
