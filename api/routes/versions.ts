import { z } from 'zod';
import { CAPABILITIES, recordPathOf, type Capability } from '../../contracts/ids';
import { changesBetween } from '../../domain/audit/changes';
import { contentVersions, type ContentVersion } from '../../domain/audit/versions';
import { mayRead } from '../../domain/timeline/reader';
import { readWholeChain } from '../../store/auditLog';
import { notFound } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { readerOf, wholeRecord } from '../views/readers';
import { auditActorSchema } from '../views/story';
import { recordParams } from './pathway';

const changeSchema = z.object({ path: z.string(), old: z.unknown(), new: z.unknown(), reordered: z.boolean().optional() });
export const versionSchema = z.object({
  version: z.int().describe('The revision that made it.'), at: z.iso.datetime(), by: auditActorSchema, reason: z.string().nullable(), acts: z.array(z.string()),
  changes: z.array(changeSchema).describe('Against the version before it.'), missing: z.string().nullable().describe('Why the trail does not hold this version; null: it does.'),
}).meta({ id: 'ContentVersion' });
export const wholeSchema = versionSchema.extend({
  content: z.record(z.string(), z.unknown()).nullable(), difference: z.object({ against: z.int(), changes: z.array(changeSchema).nullable() }).nullable().describe('From the version that was asked for to this one; `changes` null: the trail does not hold both.'),
});

/** Past versions of what a record says, rebuilt from its trail: for the records of every capability (P1). */
export function versionRoutes(deps: ApiDeps): Route[] {
  return CAPABILITIES.flatMap((capability) => routesOf(deps, capability));
}

function routesOf(deps: ApiDeps, capability: Capability): Route[] {
  const path = recordPathOf(capability);
  const route = { method: 'get', tags: [path], access: 'signed_in', scope: 'read' } as const;
  const versionsOf = async (recordId: string, caller: Caller): Promise<readonly ContentVersion[]> => {
    const { record, viewer } = await wholeRecord(deps, { recordId, caller, capability });
    const reader = readerOf(record, viewer);
    return contentVersions((await readWholeChain(deps.store, record._id)).filter((entry) => mayRead(entry, reader)));
  };

  const list = defineRoute({
    ...route, path: `/api/v1/${path}/{id}/versions`, summary: 'Versions of what the record says, oldest first, each with what it changed', params: recordParams,
    answers: { 200: { description: 'Of the entries that the caller may read.', schema: z.object({ items: z.array(versionSchema) }) } },
    handler: async ({ params, caller }) => ({ status: 200, body: { items: (await versionsOf(params.id, caller)).map(({ content: _content, ...version }) => version) } }),
  });

  const read = defineRoute({
    ...route, path: `/api/v1/${path}/{id}/versions/{version}`, summary: 'What the record said as of a revision, and how that differs from another', params: recordParams.extend({ version: z.coerce.number().int().min(1) }),
    query: z.strictObject({ against: z.coerce.number().int().min(1).optional().describe('A revision to compare with.') }),
    answers: { 200: { description: 'The version that stood at this revision.', schema: wholeSchema } },
    handler: async ({ params, query, caller }) => {
      const versions = await versionsOf(params.id, caller);
      const shown = standingAt(versions, params.version);
      return { status: 200, body: { ...shown, difference: query.against === undefined ? null : differenceOf(standingAt(versions, query.against), shown) } };
    },
  });
  return [list, read];
}

/** The version that stood at a revision. Throws Failure `not_found` before the first. */
function standingAt(versions: readonly ContentVersion[], revision: number): ContentVersion {
  const found = versions.filter(({ version }) => version <= revision).at(-1);
  if (!found) throw notFound();
  return found;
}

function differenceOf(before: ContentVersion, after: ContentVersion) {
  return { against: before.version, changes: before.content && after.content ? changesBetween(before.content, after.content) : null };
}
