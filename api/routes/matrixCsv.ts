import { z } from 'zod';
import { mistakeField, readLines, type Mistake } from '../../domain/matrix/columns';
import { writeTable, type WrittenVersion } from '../../domain/matrix/writeTable';
import { approvalText } from '../../domain/signature/shown';
import type { Store } from '../../store/connection';
import { listMatrix } from '../../store/matrix';
import { directoryFor, planImport, type PlannedRow } from '../../store/matrixImport';
import { createProposals, type Proposer } from '../../store/matrixProposals';
import type { MatrixDoc, MatrixProposalDoc } from '../../store/schemas/matrix';
import { found, ruleBroken } from '../administer';
import { csvText, parseCsv } from '../csv';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idSchema } from '../schemas';
import { changesSchema, findingSchema, versionApprovals } from '../views/matrix';

const MAX_LINES = 2000;
const MAX_ROWS = 200;
/** A file of another kind can be wrong in every cell; so many mistakes show what it is. */
const MAX_MISTAKES = 1000;
const MAX_EXPORTED = 2000;
const tags = ['matrix'];

const reportSchema = z.object({
  dryRun: z.boolean(),
  rows: z.array(z.object({
    rowKey: z.string(), outcome: z.enum(['new', 'changed', 'unchanged', 'proposed']), lines: z.array(z.int()), baseVersion: z.int(), effectiveFrom: z.string().nullable(),
    changes: changesSchema, warnings: z.array(findingSchema), proposalId: z.string().nullable(),
  })),
});

/** The matrix as a table, which is how both organisations keep it today: one line per contact (docs/matrix.md). */
export function matrixCsvRoutes(deps: ApiDeps): Route[] {
  const bringIn = defineRoute({
    method: 'post', path: '/api/v1/matrix/import', summary: 'Propose rows from a CSV table, all or none', tags, access: 'signed_in', scope: 'administer',
    query: z.strictObject({ dryRun: z.enum(['true', 'false']).default('true').meta({ description: 'true: only say what would happen.' }) }),
    body: z.string().max(1_048_576).meta({ description: 'UTF-8, commas or semicolons; columns as in docs/matrix.md.' }), bodyType: 'text/csv',
    answers: found('What becomes of each matrix row; 422 names every mistake by row and column, and nothing is imported.', reportSchema),
    handler: async (incoming) => {
      const { query, body, caller, correlationId } = incoming;
      const dryRun = query.dryRun === 'true';
      const parsed = parseCsv(body);
      if ('brokenAt' in parsed) throw mistaken([{ row: parsed.brokenAt, column: null, message: parsed.message }]);
      const { lines, mistakes } = readLines(parsed.records);
      if (mistakes.length > 0) throw mistaken(mistakes);
      if (lines.length > MAX_LINES) throw mistaken([{ row: lines[MAX_LINES]?.row ?? 1, column: null, message: `more than ${String(MAX_LINES)} lines: import in parts` }]);
      const by: Proposer = { personId: caller.personId, name: caller.name, memberships: caller.memberships, correlationId, now: deps.now() };
      const plan = await planImport(deps.store, { lines, reader: caller, now: by.now });
      if (plan.mistakes.length > 0) throw mistaken(plan.mistakes);
      if (plan.rows.length > MAX_ROWS) throw mistaken([{ row: plan.rows[MAX_ROWS]?.lines[0] ?? 1, column: null, message: `more than ${String(MAX_ROWS)} matrix rows: import in parts` }]);
      const proposals = plan.rows.flatMap(({ row, effectiveFrom, baseVersion, seat }) => (seat ? [{ row, effectiveFrom, baseVersion, seat, propose: true }] : []));
      const docs = dryRun || proposals.length === 0 ? [] : await createProposals(deps.store, { proposals, by });
      return { status: 200, body: { dryRun, rows: plan.rows.map((row) => reported(row, docs)) } };
    },
  });

  const takeOut = defineRoute({
    method: 'get', path: '/api/v1/matrix/export', summary: 'Rows in force as CSV', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ studyId: idSchema.optional(), topic: z.string().max(40).optional(), organisationId: idSchema.optional() }),
    answers: { 200: { description: 'A table that imports as unchanged; cells that a spreadsheet might run begin with an apostrophe.', schema: z.string(), contentType: 'text/csv' } },
    handler: async ({ query, caller }) => {
      const { items, next } = await listMatrix(deps.store, { memberships: caller.memberships, filter: query, at: deps.now(), limit: MAX_EXPORTED });
      if (next !== undefined) throw ruleBroken(`More than ${String(MAX_EXPORTED)} rows: export study by study.`);
      const directory = await directoryFor(deps.store, { reader: caller, people: { _id: { $in: personIdsOf(items) } } });
      return { status: 200, body: csvText(writeTable(await withSignatures(deps.store, items), directory)), headers: { 'Content-Disposition': 'attachment; filename="communication-matrix.csv"' } };
    },
  });
  return [bringIn, takeOut];
}

function mistaken(mistakes: readonly Mistake[]) {
  const errors = mistakes.slice(0, MAX_MISTAKES).map((mistake) => ({ field: mistakeField(mistake), message: mistake.message }));
  return ruleBroken(`The table has ${String(mistakes.length)} mistake${mistakes.length === 1 ? '' : 's'}; nothing was imported.`, { errors, mistakes: mistakes.length });
}

function reported({ row: _row, seat: _seat, warnings, ...planned }: PlannedRow, docs: readonly MatrixProposalDoc[]) {
  const doc = docs.find(({ rowKey }) => rowKey === planned.rowKey);
  return { ...planned, proposalId: doc?._id ?? planned.proposalId, warnings: warnings.map((warning) => ({ field: mistakeField(warning), message: warning.message })) };
}

/** Who signed each version, in words; an approval without a signature says so. */
async function withSignatures(store: Store, rows: readonly MatrixDoc[]): Promise<readonly WrittenVersion[]> {
  const approvals = await versionApprovals(store, rows);
  return rows.map((row, index) => ({ ...row, signatures: (approvals[index] ?? []).map(approvalText).join('; ') }));
}

function personIdsOf(rows: readonly MatrixDoc[]): readonly string[] {
  return [...new Set(rows.flatMap(({ contacts }) => contacts.flatMap(({ personId, deputyId }) => [personId, deputyId])))];
}
