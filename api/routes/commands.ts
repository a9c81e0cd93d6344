import { z } from 'zod';
import { Failure, FAILURES } from '../../contracts/failures';
import { findCommand } from '../../store/commands';
import { commandLocation } from '../commands/commandPath';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';

export const commandSchema = z.object({
  id: z.string(), status: z.enum(['received', 'answered']), location: z.string(),
  recordId: z.string().optional(), act: z.string().optional(), receivedAt: z.iso.datetime().optional(), answeredAt: z.iso.datetime().nullable().optional(),
  answer: z.object({ status: z.int(), body: z.unknown() }).nullable().describe('What the caller would have got at once: status and body.'),
}).meta({ id: 'Command' });

/** The 202 of every route that acts. */
export const pending = { description: 'Stored; it runs when the engine answers. The answer will be at `Location`.', schema: commandSchema };

/** What became of a stored command. */
export function commandRoutes(deps: ApiDeps): Route[] {
  const read = defineRoute({
    method: 'get', path: '/api/v1/commands/{id}', summary: 'What became of an own command', tags: ['commands'], access: 'signed_in', scope: 'read',
    params: z.strictObject({ id: z.string().regex(/^[0-9a-f]{64}$/, 'the id of a command') }),
    answers: { 200: { description: 'The command, with its answer once there is one.', schema: commandSchema } },
    refusalSubject: ({ id }) => `command/${id}`,
    handler: async ({ params, caller }) => {
      const command = await findCommand(deps.store, params.id);
      if (command?.actor.kind !== 'person' || command.actor.personId !== caller.personId) throw new Failure('not_found', FAILURES.not_found.meaning);
      const { _id, status, recordId, act, receivedAt, answeredAt, answer } = command;
      return {
        status: 200,
        body: { id: _id, status, location: commandLocation(_id), recordId, act, receivedAt, answeredAt: answeredAt ?? null, answer: answer ?? null },
      };
    },
  });
  return [read];
}
