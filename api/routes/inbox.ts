import { z } from 'zod';
import { recordPathOf } from '../../contracts/ids';
import { parseInstant } from '../../contracts/instant';
import { instantSchema } from '../../contracts/instantSchema';
import { inboxEntry, inboxPage, markAllRead, markRead, unreadCount, type InboxEntry } from '../../store/inbox';
import { found, notFound } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { pageOf, pageQuery } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';

const instant = z.iso.datetime();
const entrySchema = z.object({
  id: z.string(), recordId: z.string(), kind: z.string().describe('Path of the record: `issues`, `drills`.'), number: z.string().nullable(), topic: z.string().nullable(),
  severity: z.string().nullable(), reason: z.string(), level: z.int().nullable(), due: instant.nullable(), link: z.string(),
  status: z.string().nullable().describe('Of the record, now.'), closed: z.boolean().describe('The record is over: nothing needs to be done any more.'),
  drill: z.boolean().describe('An exercise.'), toldBy: z.string().describe('The channel tried first.'), held: z.boolean().describe('The channel tells it later: quiet hours, or a digest.'),
  createdAt: instant, readAt: instant.nullable(),
}).meta({ id: 'InboxEntry' });

const ENTRY_ID = z.string().regex(/^[0-9a-f]{40}$/, 'the id of an inbox entry');
const placeSchema = z.tuple([z.string(), z.string()]);
/** More than this is shown as this many. */
const COUNTED = 1000;
const tags = ['inbox'];

/** The in-app inbox: every notice to a person is there at once, whichever channel tells it beside (E10). */
export function inboxRoutes(deps: ApiDeps): Route[] {
  const shown = ({ notice, record }: InboxEntry) => {
    const kind = record ? recordPathOf(record.capability) : 'issues';
    return {
      id: notice.messageId.slice(1, 41), recordId: notice.recordId, kind, number: record?.number ?? null, topic: record?.topic ?? null,
      severity: notice.severity ?? record?.severity ?? null, reason: notice.reason, level: notice.level, due: notice.due, link: `${deps.settings.publicUrl}/${kind}/${notice.recordId}`,
      status: record?.status ?? null, closed: record?.done === true, drill: notice.drill, toldBy: notice.channel, held: notice.status === 'held',
      createdAt: notice.createdAt, readAt: notice.readAt,
    };
  };

  const list = defineRoute({
    method: 'get', path: '/api/v1/inbox', summary: 'One\'s own notices, newest first', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, unread: z.enum(['true', 'false']).default('false').describe('`true`: only what is not read yet.') }),
    answers: found('A page, and how many are unread (1,000 means 1,000 or more).', pageOf(entrySchema).extend({ unread: z.int() })),
    handler: async ({ query, caller }) => {
      const place = decodeCursor(query.cursor, placeSchema);
      const [page, unread] = await Promise.all([
        inboxPage(deps.store, { personId: caller.personId, unread: query.unread === 'true', limit: query.limit, after: place && { createdAt: place[0], id: place[1] } }),
        unreadCount(deps.store, { personId: caller.personId, atMost: COUNTED }),
      ]);
      return { status: 200, body: { items: page.items.map(shown), next: page.next ? encodeCursor([page.next.createdAt, page.next.id]) : null, unread } };
    },
  });

  const read = defineRoute({
    method: 'post', path: '/api/v1/inbox/{id}/read', summary: 'Mark one notice as read: it has reached its person', tags, access: 'signed_in', scope: 'act',
    params: z.strictObject({ id: ENTRY_ID }), refusalSubject: ({ id }) => `inbox/${id}`,
    answers: found('The entry; marking it again changes nothing.', entrySchema),
    handler: async ({ params, caller }) => {
      const entry = await inboxEntry(deps.store, { personId: caller.personId, messageId: `<${params.id}@cro-oversight>` });
      if (!entry) throw notFound();
      const notice = await markRead(deps.store, { notice: entry.notice, at: deps.now() });
      return { status: 200, body: shown({ ...entry, notice }) };
    },
  });

  const readAll = defineRoute({
    method: 'post', path: '/api/v1/inbox/read-all', summary: 'Mark everything as read that one was told up to an instant', tags, access: 'signed_in', scope: 'act',
    body: z.strictObject({ upTo: instantSchema.optional().describe('Default: now. Give the newest that was on the screen.') }).optional(),
    answers: found('How many were unread.', z.object({ read: z.int() })),
    handler: async ({ body, caller }) => {
      const now = deps.now();
      const upTo = (body?.upTo === undefined ? undefined : parseInstant(body.upTo)) ?? now;
      return { status: 200, body: { read: await markAllRead(deps.store, { personId: caller.personId, upTo, at: now }) } };
    },
  });
  return [list, readAll, read];
}
