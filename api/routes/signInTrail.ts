import { z } from 'zod';
import { readChain } from '../../store/auditLog';
import { peopleByIds } from '../../store/people';
import { signInStreamOf } from '../../store/signIns';
import { isOf, notFound, requireOrganisationSeat } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, pageOf } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { auditEntrySchema } from '../views/story';

/** Who signed in as somebody, with what, and who failed to: read by the person and by the administrators of their organisation (21 CFR 11.300(d)). */
export function signInTrailRoutes(deps: ApiDeps): Route[] {
  return [defineRoute({
    method: 'get', path: '/api/v1/people/{id}/sign-ins', tags: ['sessions'], access: 'signed_in', scope: 'read',
    summary: 'Sign-ins of a person, oldest first: sessions and tokens begun, used for the first time and ended, and failed attempts',
    params: idParam, refusalSubject: ({ id }) => `person/${id}`,
    query: z.strictObject({ cursor: z.string().max(100).optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
    answers: { 200: { description: 'A page; `next` is the cursor of the following one.', schema: pageOf(auditEntrySchema) } },
    handler: async ({ params, query: { cursor, limit }, caller }) => {
      const [person] = await peopleByIds(deps.store, [params.id]);
      if (!person || !isOf(caller, person.organisationId)) throw notFound();
      if (person._id !== caller.personId) requireOrganisationSeat(caller, person.organisationId, deps.now());
      const items = await readChain(deps.store, signInStreamOf(person._id), { after: decodeCursor(cursor, z.int().min(0)) ?? 0, limit });
      const last = items.at(-1);
      return { status: 200, body: { items, next: items.length === limit && last ? encodeCursor(last.seq) : null } };
    },
  })];
}
