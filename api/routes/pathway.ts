import { z } from 'zod';
import type { TokenScope } from '../../contracts/people';
import type { ListedCapability } from '../../store/recordLists';
import type { RecordDoc } from '../../store/schemas/records';
import type { PersonsAct } from '../commands/actOnRecord';
import type { Acting } from '../commands/commandPath';
import { compareFirst } from '../commands/comparison';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Outgoing, type Route } from '../route';
import { pageOf, pageQuery } from '../schemas';
import { etagOf, idempotencyKeySchema, ifMatchSchema } from '../views/issue';
import { withLaterLinks } from '../views/laterLinks';
import { wholeRecord } from '../views/readers';
import { recordPage } from '../views/recordPage';
import { pending } from './commands';

const idText = z.string().min(1).max(64);
export const recordParams = z.strictObject({ id: idText });
const actHeaders = z.object({ 'idempotency-key': idempotencyKeySchema, 'if-match': ifMatchSchema });

/** A pathway whose records are shared whole: how its routes call them, and how they are shown. */
export interface Pathway {
  readonly capability: ListedCapability;
  /** In sentences and in the path: `/api/v1/<plural>`. */
  readonly noun: string;
  readonly plural: string;
  readonly statuses: readonly [string, ...string[]];
  readonly schema: z.ZodType;
  readonly show: (record: RecordDoc) => object;
}

interface Opening<B> {
  readonly summary: string;
  readonly scope: TokenScope;
  readonly body: z.ZodType<B>;
  /** What a 201 says. */
  readonly opened: string;
  /** What a 200 says, where the same trigger (`dedupeKey`) may have a record already. */
  readonly joined?: string;
  readonly perform: (request: Acting<B>) => Promise<Outgoing>;
}

/** `POST /api/v1/<plural>`: 201 with the record, or 202. */
export function openRoute<B extends object>({ plural, schema }: Pathway, { summary, scope, body, opened, joined, perform }: Opening<B>): Route {
  return defineRoute({
    method: 'post', path: `/api/v1/${plural}`, summary, tags: [plural], access: 'signed_in', scope,
    body, headers: z.object({ 'idempotency-key': idempotencyKeySchema }),
    answers: { 201: { description: opened, schema }, 202: pending, ...(joined !== undefined && { 200: { description: joined, schema } }) },
    handler: async ({ body: said, caller, correlationId, headers }) => perform({ body: said, caller, correlationId, key: headers['idempotency-key'] }),
  });
}

/** `GET /api/v1/<plural>`: those shared with the caller, latest first. */
export function listRoute(deps: ApiDeps, { capability, plural, statuses, schema, show }: Pathway): Route {
  return defineRoute({
    method: 'get', path: `/api/v1/${plural}`, summary: `${plural[0]?.toUpperCase() ?? ''}${plural.slice(1)} shared with the caller, latest first`, tags: [plural], access: 'signed_in', scope: 'read',
    query: z.strictObject({ status: z.enum(statuses).transform((status) => [status]).optional(), topic: z.string().max(40).optional(), studyId: idText.optional(), ...pageQuery }),
    answers: { 200: { description: 'A page; `next` is the cursor of the following one.', schema: pageOf(schema) } },
    handler: async ({ query, caller }) => recordPage(deps, { capability, caller, query, show }),
  });
}

interface Reading {
  readonly summary: string;
  /** What opening it means beside. */
  readonly seen?: (record: RecordDoc, caller: Caller) => Promise<void>;
  /** What the answer shows beside the record itself. */
  readonly beside?: (record: RecordDoc) => Promise<object>;
}

/** `GET /api/v1/<plural>/{id}`: the record, its revision as ETag. */
export function readRoute(deps: ApiDeps, { capability, noun, plural, schema, show }: Pathway, { summary, seen, beside }: Reading): Route {
  return defineRoute({
    method: 'get', path: `/api/v1/${plural}/{id}`, summary, tags: [plural], access: 'signed_in', scope: 'read', params: recordParams,
    answers: { 200: { description: `The ${noun}; the ETag is its revision.`, schema } },
    handler: async ({ params, caller, correlationId }) => {
      const { record } = await wholeRecord(deps, { recordId: params.id, caller, capability });
      await compareFirst(deps, record, { purpose: 'view', caller, correlationId });
      await seen?.(record, caller);
      const shown = await withLaterLinks(deps, record, show(record));
      return { status: 200, body: { ...shown, ...(await beside?.(record)) }, headers: { ETag: etagOf(record.rev) } };
    },
  });
}

interface Acts<Act extends string> {
  readonly bodies: Readonly<Record<Act, z.ZodType<object>>>;
  readonly summaries: Readonly<Record<Act, string>>;
  readonly perform: (request: PersonsAct<Act>) => Promise<Outgoing>;
}

/** `POST /api/v1/<plural>/{id}/<act>`, one route for each. An act whose body says nothing that must be said needs none. */
export function actRoutes<Act extends string>({ noun, plural, schema }: Pathway, names: readonly Act[], { bodies, summaries, perform }: Acts<Act>): Route[] {
  return names.map((act) => defineRoute({
    method: 'post', path: `/api/v1/${plural}/{id}/${act}`, summary: summaries[act], tags: [plural], access: 'signed_in', scope: 'act', params: recordParams,
    body: bodies[act].safeParse({}).success ? bodies[act].optional() : bodies[act], headers: actHeaders,
    answers: { 200: { description: `The ${noun} after the act.`, schema }, 202: pending },
    handler: async ({ params, body, caller, correlationId, headers }) =>
      perform({ recordId: params.id, act, body: body ?? {}, caller, correlationId, key: headers['idempotency-key'], expectedRev: headers['if-match'] }),
  }));
}
