import { z } from 'zod';
import { severitySchema } from '../../contracts/policy';
import { visibilityFilter } from '../../domain/access/ability';
import { listAgenda } from '../../store/agenda';
import type { ApiDeps } from '../deps';
import { found } from '../administer';
import { defineRoute, type Route } from '../route';
import { idSchema, pageOf, pageQuery } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';

const instant = z.iso.datetime();
const itemSchema = z.object({
  id: z.string(), recordId: z.string(), capability: z.string(), number: z.string(), severity: severitySchema, topic: z.string(), studyId: z.string().nullable(),
  raisingOrganisationId: z.string(), accountableOrganisationId: z.string(), reason: z.string(), since: instant,
  reviewDue: instant.describe('When somebody must have taken it up.'), reviewsLapsed: z.int(),
  status: z.enum(['pending', 'settled']), settledAt: instant.nullable(), outcome: z.string().nullable().describe('Status of the record when it was settled.'),
}).meta({ id: 'AgendaItem' });
const placeSchema = z.tuple([z.string(), z.string()]);

/** What waits for the next governance meeting (E4): issues whose ladder is exhausted. */
export function agendaRoutes(deps: ApiDeps): Route[] {
  const list = defineRoute({
    method: 'get', path: '/api/v1/agenda-items', summary: 'What goes before governance, the longest waiting first', tags: ['governance'], access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, status: z.enum(['pending', 'settled']).default('pending'), studyId: idSchema.optional(), recordId: idSchema.optional() }),
    answers: found('A page of items of records that the caller may see.', pageOf(itemSchema)),
    handler: async ({ query: { cursor, limit, status, studyId, recordId }, caller }) => {
      const visibility = visibilityFilter(caller.memberships, deps.now());
      if (!visibility) return { status: 200, body: { items: [], next: null } };
      const place = decodeCursor(cursor, placeSchema);
      const filter = { status, ...(studyId !== undefined && { studyId }), ...(recordId !== undefined && { recordId }) };
      const { items, next } = await listAgenda(deps.store, { visibility, filter, limit, after: place && { since: place[0], id: place[1] } });
      const shown = items.map(({ _id, visibleTo: _visibleTo, assigneeIds: _assigneeIds, systemId: _systemId, updatedAt: _updatedAt, ...item }) => ({ id: _id, ...item }));
      return { status: 200, body: { items: shown, next: next ? encodeCursor([next.since, next.id]) : null } };
    },
  });
  return [list];
}
