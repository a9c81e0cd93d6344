import { z } from 'zod';
import type { AuditEntry } from '../../contracts/audit';
import { refusalStreamOf } from '../../contracts/ids';
import { administrativeStreamOf } from '../../domain/audit/streams';
import { isVisible } from '../../domain/timeline/reader';
import { readWholeChain } from '../../store/auditLog';
import { knownTo, notFound, notPermitted, organisationIdsOf, organisationSeat } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, pageOf } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
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
      const after = decodeCursor(cursor, z.int().min(0)) ?? 0;
      const entries = await readWholeChain(deps.store, refusalStreamOf(administrativeStreamOf('organisation', params.id)));
      const readable = entries.filter((entry: AuditEntry) => entry.seq > after && isVisible(entry, organisationIdsOf(caller)));
      const items = readable.slice(0, limit);
      const last = items.at(-1);
      return { status: 200, body: { items, next: readable.length > limit && last ? encodeCursor(last.seq) : null } };
    },
  });
  return [list];
}
