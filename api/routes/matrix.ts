import { z } from 'zod';
import { listMatrix, matrixVersion, matrixVersions } from '../../store/matrix';
import type { MatrixDoc } from '../../store/schemas/matrix';
import { found, notFound } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { idSchema, pageOf, pageQuery } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { shownVersions, versionSchema } from '../views/matrix';
import { matrixCsvRoutes } from './matrixCsv';
import { matrixProposalRoutes } from './matrixProposals';

const rowKey = z.string().min(1).max(400);
const topic = z.string().max(40);
const placeSchema = z.tuple([z.string()]);
const tags = ['matrix'];

/** The communication matrix (ICH E6(R3) 3.6.1): who answers on both sides, per study and topic. Read here; changed by proposals. */
export function matrixRoutes(deps: ApiDeps): Route[] {
  const list = defineRoute({
    method: 'get', path: '/api/v1/matrix', summary: 'Rows in force that name the own organisation', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, studyId: idSchema.optional(), topic: topic.optional(), organisationId: idSchema.optional() }),
    answers: found('A page, in the order of the row keys.', pageOf(versionSchema)),
    handler: async ({ query, caller }) => {
      const { limit, cursor, ...filter } = query;
      const after = decodeCursor(cursor, placeSchema)?.[0];
      const page = await listMatrix(deps.store, { memberships: caller.memberships, filter, at: deps.now(), after, limit });
      return { status: 200, body: { items: await shownVersions(deps.store, page.items), next: page.next === undefined ? null : encodeCursor([page.next]) } };
    },
  });

  const versions = defineRoute({
    method: 'get', path: '/api/v1/matrix/versions', summary: 'All versions of a row, future ones too', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, rowKey }),
    answers: found('A page, newest first.', pageOf(versionSchema)),
    handler: async ({ query, caller }) => {
      const { limit, cursor } = query;
      const below = decodeCursor(cursor, z.int());
      const rows = await matrixVersions(deps.store, { rowKey: query.rowKey, below, limit: limit + 1 });
      if (!rows.some((row) => seesRow(caller, row))) throw notFound();
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return { status: 200, body: { items: await shownVersions(deps.store, items), next: rows.length > limit && last ? encodeCursor(last.version) : null } };
    },
  });

  const version = defineRoute({
    method: 'get', path: '/api/v1/matrix/versions/{version}', summary: 'One version of a row', tags, access: 'signed_in', scope: 'read',
    params: z.strictObject({ version: z.coerce.number().int().min(1).max(1_000_000) }), query: z.strictObject({ rowKey }),
    answers: found('The version, with who approved it.', versionSchema),
    handler: async ({ params, query, caller }) => {
      const row = await matrixVersion(deps.store, query.rowKey, params.version);
      if (!row || !seesRow(caller, row)) throw notFound();
      return { status: 200, body: (await shownVersions(deps.store, [row]))[0] };
    },
  });
  return [list, versions, version, ...matrixProposalRoutes(deps), ...matrixCsvRoutes(deps)];
}

function seesRow({ memberships }: Caller, { organisationIds, studyId }: MatrixDoc): boolean {
  return memberships.some((membership) => organisationIds.includes(membership.organisationId) && (membership.studyId === null || membership.studyId === studyId));
}
