import { createHash } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import Ajv, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { FAILURES, isFailureType } from '../../contracts/failures';
import { fitting, jsonTextOf, oddText, spoilt, type JsonSchema, type Known } from './generated';

/** The OpenAPI document, as far as requests are made from it and answers held against it. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: 'path' | 'query' | 'header'; readonly required?: boolean; readonly schema: JsonSchema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;
}
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}
export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** What is wrong with a request; `sound`: nothing that the schema could say. */
export const KINDS = ['sound', 'spoilt', 'query', 'path', 'headers', 'raw'] as const;
export type Kind = (typeof KINDS)[number];

export function kindsOf({ path, requestBody }: Operation): readonly Kind[] {
  return KINDS.filter((kind) => (!['spoilt', 'raw'].includes(kind) || requestBody !== undefined) && (kind !== 'path' || path.includes('{')));
}

/** Bodies that are not what they say, as they come over the wire. */
const RAW_BODIES = ['', '{', 'null', '"x"', '[]', '{"a":1}{', '\uFEFF{}', '{"a":"\\ud800"}', `{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`, `{"${'x'.repeat(300_000)}":1}`, '\u0000', '{"id":1e999}', '{"a":1,"a":2}'];
const RAW_TYPES = ['application/json', 'application/json; charset=utf-16', 'application/json; charset=koi8-r', 'text/plain', 'multipart/form-data', 'application/json; charset="'];
const KEEPING: Readonly<Record<string, fc.Arbitrary<string>>> = { 'idempotency-key': fc.uuid(), 'if-match': fc.constantFrom('"1"', '2', '*', 'W/"1"') };

interface Making {
  readonly document: OpenApi;
  readonly known: Known;
  /** Ids that exist below the path of the operation. */
  readonly ids: readonly string[];
  readonly seed: string;
}

/** A request for an operation, the same for the same seed. */
export function requestFor(operation: Operation, kind: Kind, { document, known, ids, seed }: Making): Asked {
  const generating = { schemas: document.components.schemas, known };
  const parts = (place: 'path' | 'query' | 'header') => (operation.parameters ?? []).filter((one) => one.in === place);
  const record = (place: 'path' | 'query' | 'header', odd: boolean) => fc.record(
    Object.fromEntries(parts(place).filter(({ name }) => name !== 'cursor' || odd).map(({ name, schema }) => {
      const sound = name === 'id' && ids.length > 0 ? fc.constantFrom(...ids) : KEEPING[name] ?? fitting(schema, name, generating).map(asText);
      return [name, odd && place !== 'query' ? fc.oneof(oddText, sound) : sound];
    })), { requiredKeys: parts(place).filter(({ required }) => required).map(({ name }) => name) });
  const query = record('query', kind === 'query');
  const [type = '', content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const sound = content ? fitting(content.schema, 'body', generating) : fc.constant(undefined);
  const said = (kind === 'spoilt' ? spoilt(sound) : sound).map((value) => (type === 'application/json' ? jsonTextOf(value) : asText(value)));
  const isRaw = kind === 'raw';
  const made = fc.record({
    path: record('path', kind === 'path'), query: kind === 'query' ? spoilt(query) : query, headers: record('header', kind === 'headers'),
    body: !content ? fc.constant(undefined) : isRaw ? fc.constantFrom(...RAW_BODIES) : said,
    type: isRaw ? fc.constantFrom(type, ...RAW_TYPES) : fc.constant(type), coding: isRaw ? fc.constantFrom('', '', 'gzip', 'br', 'rot13') : fc.constant(''),
  });
  const [drawn] = fc.sample(made, { numRuns: 1, seed: createHash('sha256').update(`${seed} ${operation.operationId} ${kind}`).digest().readInt32BE() });
  if (!drawn) throw new Error('nothing was drawn');
  const { body, coding } = drawn;
  return {
    method: operation.method.toUpperCase(), body,
    path: operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(asText(drawn.path[name]))) + queryText(drawn.query),
    headers: {
      ...Object.fromEntries(Object.entries(drawn.headers).map(([name, value]) => [name, headerText(asText(value))])),
      ...(body !== undefined && drawn.type !== '' && { 'content-type': drawn.type }), ...(body !== undefined && coding !== '' && { 'content-encoding': coding }),
    },
  };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : value === undefined ? '' : jsonTextOf(value));
const encoded = (text: string): string => [...Buffer.from(text.slice(0, 30_000))].map((byte) => (/[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`)).join('');
/** What a client of Node can put into a header. */
const headerText = (text: string): string => Buffer.from(text).toString('latin1').replaceAll(/[^\t\x20-\x7E\x80-\xFF]/g, '').slice(0, 4000);

function queryText(query: unknown): string {
  const pairs = typeof query === 'object' && query !== null ? Object.entries(query) : [[asText(query), '']] as const;
  const repeated = pairs.flatMap(([name, value]) => (Array.isArray(value) ? value.slice(0, 3) : [value]).map((one: unknown) => `${encoded(name)}=${encoded(asText(one))}`));
  return repeated.length === 0 ? '' : `?${repeated.slice(0, 20).join('&')}`;
}

const agent = new Agent({ keepAlive: true });

/** Sends a request as it is. */
export function send(port: number, { method, path, headers, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const req = httpRequest({ port, host: '127.0.0.1', agent, method, path, headers: { ...headers, ...length } }, (res) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part));
      res.on('end', () => { resolve({ status: res.statusCode ?? 0, type: res.headers['content-type'] ?? '', text: Buffer.concat(parts).toString('utf8') }); });
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** Holds answers against the document: undefined, or what is wrong with one. */
export function checkerOf({ components }: OpenApi): (operation: Operation, answered: Answered) => string | undefined {
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
  const compiled = new Map<object, ValidateFunction>();
  const PROBLEM = { $ref: '#/components/schemas/Problem' };
  const faultOf = (schema: object, value: unknown): string | undefined => {
    const validate = compiled.get(schema) ?? ajv.compile({ ...schema, components });
    compiled.set(schema, validate);
    return validate(value) ? undefined : ajv.errorsText(validate.errors).slice(0, 400);
  };
  // A file of evidence may say that it is JSON; of its bytes the document says no more.
  const faultOfText = (schema: object, text: string): string | undefined => ('format' in schema && schema.format === 'binary' ? undefined : faultOf(schema, JSON.parse(text)));
  return ({ responses }, { status, type, text }) => {
    if (status >= 500 && status !== 503) return 'a defect';
    if (type.startsWith('application/problem+json')) return faultOf(PROBLEM, JSON.parse(text)) ?? faultOfProblem(JSON.parse(text) as Problem, status);
    const declared = responses[String(status)];
    if (!declared) return `neither described nor a problem: ${type}`;
    const described = Object.entries(declared.content ?? {});
    if (described.length === 0) return text === '' ? undefined : 'a body that is not described';
    const essence = type.split(';')[0]?.trim() ?? '';
    const content = described.find(([contentType]) => contentType === essence)?.[1];
    if (!content) return `described as ${described.map(([contentType]) => contentType).join(', ')}, answered as ${type}`;
    return essence === 'application/json' ? faultOfText(content.schema, text) : undefined;
  };
}

interface Problem { readonly type: string; readonly status: number; readonly errors?: readonly { readonly field: string; readonly message: string }[] }

function faultOfProblem({ type, status, errors = [] }: Problem, answered: number): string | undefined {
  const name = type.replace('/problems/', '');
  if (!isFailureType(name) || status !== answered || FAILURES[name].status !== answered) return 'not of the catalogue';
  const isNamed = errors.length > 0 && errors.every(({ field, message }) => field !== '' && message !== '');
  return name !== 'invalid' || isNamed ? undefined : 'a 400 that names no field';
}
