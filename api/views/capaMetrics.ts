import { z } from 'zod';
import { ACTION_KINDS } from '../../contracts/capaWords';
import { medianOf, valueOf, type Measure, type Source } from '../../domain/capaMetrics/measure';

/** More sources than this are not in the answer itself, but on the pages behind its path. */
const MOST_INLINE = 50;

const instant = z.iso.datetime();
export const GROUPS = ['all', ...ACTION_KINDS] as const;

export const sourceSchema = z.object({
  capaId: z.string(), number: z.string(), part: z.string().describe('What of the CAPA was counted: `opening`, `open`, `closing/<iteration>`, `assessment/<iteration>/<n>`, `stage/<name>/<iteration>/<from>`, …'),
  ms: z.int().optional().describe('The value of which a median is taken.'),
}).meta({ id: 'CapaMetricSource' });

const metricSchema = z.object({
  name: z.string(), formula: z.object({ version: z.int(), text: z.string() }), unit: z.enum(['ratio', 'ms']),
  numerator: z.int().nullable().describe('null: a median has none.'), denominator: z.int().describe('Of a median: how many values.'),
  value: z.number().nullable().describe('null: nothing was counted.'),
  target: z.object({ above: z.number(), met: z.boolean().nullable() }).optional(),
  median: sourceSchema.nullable().optional().describe('The source whose value the median is.'),
  sources: z.object({
    numerator: z.array(sourceSchema).nullable(), denominator: z.array(sourceSchema).nullable().describe(`null: more than ${MOST_INLINE}; all of them are behind \`path\`.`),
    path: z.string().describe('Every source, in pages; add `of=numerator` for those of the numerator.'),
  }),
});

/** For the OpenAPI document. */
export const capaMetricsSchema = z.object({
  from: instant, to: instant.describe('Exclusive.'), zone: z.string(), asOf: instant.describe('When the records were read; what happened later is in no figure.'),
  stateAt: instant.describe('At which open CAPAs are looked at: `to`, or `asOf` where that is earlier.'),
  scope: z.object({
    text: z.string(), studyId: z.string().nullable(), organisationIds: z.array(z.string()), severity: z.string().nullable(), classification: z.string().nullable(),
    seats: z.array(z.object({ organisationId: z.string(), studyId: z.string().nullable(), role: z.string() })).describe('The memberships by which the caller sees what is counted.'),
    capas: z.int(), recordsHash: z.string().describe('SHA-256 over ids and revisions: two readers with the same hash looked at the same records.'),
  }),
  excluded: z.array(z.object({ reason: z.string(), text: z.string(), whole: z.boolean().describe('Of every figure; else of some.'), count: z.int(), capaIds: z.array(z.string()) })),
  warnings: z.array(z.object({ code: z.string(), text: z.string() })),
  groups: z.array(z.object({ classification: z.enum(GROUPS), metrics: z.array(metricSchema) })),
}).meta({ id: 'CapaMetrics' });

export type ShownSource = z.infer<typeof sourceSchema>;

/** A figure as the answer shows it. */
export function shownMetric(measured: Measure, show: (source: Source) => ShownSource, path: string): z.infer<typeof metricSchema> {
  const { formula, numerator, denominator } = measured;
  const { name, version, text, unit, above } = formula;
  const value = valueOf(measured);
  const median = medianOf(denominator);
  const inline = (sources: readonly Source[] | null) => (sources && denominator.length <= MOST_INLINE && sources.length <= MOST_INLINE ? sources.map(show) : null);
  return {
    name, formula: { version, text }, unit, numerator: numerator && numerator.length, denominator: denominator.length, value,
    ...(above !== undefined && { target: { above, met: value === null ? null : value > above } }),
    ...(unit === 'ms' && { median: median ? show(median) : null }),
    sources: { numerator: inline(numerator), denominator: inline(denominator), path },
  };
}
