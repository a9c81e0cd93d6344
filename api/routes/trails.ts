import type { Request } from 'express';
import { z } from 'zod';
import type { AuditEntry } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import { scopeKeySchema } from '../../contracts/policyScope';
import { ADMINISTRATIVE_STREAMS, administrativeStreamOf, type AdministrativeStream } from '../../domain/audit/streams';
import { isVisible } from '../../domain/timeline/reader';
import type { EvidenceDoc } from '../../store/schemas/evidence';
import { instanceSeat, notFound, organisationIdsOf, organisationSeat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { pageOf } from '../schemas';
import { readablePage } from '../views/readablePage';
import { auditEntrySchema } from '../views/story';
import { isOfOwner, knownRecords } from './evidenceAccess';

/** Where the trail of one kind of administered thing is read. */
interface Trail {
  /** The route that shows the thing: whoever gets it there may read its trail. */
  readonly of: string;
  /** Default: `of` and `/audit`. */
  readonly path?: string;
  /** Its id in the stream; default: the path's `id`. */
  readonly idOf?: (asked: { readonly params: Params; readonly query: Params; readonly caller: Caller }) => string;
  /** What `of` needs of the query. */
  readonly query?: z.ZodRawShape;
  /** What the thing does not show this reader. */
  readonly withheld?: (shown: Shown, entry: AuditEntry, reader: { readonly caller: Caller; readonly now: Instant }) => AuditEntry | undefined;
  /** Of a page, the entries that name only what this reader may know of. */
  readonly among?: (deps: ApiDeps, caller: Caller, page: { readonly shown: Shown; readonly entries: readonly AuditEntry[] }) => Promise<readonly AuditEntry[]>;
}
type Params = Readonly<Record<string, string>>;
type Shown = Readonly<Record<string, unknown>>;

/** Versions of one scope have the same readers; the installation's is named by its key alone. */
const policies = (path: string): Trail => ({
  of: `${path}/{key}/versions`, path: `${path}/{key}/audit`, query: { scope: scopeKeySchema.optional().describe('`scopeKey` of the versions; default: the installation\'s.') },
  idOf: ({ params, query }) => [params['key'], query['scope']].filter((part) => part !== undefined && part !== 'installation').join('@'),
});

/** Of every kind of administered thing. The type asks for each: no kind is without a trail that can be read. */
export const TRAILS: Readonly<Record<AdministrativeStream, Trail>> = {
  person: { of: '/api/v1/people/{id}', withheld: withoutComings },
  organisation: { of: '/api/v1/organisations/{id}', withheld: withoutReceiptAddress },
  study: { of: '/api/v1/studies/{id}', withheld: withoutUnknownOrganisations },
  membership: { of: '/api/v1/memberships/{id}' },
  delegation: { of: '/api/v1/delegations/{id}' },
  calendar: { of: '/api/v1/organisations/{id}/calendar' },
  policy: policies('/api/v1/policies'),
  'capa-policy': policies('/api/v1/capa-policies'),
  'policy-draft': { of: '/api/v1/policies/{key}/drafts/{id}' },
  'capa-policy-draft': { of: '/api/v1/capa-policies/{key}/drafts/{id}' },
  matrix: { of: '/api/v1/matrix/versions', path: '/api/v1/matrix/audit', idOf: ({ query }) => query['rowKey'] ?? '', query: { rowKey: z.string().min(1).max(400) } },
  'matrix-proposal': { of: '/api/v1/matrix/proposals/{id}' },
  channel: { of: '/api/v1/channels/{id}' },
  preferences: { of: '/api/v1/me/preferences', idOf: ({ caller }) => caller.personId },
  source: { of: '/api/v1/sources/{id}' },
  evidence: { of: '/api/v1/evidence/{id}', among: ofKnownRecords },
  'legal-hold': { of: '/api/v1/legal-holds/{id}' },
  admission: { of: '/api/v1/admissions/{id}' },
  consent: { of: '/api/v1/consents/{id}' },
  topic: { of: '/api/v1/topics/{id}' },
  finding: { of: '/api/v1/findings/{id}' },
  'capa-import': { of: '/api/v1/capa-imports/{id}' },
  signer: { of: '/api/v1/people/{id}/signer' },
  statement: { of: '/api/v1/accountability-statement', idOf: () => 'accountability' },
};

const pageQuery = { cursor: z.string().max(100).optional(), limit: z.coerce.number().int().min(1).max(500).default(100) } as const;

/** `GET …/audit` of each kind in the table, beside the routes that show the things (P1, P2). */
export function trailRoutes(deps: ApiDeps, routes: readonly Route[]): Route[] {
  return ADMINISTRATIVE_STREAMS.map((kind) => trailRoute(deps, routes, kind));
}

interface Reading { readonly params: Params; readonly query: Params; readonly caller: Caller; readonly correlationId: string; readonly req: Request }

/** How the trail of one kind is read; throws RangeError when no route shows the thing. */
export function readerOfTrail(deps: ApiDeps, routes: readonly Route[], kind: AdministrativeStream) {
  const trail = TRAILS[kind];
  const { path = `${trail.of}/audit`, idOf = ({ params }) => params['id'] ?? '', withheld = (_shown, entry) => entry } = trail;
  const showing = shower(routes, trail.of);
  const { params = z.strictObject({}) }: { readonly params?: z.ZodObject } = showing.schemas;
  return {
    path, params, query: trail.query ?? {}, tags: showing.tags, subjectOf: showing.subjectOf,
    /** Asks the route that shows the thing, and throws as it does. */
    open: async ({ params: given, query, caller, correlationId, req }: Reading) => {
      const { body } = await showing.handle(askedAs(req, given, query), { caller, correlationId });
      const shown = body as Shown;
      if (Array.isArray(shown['items']) && shown['items'].length === 0) throw notFound();
      return {
        streamId: administrativeStreamOf(kind, idOf({ params: given, query, caller })),
        /** Of entries, those that the caller may read. */
        readable: async (entries: readonly AuditEntry[]) => (trail.among ? await trail.among(deps, caller, { shown, entries }) : entries).filter((entry) => isVisible(entry, organisationIdsOf(caller))),
        /** An entry without what the thing does not show the caller; undefined: nothing is left of it. */
        withheld: (entry: AuditEntry) => withheld(shown, entry, { caller, now: deps.now() }),
      };
    },
  };
}

function trailRoute(deps: ApiDeps, routes: readonly Route[], kind: AdministrativeStream): Route {
  const trail = readerOfTrail(deps, routes, kind);
  // Of any shape: the compiler would work out a type for each kind's, endlessly.
  const asking: z.ZodObject = z.strictObject({ ...pageQuery, ...trail.query });
  const route = defineRoute<z.ZodObject, z.ZodObject, undefined, undefined, 'signed_in'>({
    method: 'get', path: trail.path, summary: `Audit trail (${kind}), oldest first: who changed what, when, from what to what, and why`, tags: trail.tags, access: 'signed_in', scope: 'read',
    params: trail.params, query: asking,
    answers: { 200: { description: 'A page of what the caller may read; `next` is the cursor of the following one.', schema: pageOf(auditEntrySchema) } },
    handler: async ({ query, caller, correlationId, req }) => {
      const { cursor, limit, ...asked } = query as unknown as { readonly cursor: string | undefined; readonly limit: number } & Params;
      const { streamId, readable, withheld } = await trail.open({ params: req.params as Params, query: asked, caller, correlationId, req });
      return readablePage(deps, { streamId, cursor, limit }, async (entries) => (await readable(entries)).flatMap((entry) => withheld(entry) ?? []));
    },
  });
  return { ...route, subjectOf: trail.subjectOf };
}

function shower(routes: readonly Route[], path: string): Route {
  const found = routes.find((route) => route.method === 'get' && route.path === path);
  if (!found) throw new RangeError(`no route shows ${path}`);
  return found;
}

/** The request as the route that shows the thing would have got it. */
function askedAs(req: Request, params: Params, query: Params): Request {
  return Object.create(req, { params: { value: params }, query: { value: query } }) as Request;
}

/** When somebody signed in, and by what, is told to themselves and to those who administer them, not to every colleague. */
function withoutComings(shown: Shown, entry: AuditEntry, { caller, now }: { readonly caller: Caller; readonly now: Instant }): AuditEntry | undefined {
  if (entry.action.startsWith('person.') || caller.personId === shown['id']) return entry;
  return instanceSeat(caller, now) ?? organisationSeat(caller, String(shown['organisationId']), now) ? entry : undefined;
}

/** Where an organisation's receipts go is its own matter, and so is where they are asked to go, and what it would be called. */
function withoutReceiptAddress(shown: Shown, entry: AuditEntry): AuditEntry | undefined {
  if ('receiptAddress' in shown) return entry;
  if (/^(?:receipt(?:Address|Change)|nameChange)(?:\/|$)/u.test(entry.field ?? '')) return undefined;
  const { receiptAddress, receiptChange, ...others } = (entry.detail ?? {}) as Shown;
  return receiptAddress === undefined && receiptChange === undefined ? entry : marked({ ...entry, detail: others } as AuditEntry);
}

/** Of the organisations of a study, those that the reader knows. */
function withoutUnknownOrganisations(shown: Shown, entry: AuditEntry): AuditEntry | undefined {
  const known = shown['organisationIds'] as readonly string[];
  const detail = (entry.detail ?? {}) as { readonly organisationIds?: readonly string[] };
  if (entry.field?.startsWith('organisationIds') === true) {
    const kept = (value: AuditEntry['old']) => (Array.isArray(value) ? value : [value]).every((id) => id === undefined || known.includes(id as string));
    return kept(entry.old) && kept(entry.new) ? entry : undefined;
  }
  const { organisationIds = [] } = detail;
  return organisationIds.every((id) => known.includes(id)) ? entry : marked({ ...entry, detail: { ...detail, organisationIds: organisationIds.filter((id) => known.includes(id)) } });
}

/** By the seat, not by the organisation alone: a record of another study is not this reader's. Whoever owns the file knows of every link. */
async function ofKnownRecords(deps: ApiDeps, caller: Caller, { shown, entries }: { readonly shown: Shown; readonly entries: readonly AuditEntry[] }): Promise<readonly AuditEntry[]> {
  // An upload that nobody completed is its opener's, and linked to nothing yet.
  if (shown['storedBy'] === undefined || isOfOwner(caller, shown as unknown as Pick<EvidenceDoc, 'storedBy'>)) return entries;
  const known = await knownRecords(deps, caller, entries.flatMap((entry) => recordOfEntry(entry) ?? []));
  return entries.filter((entry) => known.has(recordOfEntry(entry) ?? '') || recordOfEntry(entry) === undefined);
}

function recordOfEntry({ detail }: AuditEntry): string | undefined {
  const { recordId } = (detail ?? {}) as { readonly recordId?: unknown };
  return typeof recordId === 'string' ? recordId : undefined;
}

const marked = (entry: AuditEntry): AuditEntry => ({ ...entry, withheld: true }) as AuditEntry;
