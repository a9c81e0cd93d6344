import { z } from 'zod';
import { ANNOUNCED } from '../../contracts/announcement';
import { announcementsOf, readAnnouncement } from '../../store/announcements';
import type { AnnouncementDoc } from '../../store/schemas/access';
import { found, notFound } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam } from '../schemas';

const schema = z.object({
  id: z.string(), what: z.enum(ANNOUNCED), about: z.string().describe('Stream of what changed, e.g. `membership/<id>`.'), organisationId: z.string(), subject: z.string(), role: z.string().nullable(),
  byName: z.string(), at: z.iso.datetime(), until: z.iso.datetime().nullable().describe('Until then an objection comes before the first signature.'), readAt: z.iso.datetime().nullable(),
});
const shown = ({ _id, what, about, organisationId, subject, role, byName, at, until, readAt }: AnnouncementDoc) => ({ id: _id, what, about, organisationId, subject, role, byName, at, until, readAt });
const tags = ['announcements'];

/** What administrators and quality heads were told of their organisation: who came to power, who may sign, what others changed. */
export function announcementRoutes(deps: ApiDeps): Route[] {
  const list = defineRoute({
    method: 'get', path: '/api/v1/announcements', summary: 'What one was told of one\'s organisation, newest first', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
    answers: found('The newest.', z.object({ items: z.array(schema) })),
    handler: async ({ query, caller }) => ({ status: 200, body: { items: (await announcementsOf(deps.store, { personId: caller.personId, limit: query.limit })).map(shown) } }),
  });
  const read = defineRoute({
    method: 'post', path: '/api/v1/announcements/{id}/read', summary: 'Mark one\'s own as read', tags, access: 'signed_in', scope: 'act',
    params: idParam, refusalSubject: ({ id }) => `announcement/${id}`, answers: { 204: { description: 'It is read.' } },
    handler: async ({ params, caller }) => {
      if (!(await readAnnouncement(deps.store, { id: params.id, personId: caller.personId, at: deps.now() }))) throw notFound();
      return { status: 204 };
    },
  });
  return [list, read];
}
