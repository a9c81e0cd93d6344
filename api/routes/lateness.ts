import { z } from 'zod';
import { CAPABILITIES } from '../../contracts/ids';
import { parseInstant, plusMs } from '../../contracts/instant';
import { instantSchema } from '../../contracts/instantSchema';
import { severitySchema } from '../../contracts/policy';
import { visibilityFilter } from '../../domain/access/ability';
import { figuresOf, LATENESS_FORMULA, type Figures } from '../../domain/lateness/figures';
import { LATENESS_KEYS, latenessGroups, listPassed, type LatenessFilter, type LatenessGroup, type LatenessKey } from '../../store/lateness';
import { ruleBroken } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { pageOf, pageQuery } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { passedDeadlineSchema, shownDeadline } from '../views/lateness';

const DAY_MS = 86_400_000;
const DEFAULT_RANGE_MS = 30 * DAY_MS;
/** A year and a day, so that one year fits whichever. */
const LONGEST_RANGE_MS = 367 * DAY_MS;

const instantParam = instantSchema.transform((text) => parseInstant(text) ?? z.NEVER);
const idText = z.string().min(1).max(64);

const filterQuery = {
  from: instantParam.optional().describe('Earliest due instant; by default 30 days before `to`.'),
  to: instantParam.optional().describe('Latest due instant, exclusive; by default now.'),
  organisationId: idText.optional().describe('Whose deadlines.'),
  severity: severitySchema.optional(),
  capability: z.enum(CAPABILITIES).optional(),
  kind: z.string().regex(/^[a-z-]{1,40}$/).optional().describe('Kind of deadline: `ack`, `progress`, `resolution`, …'),
  warnings: z.enum(['true', 'false']).transform((text) => text === 'true').optional().describe('`true`: the warnings before deadlines, instead of deadlines.'),
} as const;
type FilterQuery = z.output<z.ZodObject<typeof filterQuery>>;

const groupBySchema = z.string().max(80).transform((text): unknown => text.split(',')).pipe(z.array(z.enum(LATENESS_KEYS)).min(1)).default(['capability', 'organisationId', 'severity']);

const figure = z.object({ ms: z.int(), deadlineId: z.string().describe('A deadline that had exactly this lateness.') });
const figures = z.object({ count: z.int(), p50: figure, p95: figure, max: figure }).nullable();
const latenessSchema = z.object({
  formula: z.object({ name: z.string(), version: z.int(), text: z.string() }),
  from: z.iso.datetime(), to: z.iso.datetime(), groupBy: z.array(z.enum(LATENESS_KEYS)),
  groups: z.array(z.object({
    capability: z.string().optional(), organisationId: z.string().optional(), severity: z.string().optional(), kind: z.string().optional(),
    fired: figures.describe('From the due instant to acting upon it.'),
    told: figures.describe('From the due instant to the first notice, of those that told somebody.'),
    overtaken: z.int().describe('Passed, but an act came before the timer was processed; in no figure.'),
  })),
  rows: z.string().describe('Where the deadlines behind these figures are listed.'),
}).meta({ id: 'Lateness' });

/** How late deadlines were acted upon and told: figures, and every row behind them. */
export function latenessRoutes(deps: ApiDeps): Route[] {
  const rangeOf = ({ from, to, ...rest }: FilterQuery): LatenessFilter => {
    const until = to ?? deps.now();
    const since = from ?? plusMs(until, -DEFAULT_RANGE_MS);
    if (since >= until) throw ruleBroken('The range is empty.', { errors: [{ field: 'from', message: 'must lie before `to`' }] });
    if (plusMs(since, LONGEST_RANGE_MS) < until) throw ruleBroken('The range is longer than a year.', { errors: [{ field: 'from', message: 'must lie within a year before `to`' }] });
    return { ...rest, from: since, to: until };
  };

  const summary = defineRoute({
    method: 'get', path: '/api/v1/lateness', summary: 'How late deadlines were acted upon and told', tags: ['lateness'], access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...filterQuery, groupBy: groupBySchema.describe(`One or more, separated by commas: ${LATENESS_KEYS.join(', ')}.`) }),
    answers: { 200: { description: 'Count, p50, p95 and maximum over the records that the caller may see whole; drills left out.', schema: latenessSchema } },
    handler: async ({ query, caller }) => {
      const { groupBy, ...given } = query;
      const filter = rangeOf(given);
      const visibility = visibilityFilter(caller.memberships, deps.now());
      const groups = visibility ? await latenessGroups(deps.store, { visibility, filter, groupBy }) : [];
      const { from, to } = filter;
      return { status: 200, body: { formula: LATENESS_FORMULA, from, to, groupBy, groups: groups.map(lineOf), rows: rowsPath(filter) } };
    },
  });

  const rows = defineRoute({
    method: 'get', path: '/api/v1/lateness/deadlines', summary: 'The deadlines behind the figures, latest due first', tags: ['lateness'], access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...filterQuery, ...pageQuery }),
    answers: { 200: { description: 'A page; `next` is the cursor of the following one.', schema: pageOf(passedDeadlineSchema) } },
    handler: async ({ query, caller }) => {
      const { cursor, limit, ...given } = query;
      const visibility = visibilityFilter(caller.memberships, deps.now());
      if (!visibility) return { status: 200, body: { items: [], next: null } };
      const place = decodeCursor(cursor, z.tuple([z.string(), z.string()]));
      const { items, next } = await listPassed(deps.store, { visibility, filter: rangeOf(given), limit, after: place && { due: place[0], id: place[1] } });
      return { status: 200, body: { items: items.map(shownDeadline), next: next ? encodeCursor([next.due, next.id]) : null } };
    },
  });
  return [summary, rows];
}

function lineOf({ key, fired, told, overtaken }: LatenessGroup): Partial<Record<LatenessKey, string>> & { fired: Figures | null; told: Figures | null; overtaken: number } {
  return { ...key, fired: figuresOf(fired) ?? null, told: figuresOf(told) ?? null, overtaken };
}

function rowsPath(filter: LatenessFilter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined).map(([name, value]): [string, string] => [name, String(value)]);
  return `/api/v1/lateness/deadlines?${new URLSearchParams(given).toString()}`;
}
