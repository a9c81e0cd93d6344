import { z } from 'zod';
import type { AuditEntry } from '../../contracts/audit';
import { administeredVersions, type AdministeredVersion } from '../../domain/audit/administeredVersions';
import { changesBetween, type Content } from '../../domain/audit/changes';
import { ADMINISTRATIVE_STREAMS, type AdministrativeStream } from '../../domain/audit/streams';
import { readWholeChain } from '../../store/auditLog';
import { notFound } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { readerOfTrail } from './trails';
import { versionSchema, wholeSchema } from './versions';

type Params = Readonly<Record<string, string>>;
const asked = {
  version: z.coerce.number().int().min(1).optional().describe('Only what it said as of this version, whole.'),
  against: z.coerce.number().int().min(1).optional().describe('With `version`: a version to compare that with.'),
};
const itemSchema = versionSchema.extend({
  ...wholeSchema.pick({ content: true, difference: true }).partial().shape,
  undisclosed: z.array(z.string()).describe('Fields that changed and whose values no trail holds.'),
}).meta({ id: 'AdministeredVersion' });

/** `GET …/audit/versions` of each kind of administered thing, by the right to read its trail (P1). */
export function trailVersionRoutes(deps: ApiDeps, routes: readonly Route[]): Route[] {
  return ADMINISTRATIVE_STREAMS.map((kind) => routeOf(deps, routes, kind));
}

function routeOf(deps: ApiDeps, routes: readonly Route[], kind: AdministrativeStream): Route {
  const trail = readerOfTrail(deps, routes, kind);
  const asking: z.ZodObject = z.strictObject({ ...asked, ...trail.query });
  const route = defineRoute<z.ZodObject, z.ZodObject, undefined, undefined, 'signed_in'>({
    method: 'get', path: `${trail.path}/versions`, summary: `Versions (${kind}), oldest first, rebuilt from the trail alone, each with what it changed`, tags: trail.tags, access: 'signed_in', scope: 'read',
    params: trail.params, query: asking,
    answers: { 200: { description: 'Every version, or the one that was asked for.', schema: z.object({ items: z.array(itemSchema) }) } },
    handler: async ({ query, caller, correlationId, req }) => {
      const { version, against, ...others } = query as unknown as { readonly version?: number; readonly against?: number };
      const { streamId, readable, withheld } = await trail.open({ params: req.params as Params, query: others, caller, correlationId, req });
      const entries = await readable(await readWholeChain(deps.store, streamId));
      const [first] = entries;
      const versions = first ? administeredVersions(kind, entries).map((one) => shownOf(one, { kind, first, withheld })) : [];
      if (version === undefined) return { status: 200, body: { items: versions.map(({ content: _content, ...one }) => one) } };
      const shown = standingAt(versions, version);
      return { status: 200, body: { items: [{ ...shown, difference: against === undefined ? null : differenceOf(standingAt(versions, against), shown) }] } };
    },
  });
  return { ...route, subjectOf: trail.subjectOf };
}

interface Showing { readonly kind: AdministrativeStream; readonly first: AuditEntry; readonly withheld: (entry: AuditEntry) => AuditEntry | undefined }

/** The version as its entries would tell it: what they keep back, it keeps back. */
function shownOf(version: AdministeredVersion, { kind, first, withheld }: Showing): AdministeredVersion {
  const entry = (more: Partial<AuditEntry>): AuditEntry | undefined => withheld({ ...first, ...more });
  const content = version.content && ((entry({ action: `${kind}.created`, detail: version.content })?.detail ?? {}) as Content);
  return { ...version, content, changes: version.changes.filter(({ path, reordered: _reordered, ...values }) => entry({ action: `${kind}.changed`, field: path, ...values }) !== undefined) };
}

function standingAt(versions: readonly AdministeredVersion[], version: number): AdministeredVersion {
  const found = versions.filter((one) => one.version <= version).at(-1);
  if (!found) throw notFound();
  return found;
}

function differenceOf(before: AdministeredVersion, after: AdministeredVersion) {
  return { against: before.version, changes: before.content && after.content ? changesBetween(before.content, after.content) : null };
}
