import type { WorkflowInboundCallsInterceptor, WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { actorOf, type Headers } from '../contracts/actorHeader';
import { COMMAND_UPDATE } from '../contracts/entity';
import { refusal } from './support/refusal';

type Inbound = Required<Pick<WorkflowInboundCallsInterceptor, 'validateUpdate' | 'handleUpdate'>>;

/** Brings the actor of the header into the command: the header wins over whatever the argument says. */
const actorInbound: Inbound = {
  validateUpdate(input, next) {
    next(input.name === COMMAND_UPDATE ? { ...input, args: withActorOf(input.headers, input.args) } : input);
  },
  handleUpdate(input, next) {
    return next(input.name === COMMAND_UPDATE ? { ...input, args: withActorOf(input.headers, input.args) } : input);
  },
};

function withActorOf(headers: Headers, args: unknown[]): unknown[] {
  const actor = actorOf(headers);
  if (!actor) throw refusal('not_permitted', 'a command needs an actor', {});
  const [input] = args;
  return [{ ...(input as object), actor }];
}

export const interceptors: WorkflowInterceptorsFactory = () => ({ inbound: [actorInbound] });
