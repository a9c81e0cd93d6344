import { ApplicationFailure, condition, defineUpdate, setHandler, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { actorOf } from '../../../contracts/actorHeader';

export const answer = defineUpdate<string, [string]>('answer');

let actors: string[] = [];

/** Greets whoever answers; refuses one name with a failure that must not be readable in history. */
export async function greeting(): Promise<string[]> {
  let greeted = '';
  setHandler(answer, (name) => {
    if (name === 'Mallory') throw ApplicationFailure.nonRetryable('Mallory may not', 'not_permitted');
    greeted = name;
    return `hello ${name}`;
  });
  await condition(() => greeted !== '');
  return actors;
}

export const interceptors: WorkflowInterceptorsFactory = () => {
  actors = [];
  const note = (act: string, headers: Parameters<typeof actorOf>[0]): void => {
    const actor = actorOf(headers);
    actors.push(`${act} by ${actor?.kind === 'person' ? actor.personId : (actor?.name ?? 'nobody')}`);
  };
  return {
    inbound: [
      {
        execute: async (input, next) => {
          note('execute', input.headers);
          return next(input);
        },
        handleUpdate: async (input, next) => {
          note(input.name, input.headers);
          return next(input);
        },
      },
    ],
  };
};
