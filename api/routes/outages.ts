import { z } from 'zod';
import { visibilityFilter } from '../../domain/access/ability';
import { OUTAGE_CAUSES } from '../../domain/lateness/outage';
import { countDelayed, listPassed } from '../../store/lateness';
import { findOutage, listOutages, silentProcesses } from '../../store/outages';
import type { OutageDoc } from '../../store/schemas/outages';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, pageQuery } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { passedDeadlineSchema, shownDeadline } from '../views/lateness';
import { notFound, runsTheInstance } from '../views/readers';

const instant = z.iso.datetime();
const outageSchema = z.object({
  id: z.string(), process: z.string().describe('Whose signs of life were missing.'), from: instant.describe('The last one before.'), until: instant.describe('The first one after.'),
  lastedMs: z.int(), everyMs: z.int().describe('How often they were to come.'), cause: z.enum(OUTAGE_CAUSES), known: z.string().describe('What is known of the cause.'),
}).meta({ id: 'Outage' });
const totalsSchema = z.array(z.object({ capability: z.string(), kind: z.string(), count: z.int(), maxLateByMs: z.int() }));
const tags = ['outages'];

const shown = ({ _id, process, from, until, lastedMs, everyMs, cause, known }: OutageDoc): z.infer<typeof outageSchema> => ({ id: _id, process, from, until, lastedMs, everyMs, cause, known });

/** When the product was away, and which deadlines fell into that time. */
export function outageRoutes(deps: ApiDeps): Route[] {
  const list = defineRoute({
    method: 'get', path: '/api/v1/outages', summary: 'Outages, latest first', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject(pageQuery),
    answers: { 200: {
      description: 'A page; `ongoing` names who has been silent for too long and since when, on the first page.',
      schema: z.object({ items: z.array(outageSchema), ongoing: z.array(z.object({ process: z.string(), from: instant })), next: z.string().nullable() }),
    } },
    handler: async ({ query }) => {
      const after = decodeCursor(query.cursor, z.tuple([z.string()]))?.[0];
      const [{ items, next }, ongoing] = await Promise.all([
        listOutages(deps.store, { after, limit: query.limit }),
        after === undefined ? silentProcesses(deps.store, deps.now()) : [],
      ]);
      return { status: 200, body: { items: items.map(shown), ongoing, next: next === undefined ? null : encodeCursor([next]) } };
    },
  });

  const deadlines = defineRoute({
    method: 'get', path: '/api/v1/outages/{id}/deadlines', summary: 'Deadlines that were due during an outage and delayed by it', tags, access: 'signed_in', scope: 'read',
    params: idParam, query: z.strictObject(pageQuery),
    answers: { 200: {
      description: 'Those of the caller\'s records, latest due first. Whoever runs the installation also gets `totals` over all records: kinds, numbers and times only.',
      schema: z.object({ outage: outageSchema, items: z.array(passedDeadlineSchema), totals: totalsSchema.nullable(), next: z.string().nullable() }),
    } },
    refusalSubject: ({ id }) => `outages/${id}`,
    handler: async ({ params, query, caller }) => {
      const outage = await findOutage(deps.store, params.id);
      if (!outage) throw notFound();
      const place = decodeCursor(query.cursor, z.tuple([z.string(), z.string()]));
      const visibility = visibilityFilter(caller.memberships, deps.now());
      // By when the store took it: what was fired in time but could not be recorded was delayed as well.
      const filter = { from: outage.from, to: outage.until, delayedUntil: outage.until };
      const [page, totals] = await Promise.all([
        visibility ? listPassed(deps.store, { visibility, filter, limit: query.limit, after: place && { due: place[0], id: place[1] } }) : { items: [] },
        runsTheInstance(caller) ? countDelayed(deps.store, outage) : null,
      ]);
      const next = 'next' in page ? encodeCursor([page.next.due, page.next.id]) : null;
      return { status: 200, body: { outage: shown(outage), items: page.items.map(shownDeadline), totals, next } };
    },
  });
  return [list, deadlines];
}
