import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure, FAILURES } from '../../contracts/failures';
import { IMPORTABLE_STATUSES } from '../../contracts/capaImport';
import type { Instant } from '../../contracts/instant';
import { mayAct } from '../../domain/access/ability';
import type { CheckedCapa } from '../../domain/capaImport/checkRow';
import { checkTable } from '../../domain/capaImport/checkTable';
import { inOrder, readLines, type ImportLine, type Mistake } from '../../domain/capaImport/columns';
import { recordOf } from '../../domain/capaImport/place';
import type { ImportWorld } from '../../domain/capaImport/world';
import { mistakeField } from '../../domain/tables/lines';
import { importWorld } from '../../store/capaImportWorld';
import { capaImportKind, importById, importProgress, sendImport, storeImport } from '../../store/capaImports';
import { commandIdOf } from '../../store/commands';
import type { CapaImportDoc } from '../../store/schemas/capaImports';
import { found, listAnswer, notFound, notPermitted, ruleBroken, shownOf, type Seat } from '../administer';
import { parseCsv } from '../csv';
import type { ApiDeps, Caller } from '../deps';
import { invalid } from '../problem';
import { defineRoute, type Outgoing, type Route } from '../route';
import { administeredFields, idParam, pageOf, pageQuery } from '../schemas';
import { idempotencyKeySchema } from '../views/issue';
import { actorOf } from './evidenceAccess';

const MAX_ROWS = 500;
/** A file of another kind can be wrong in every cell; so many mistakes show what it is. */
const MAX_MISTAKES = 2000;
const path = '/api/v1/capa-imports';
const tags = ['capas'];
const refusalSubject = ({ id }: { id: string }) => `capa-import/${id}`;

const statusSchema = z.enum(IMPORTABLE_STATUSES);
const day = z.iso.date();
const checkSchema = z.object({
  dryRun: z.literal(true), importable: z.boolean(), sha256: z.string().describe('Names this very table in the second step, as `checked`.'), catchUpAt: z.iso.datetime(), lines: z.int(),
  mistakes: z.array(z.object({ field: z.string().describe('As a spreadsheet shows it: `row 7, owner`.'), row: z.int(), column: z.string().nullable(), message: z.string() })),
  rows: z.array(z.object({ row: z.int(), externalNumber: z.string(), status: statusSchema, overdue: z.array(z.string()) })).describe('Lines without mistakes.'),
});
const importSchema = z.object({
  ...administeredFields, organisationId: z.string(), fileSha256: z.string(), catchUpAt: z.iso.datetime(), rows: z.int(), states: z.record(z.string(), z.int()), overdue: z.int(),
  importedBy: z.object({ personId: z.string(), name: z.string(), role: z.string(), organisationId: z.string() }),
}).meta({ id: 'CapaImport' });
const progressSchema = importSchema.extend({
  progress: z.object({ waiting: z.int(), running: z.int(), refused: z.int() }),
  lines: z.array(z.object({ row: z.int(), externalNumber: z.string(), recordId: z.string(), number: z.string(), status: statusSchema, progress: z.enum(['waiting', 'running', 'refused']), reason: z.string().nullable() })),
});

interface Checked {
  readonly sha256: string;
  readonly lines: readonly ImportLine[];
  readonly world: ImportWorld;
  readonly capas: readonly CheckedCapa[];
  readonly mistakes: readonly Mistake[];
}

/** Old CAPAs from a table, which is where most of them are kept (docs/capa-import.md). */
export function capaImportRoutes(deps: ApiDeps): Route[] {
  const bringIn = defineRoute({
    method: 'post', path, summary: 'Bring CAPAs in from a CSV table: first checked (dryRun, the default), then all or none, with an Idempotency-Key', tags, access: 'signed_in', scope: 'raise',
    query: z.strictObject({
      dryRun: z.enum(['true', 'false']).default('true').meta({ description: 'true: only say what is wrong and what would happen.' }),
      checked: z.string().max(64).optional().meta({ description: 'The `sha256` that the dry run answered: exactly what was checked is brought in.' }),
      catchUpOn: day.optional().meta({ description: 'Day until which what is overdue is to be caught up; default: 10 business days from now.' }),
    }),
    headers: z.object({ 'idempotency-key': idempotencyKeySchema.optional().meta({ description: 'Needed to bring in; a dry run needs none.' }) }),
    body: z.string().max(1_048_576).meta({ description: 'UTF-8, commas or semicolons; columns as in docs/capa-import.md.' }), bodyType: 'text/csv',
    answers: {
      200: { description: 'The dry run: every mistake by row and column, and what the other lines would become.', schema: checkSchema },
      201: { description: 'Everything was brought in and runs.', schema: progressSchema },
      202: { description: 'Everything is stored and comes to run; ask again at Location.', schema: progressSchema },
    },
    handler: async ({ query, body, headers, caller, correlationId }) => {
      const now = deps.now();
      if (!caller.memberships.some(({ organisationId, studyId }) => seatIn(caller, { organisationId, studyId, now }))) throw notPermitted('Quality assurance brings CAPAs in.');
      if (query.dryRun === 'true') return { status: 200, body: shownCheck(await check(deps, { body, caller, catchUpOn: query.catchUpOn, now })) };
      const key = headers['idempotency-key'];
      if (key === undefined) throw new Failure('idempotency_key_missing', FAILURES.idempotency_key_missing.meaning);
      const id = commandIdOf({ personId: caller.personId, route: 'capa-import', recordId: null, key });
      const known = await importById(deps.store, id);
      if (known) return repeatedAnswer(deps, known, sha256Of(body));
      const stored = await bringInNow(deps, { id, body, caller, correlationId, catchUpOn: query.catchUpOn, checked: query.checked, now });
      return progressAnswer(deps, stored);
    },
  });

  const mine = async (caller: Caller, id: string): Promise<CapaImportDoc> => {
    const one = await importById(deps.store, id);
    // An import may hold lines of several studies: by a seat that is bound to one, only one's own.
    if (!one || !(wholeImporterOf(caller, deps.now()).includes(one.organisationId) || one.importedBy.personId === caller.personId)) throw notFound();
    return one;
  };

  const list = defineRoute({
    method: 'get', path, summary: 'Imports of CAPAs of the own organisations', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject(pageQuery), answers: found('A page.', pageOf(importSchema)),
    handler: async ({ query, caller }) => listAnswer(deps, capaImportKind, { filter: { $or: [{ organisationId: { $in: [...wholeImporterOf(caller, deps.now())] } }, { 'importedBy.personId': caller.personId }] }, query }),
  });

  const read = defineRoute({
    method: 'get', path: `${path}/{id}`, summary: 'One import: how far each line has come, and which CAPA it is', tags, access: 'signed_in', scope: 'read', params: idParam, refusalSubject,
    answers: found('The import and its lines.', progressSchema),
    handler: async ({ params, caller }) => ({ status: 200, body: await shownProgress(deps, await mine(caller, params.id)) }),
  });
  return [bringIn, list, read];
}

const seatIn = ({ memberships }: Pick<Caller, 'memberships'>, { organisationId, studyId, now }: { organisationId: string; studyId: string | null; now: Instant }): Seat | undefined =>
  mayAct({ memberships, act: 'capa:import', record: recordOf({ raising: organisationId, accountable: organisationId, studyId }), now });

/** Organisations whose CAPAs the caller may bring in, for every study. */
const wholeImporterOf = (caller: Caller, now: Instant): readonly string[] =>
  [...new Set(caller.memberships.filter(({ organisationId, studyId }) => studyId === null && seatIn(caller, { organisationId, studyId, now })).map(({ organisationId }) => organisationId))];

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

async function check(deps: ApiDeps, { body, caller, catchUpOn, now }: { body: string; caller: Caller; catchUpOn: string | undefined; now: Instant }): Promise<Checked> {
  const parsed = parseCsv(body);
  const { lines, mistakes } = 'brokenAt' in parsed ? { lines: [], mistakes: [{ row: parsed.brokenAt, column: null, message: parsed.message }] } : readLines(parsed.records);
  const tooMany: readonly Mistake[] = lines.length > MAX_ROWS ? [{ row: lines[MAX_ROWS]?.row ?? 1, column: null, message: `more than ${String(MAX_ROWS)} lines: bring them in with several files` }] : [];
  const world = await importWorld(deps.store, { lines: tooMany.length > 0 ? [] : lines, importer: caller, catchUpOn, now, tzdb: process.versions['tz'] ?? 'unknown' });
  const sha256 = sha256Of(body);
  if (lines.length === 0 || tooMany.length > 0) return { sha256, lines, world, capas: [], mistakes: [...mistakes, ...tooMany] };
  const table = checkTable(lines, world);
  return { sha256, lines, world, capas: table.capas, mistakes: [...mistakes, ...table.mistakes].toSorted(inOrder) };
}

function shownCheck({ sha256, lines, world, capas, mistakes }: Checked) {
  return {
    dryRun: true, importable: mistakes.length === 0, sha256, catchUpAt: world.catchUpAt, lines: lines.length,
    mistakes: mistakes.slice(0, MAX_MISTAKES).map((mistake) => ({ field: mistakeField(mistake), ...mistake })),
    rows: capas.map(({ row, externalNumber, imported, overdue }) => ({ row, externalNumber, status: imported.status, overdue })),
  };
}

interface Bringing {
  readonly id: string;
  readonly body: string;
  readonly caller: Caller;
  readonly correlationId: string;
  readonly catchUpOn: string | undefined;
  readonly checked: string | undefined;
  readonly now: Instant;
}

async function bringInNow(deps: ApiDeps, request: Bringing): Promise<CapaImportDoc> {
  const { id, body, caller, now } = request;
  if (request.checked === undefined) throw invalid([{ field: 'checked', message: 'is missing: the sha256 that the dry run answered' }]);
  if (request.checked !== sha256Of(body)) throw new Failure('wrong_state', 'This is not the table that was checked: check it again.');
  const { sha256, world, capas, mistakes } = await check(deps, { body, caller, catchUpOn: request.catchUpOn, now });
  if (mistakes.length > 0) {
    const errors = mistakes.slice(0, MAX_MISTAKES).map((mistake) => ({ field: mistakeField(mistake), message: mistake.message }));
    throw ruleBroken(`The table has ${String(mistakes.length)} mistake${mistakes.length === 1 ? '' : 's'}; nothing was brought in.`, { errors, mistakes: mistakes.length });
  }
  const { organisationId } = world;
  const first = capas[0];
  const seat = organisationId === undefined || !first ? undefined : seatIn(caller, { organisationId, studyId: first.request.studyId ?? null, now });
  if (!seat || organisationId === undefined) throw notPermitted();
  const actor = actorOf(deps, { caller, correlationId: request.correlationId }, seat);
  try {
    return await storeImport(deps.store, { id, organisationId, fileSha256: sha256, catchUpAt: world.catchUpAt, capas, actor });
  } catch (error) {
    // The same request twice at one moment is one import.
    const other = error instanceof Failure && error.type === 'exists' ? await importById(deps.store, id) : undefined;
    if (other?.fileSha256 === sha256) return other;
    throw error;
  }
}

/** The same request again: what was stored, and one more sending of what has no answer. */
async function repeatedAnswer(deps: ApiDeps, known: CapaImportDoc, sha256: string): Promise<Outgoing> {
  if (known.fileSha256 !== sha256) throw new Failure('idempotency_key_reused', FAILURES.idempotency_key_reused.meaning);
  const { headers, ...answer } = await progressAnswer(deps, known);
  return { ...answer, headers: { ...headers, 'Idempotency-Replayed': 'true' } };
}

async function progressAnswer(deps: ApiDeps, stored: CapaImportDoc): Promise<Outgoing> {
  const { store, gateway, now, settings } = deps;
  await sendImport({ store, now, send: gateway.send }, stored._id, settings.answerWithinMs);
  const body = await shownProgress(deps, stored);
  return { status: body.progress.waiting === 0 ? 201 : 202, body, headers: { Location: `${path}/${stored._id}` } };
}

async function shownProgress(deps: ApiDeps, one: CapaImportDoc) {
  const lines = await importProgress(deps.store, one._id);
  const count = (progress: string): number => lines.filter((line) => line.progress === progress).length;
  return { ...shownOf(one), progress: { waiting: count('waiting'), running: count('running'), refused: count('refused') }, lines };
}
