import { z } from 'zod';
import { refusalStreamOf } from '../../contracts/ids';
import { administrativeStreamOf } from '../../domain/audit/streams';
import { isVisible } from '../../domain/timeline/reader';
import { knownTo, notFound, notPermitted, organisationIdsOf, organisationSeat } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, pageOf } from '../schemas';
import { readablePage } from '../views/readablePage';
import { auditEntrySchema } from '../views/story';

const query = z.strictObject({ cursor: z.string().max(100).optional(), limit: z.coerce.number().int().min(1).max(500).default(100) });

/** What was refused to whoever tried it on an organisation: for its own administrators (21 CFR 11.300(d)). */
export function refusalRoutes(deps: ApiDeps): Route[] {
  const list = defineRoute({
    method: 'get', path: '/api/v1/organisations/{id}/refusals', summary: 'What was refused about an organisation, oldest first, for its administrators', tags: ['organisations'], access: 'signed_in', scope: 'read',
    params: idParam, query, refusalSubject: ({ id }) => administrativeStreamOf('organisation', id),
    answers: { 200: { description: 'A full page of what the caller may read; `next` is the cursor of the following one.', schema: pageOf(auditEntrySchema) } },
    handler: async ({ params, query: { cursor, limit }, caller }) => {
      if (!organisationSeat(caller, params.id, deps.now())) throw (await knownTo(deps, caller)).has(params.id) ? notPermitted() : notFound();
      const streamId = refusalStreamOf(administrativeStreamOf('organisation', params.id));
      return readablePage(deps, { streamId, cursor, limit }, (entries) => entries.filter((entry) => isVisible(entry, organisationIdsOf(caller))));
    },
  });
  return [list];
}
