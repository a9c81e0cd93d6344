import { Readable } from 'node:stream';
import { z } from 'zod';
import { CAPA, CAPA_STATUSES } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import type { VisibilityFilter } from '../../domain/access/ability';
import { visibilityFilter } from '../../domain/access/ability';
import { CAPA_COLUMNS, capaRow } from '../../domain/capaTable/row';
import { listRecords, type RecordCursor, type RecordList } from '../../store/recordLists';
import { csvPages } from '../csv';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { withKnownLinks } from '../views/knownLinks';

/** Read at a time: a table may be long, what is held of it is not. */
const PAGE = 200;
const CONTENT_TYPE = 'text/csv';

/** The list of CAPAs as a table for spreadsheets. */
export function capaTableRoutes(deps: ApiDeps): Route[] {
  return [defineRoute({
    method: 'get', path: '/api/v1/capas.csv', summary: 'CAPAs shared with the caller as CSV, latest first', tags: ['capas'], access: 'signed_in', scope: 'read',
    query: z.strictObject({ status: z.enum(CAPA_STATUSES).transform((status) => [status]).optional(), topic: z.string().max(40).optional(), studyId: z.string().min(1).max(64).optional() }),
    answers: { 200: { description: 'One line a CAPA, with original and current due dates; cells that a spreadsheet might run begin with an apostrophe.', schema: z.string(), contentType: CONTENT_TYPE } },
    handler: ({ query, caller }) => {
      const now = deps.now();
      const visibility = visibilityFilter(caller.memberships, now);
      return {
        status: 200, stream: Readable.from(csvPages(CAPA_COLUMNS, pagesOf(deps, { visibility, caller, filter: query, now }))),
        headers: { 'Content-Type': `${CONTENT_TYPE}; charset=utf-8`, 'Content-Disposition': 'attachment; filename="capas.csv"' },
      };
    },
  })];
}

interface Asked {
  readonly visibility: VisibilityFilter | undefined;
  readonly caller: Caller;
  readonly filter: RecordList['filter'];
  readonly now: Instant;
}

async function* pagesOf(deps: ApiDeps, { visibility, caller, filter, now }: Asked): AsyncGenerator<readonly (readonly string[])[]> {
  if (!visibility) return;
  for (let after: RecordCursor | undefined; ;) {
    const { items, next } = await listRecords(deps.store, { capability: CAPA.capability, visibility, filter, limit: PAGE, after });
    yield (await withKnownLinks(deps, caller, items)).map((record) => capaRow(record, now));
    if (!next) return;
    after = next;
  }
}
