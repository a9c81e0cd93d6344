import { z } from 'zod';
import { alertmanagerSchema, hookAnswerSchema, hookEventSchema, HOOKS_PATH, type HookOutcome } from '../../contracts/hooks';
import type { ApiDeps } from '../deps';
import { createReceiver } from '../hooks/receive';
import { defineRoute, type Route } from '../route';
import { idSchema } from '../schemas';

const STATUS: Readonly<Record<HookOutcome, number>> = { opened: 201, joined: 200, cleared: 200, nothing_open: 200, accepted: 202 };
const answer = (description: string) => ({ description, schema: hookAnswerSchema });

/** Where machines deliver (P12). */
export function hookRoutes(deps: ApiDeps): Route[] {
  const receive = createReceiver(deps);
  return [defineRoute({
    // Sources prove themselves by signature or token of their own; their limits are their own, too.
    method: 'post', path: `${HOOKS_PATH}/{source}`, summary: 'Deliver an event of a source: signed (Standard Webhooks) or by bearer token (Alertmanager)', tags: ['sources'],
    access: 'public', scope: 'raise', limited: false,
    params: z.strictObject({ source: idSchema }),
    rawBody: z.union([hookEventSchema, alertmanagerSchema]),
    answers: {
      201: answer('A new issue is open.'),
      200: answer('`joined`: the open issue of the same trouble has it; `cleared`: it has noted the all-clear, closing stays with people; `nothing_open`: there was nothing to clear.'),
      202: answer('Stored; it runs when the engine answers.'),
    },
    handler: async ({ params, req, correlationId }) => {
      const body = await receive({ sourceId: params.source, req, correlationId });
      return { status: STATUS[body.outcome], body };
    },
  })];
}
