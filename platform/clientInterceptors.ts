import { AsyncLocalStorage } from 'node:async_hooks';
import type { ScheduleClientInterceptor, WorkflowClientInterceptor } from '@temporalio/client';
import type { Actor } from '../contracts/actor';
import { withActor, type Headers } from '../contracts/actorHeader';

const acting = new AsyncLocalStorage<Actor>();

/** Runs `act`, and everything it awaits, in the name of an actor. */
export function runAs<T>(actor: Actor, act: () => T): T {
  return acting.run(actor, act);
}

/** In whose name the current code runs; undefined outside `runAs`. */
export function currentActor(): Actor | undefined {
  return acting.getStore();
}

/** An act on a workflow without an actor is a defect: the audit trail could not say who it was (21 CFR 11.10(e)). */
function requireActor(act: string): Actor {
  const actor = currentActor();
  if (actor === undefined) throw new Error(`${act} without an actor: wrap the call in runAs`);
  return actor;
}

const signed = (headers: Headers, act: string): Headers => withActor(headers, requireActor(act));

const workflow: WorkflowClientInterceptor = {
  startWithDetails: async (input, next) => next({ ...input, headers: signed(input.headers, 'start') }),
  startUpdate: async (input, next) => next({ ...input, headers: signed(input.headers, 'update') }),
  startUpdateWithStart: async (input, next) =>
    next({
      ...input,
      workflowStartHeaders: signed(input.workflowStartHeaders, 'update with start'),
      updateHeaders: signed(input.updateHeaders, 'update with start'),
    }),
  signal: async (input, next) => next({ ...input, headers: signed(input.headers, 'signal') }),
  signalWithStart: async (input, next) => next({ ...input, headers: signed(input.headers, 'signal with start') }),
  // A query changes nothing, so it may come from nobody.
  query: async (input, next) => {
    const actor = currentActor();
    return next(actor === undefined ? input : { ...input, headers: withActor(input.headers, actor) });
  },
  // Terminate and cancel have no headers (client 1.24). The details of a termination are kept in history, encrypted.
  terminate: async (input, next) => next({ ...input, details: [...(input.details ?? []), { actor: requireActor('terminate') }] }),
  cancel: async (input, next) => {
    requireActor('cancel');
    return next(input);
  },
};

const schedule: ScheduleClientInterceptor = {
  create: async (input, next) => next({ ...input, headers: signed(input.headers, 'create schedule') }),
};

/** For `new Client({ interceptors })`: the current actor goes along with everything that a client asks of Temporal. */
export const actorInterceptors = { workflow: [workflow], schedule: [schedule] };
