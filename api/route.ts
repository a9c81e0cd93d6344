import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { Failure, FAILURES, isEvidence, KeptRefusal, type FieldError } from '../contracts/failures';
import type { TokenScope } from '../contracts/people';
import type { Caller } from './deps';
import { failureOf, invalid } from './problem';
import { faultsOfTexts } from './texts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
export type Access = 'public' | 'signed_in';
export interface AnswerSpec {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default `application/json`; other types take a string or Buffer as body. */
  readonly contentType?: string;
  /** The same answer in other types, which a parameter or the stored file chooses. */
  readonly otherTypes?: Readonly<Record<string, z.ZodType>>;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a handler gets: everything parsed, and the signed-in person. */
export interface Incoming<P, Q, B, H, A extends Access> {
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  readonly headers: Parsed<H>;
  readonly caller: A extends 'signed_in' ? Caller : Caller | undefined;
  readonly correlationId: string;
  readonly req: Request;
}

export interface Outgoing {
  readonly status: number;
  readonly body?: unknown;
  /** Instead of a body: bytes as they come. One that fails cuts the answer off. */
  readonly stream?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One definition per route: validation and the OpenAPI document are both made from it. Unknown
 * fields of params, query and body are refused; of the headers only the named ones (lower case) are read.
 */
export interface RouteDefinition<P, Q, B, H, A extends Access> {
  readonly method: Method;
  /** OpenAPI form: `/api/v1/issues/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Default `application/json`; a `text/csv` body comes as text (api/csv.ts), `application/octet-stream` is read by the handler (api/octets.ts). */
  readonly bodyType?: 'text/csv' | 'application/octet-stream';
  readonly headers?: H;
  /** For the OpenAPI document: a body that the handler reads from its bytes (api/hooks/rawBody.ts). */
  readonly rawBody?: z.ZodType;
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  readonly access: A;
  /** What an API token needs; a session has every scope. */
  readonly scope: TokenScope;
  /** false for probes, which must answer however often they are asked. */
  readonly limited?: boolean;
  /** Stream of a refusal (`refusals/<this>`); default: the path's `id`, else the person. */
  readonly refusalSubject?: (params: Parsed<P>) => string;
  readonly handler: (incoming: Incoming<P, Q, B, H, A>) => Promise<Outgoing> | Outgoing;
}

/** A route whose types are closed over. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly schemas: { readonly params?: z.ZodObject; readonly query?: z.ZodObject; readonly body?: z.ZodType; readonly headers?: z.ZodObject };
  readonly rawBody?: z.ZodType;
  readonly bodyType: 'application/json' | 'text/csv' | 'application/octet-stream';
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  readonly access: Access;
  readonly scope: TokenScope;
  readonly limited: boolean;
  readonly handle: (req: Request, context: { readonly caller: Caller | undefined; readonly correlationId: string }) => Promise<Outgoing> | Outgoing;
  readonly subjectOf: (req: Request) => string | undefined;
}

const nothing = z.strictObject({});

/** Binds a definition; the handler's types follow from its schemas. */
export function defineRoute<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  H extends z.ZodObject | undefined = undefined,
  A extends Access = Access,
>(definition: RouteDefinition<P, Q, B, H, A>): Route {
  const { method, path, summary, tags, params, query, body, headers, answers, access, scope } = definition;
  const schemas: Route['schemas'] = { ...(params && { params }), ...(query && { query }), ...(body && { body }), ...(headers && { headers }) };
  return {
    method, path, summary, tags, schemas, answers, access, scope, limited: definition.limited ?? true, bodyType: definition.bodyType ?? 'application/json', ...(definition.rawBody && { rawBody: definition.rawBody }),
    handle: (req, { caller, correlationId }) => {
      if (access === 'signed_in' && !caller) throw new Failure('not_signed_in', FAILURES.not_signed_in.meaning);
      const parsed = parseRequest(req, schemas);
      return definition.handler({ ...parsed, caller, correlationId, req } as unknown as Incoming<P, Q, B, H, A>);
    },
    subjectOf: (req) => {
      const parsed = (params ?? nothing).safeParse(req.params);
      if (!parsed.success) return undefined;
      if (definition.refusalSubject) return definition.refusalSubject(parsed.data as Parsed<P>);
      return typeof parsed.data.id === 'string' ? parsed.data.id : undefined;
    },
  };
}

/** Parses all parts before it fails, so that the caller learns of every field at once. */
function parseRequest(req: Request, schemas: Route['schemas']) {
  const errors: FieldError[] = [];
  const parse = (part: string, schema: z.ZodType, value: unknown): unknown => {
    const result = schema.safeParse(value, { error: missing });
    if (result.success) return result.data;
    errors.push(...result.error.issues.flatMap((issue) => fieldErrors(issue, part)));
    return undefined;
  };
  const headers = schemas.headers;
  const named = Object.keys(headers?.shape ?? {});
  const asksForKey = headers?.safeParse({}).error?.issues.some(({ path: [name] }) => name === 'idempotency-key');
  if (asksForKey === true && !req.headers['idempotency-key']) {
    throw new Failure('idempotency_key_missing', FAILURES.idempotency_key_missing.meaning);
  }
  const parsed = {
    params: parse('path', schemas.params?.strict() ?? nothing, req.params),
    query: parse('query', schemas.query?.strict() ?? nothing, req.query),
    // No body reads as an empty one: each required field is then named.
    body: parse('body', schemas.body ?? nothing, req.body ?? {}),
    headers: headers && parse('headers', headers, Object.fromEntries(named.map((name) => [name, req.headers[name]]))),
  };
  errors.push(...faultsOfTexts(req.query, 'query'), ...faultsOfTexts(req.body, 'body'));
  if (errors.length > 0) throw invalid(errors);
  return parsed;
}

/** Says "is missing" where zod would speak of `undefined`; every other message stays zod's. */
export const missing = (issue: { readonly input?: unknown }): string | undefined => (issue.input === undefined ? 'is missing' : undefined);

/** The fields at fault, by path; `part` where there is no path. */
export function fieldErrors(issue: z.core.$ZodIssue, part: string): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...path, key].join('.').slice(0, 200) || part, message: 'unknown field' }));
  }
  return [{ field: path.join('.') || part, message: issue.message }];
}

/** Who stands at the door: authentication, scopes, CSRF, rate limits; and where refusals go. */
export interface Doorkeeper {
  /** Throws Failure; undefined for an anonymous caller of a public route. */
  identify(req: Request, route: Route): Promise<Caller | undefined>;
  /** What else a signed-in request needs: CSRF token, token scope. Throws Failure, which is recorded. */
  clear(req: Request, route: Route, caller: Caller): void;
  /** An answer without the links whose other end the caller may not know of. */
  show(caller: Caller, body: unknown): Promise<unknown>;
  /** Records the refusal of a signed-in person; must not throw. */
  refused(refusal: { readonly caller: Caller; readonly subject: string; readonly route: Route; readonly failure: Failure; readonly correlationId: string }): Promise<void>;
}

/** An express router of the routes. Every refusal of a signed-in person is recorded here, once, unless its command has kept it. */
export function mount(routes: readonly Route[], doorkeeper: Doorkeeper): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const route of routes) {
    router[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (req, res) => {
      const correlationId = String(res.locals.correlationId);
      res.locals.route = route.path;
      let caller: Caller | undefined;
      try {
        caller = await doorkeeper.identify(req, route);
        if (caller && route.access === 'signed_in') doorkeeper.clear(req, route, caller);
        const outgoing = await route.handle(req, { caller, correlationId });
        await answer(res, route, caller && outgoing.body !== undefined ? { ...outgoing, body: await doorkeeper.show(caller, outgoing.body) } : outgoing);
      } catch (error) {
        const failure = failureOf(error);
        if (caller && isEvidence(failure.type) && !(failure instanceof KeptRefusal)) {
          await doorkeeper.refused({ caller, subject: route.subjectOf(req) ?? `person/${caller.personId}`, route, failure, correlationId });
        }
        throw error;
      }
    });
  }
  return router;
}

async function answer(res: Response, route: Route, outgoing: Outgoing): Promise<void> {
  const contentType = route.answers[outgoing.status]?.contentType;
  res.status(outgoing.status);
  if (outgoing.stream) return pour(res, outgoing.stream, outgoing.headers);
  if (outgoing.headers) res.set(outgoing.headers);
  if (outgoing.body === undefined) return void res.end();
  if (!res.hasHeader('Content-Type')) res.type(contentType ?? 'application/json');
  const isJson = /json/.test(String(res.getHeader('Content-Type')));
  res.send(isJson ? JSON.stringify(outgoing.body) : outgoing.body);
}

async function pour(res: Response, stream: Readable, headers: Outgoing['headers'] = {}): Promise<void> {
  // Not by `set`, which adds a charset that nobody declared.
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  try {
    await pipeline(stream, res);
  } catch (error) {
    // Whoever hangs up in the middle is no fault of ours.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}
