import { z } from 'zod';
import { severitySchema, sideSchema } from '../../contracts/policy';
import { policyScopeSchema } from '../../contracts/policyScope';

/* Shapes of answers, for the OpenAPI document; the types are those of contracts/simulation.ts. */

const instant = z.iso.datetime();

export const tellingSchema = z.object({
  at: instant, organisationId: z.string(), side: sideSchema.nullable(), level: z.int().nullable(), reason: z.string(), deadline: z.string().nullable(), due: instant.nullable(),
  calendar: z.object({ organisationId: z.string(), version: z.int() }).nullable().describe('Whose calendar counts; null: calendar time.'),
  personId: z.string().nullable().describe('null: nobody would be there.'), name: z.string().nullable(), role: z.string().nullable(), as: z.string().nullable(),
  cause: z.object({ kind: z.enum(['opened', 'lapsed', 'warned', 'nobody', 'act']) }).loose(),
}).meta({ id: 'SimulatedTelling' });

export const refusedActSchema = z.object({ at: instant, act: z.string(), side: sideSchema.nullable(), type: z.string(), reason: z.string() });

export const simulationAnswer = z.object({
  policy: z.object({ key: z.string(), version: z.int() }),
  tellings: z.array(tellingSchema), refused: z.array(refusedActSchema),
  end: z.object({ at: instant, as: z.enum(['closed', 'cancelled', 'exhausted', 'bounded']), status: z.string() }),
  lines: z.array(z.string()).describe('The tellings in plain words.'),
}).meta({ id: 'Simulation' });

const perSide = <T extends z.ZodType>(schema: T) => z.object({ accountable: schema, raising: schema });
const courseSchema = z.object({
  levels: perSide(z.int()).describe('Highest level told.'), tellings: z.int().describe('Notices: one for each audience and reason.'),
  missed: z.record(z.string(), z.int()).describe('Deadlines that passed without their act, by name.'), exhausted: z.boolean(),
  acknowledgedAfterMs: perSide(z.int().nullable()),
});

const both = z.object({ recorded: z.int(), candidate: z.int() });
export const backtestAnswer = z.object({
  policy: z.object({ key: z.string(), version: z.int() }),
  summary: z.object({
    issues: z.int(), changed: z.int().describe('Issues whose course would have differed.'),
    higher: z.int().describe('Issues that would have climbed higher on a side.'), lower: z.int(),
    tellings: both, missed: both, exhausted: both, refusedActs: z.int(),
  }),
  items: z.array(z.object({
    id: z.string(), number: z.string(), severity: severitySchema, ranUnder: z.object({ key: z.string(), version: z.int() }),
    recorded: courseSchema, candidate: courseSchema, differs: z.array(z.string()), refused: z.array(refusedActSchema), skipped: z.array(z.string()),
  })),
  next: z.string().nullable().describe('Cursor of the older issues.'),
}).meta({ id: 'Backtest' });

const dueSchema = z.object({ name: z.string(), dueNow: instant.nullable(), dueAfter: instant.nullable() });
const versionSchema = z.object({ key: z.string(), version: z.int(), scope: policyScopeSchema });
export const replanPreviewSchema = z.object({
  id: z.string(), number: z.string(), rev: z.int(), from: versionSchema, to: versionSchema,
  refusal: z.object({ type: z.string(), reason: z.string() }).nullable().describe('Why the act would be refused.'),
  changes: z.array(z.object({ path: z.string(), old: z.unknown(), new: z.unknown() })), deadlines: z.array(dueSchema),
  tellings: z.object({ now: z.array(tellingSchema), after: z.array(tellingSchema) }).describe('Who would be told from now on if nobody acted.'),
}).meta({ id: 'ReplanPreview' });

export const bulkReplanSchema = z.object({
  to: versionSchema, dryRun: z.boolean(),
  items: z.array(z.object({
    id: z.string(), number: z.string(), from: versionSchema, deadlines: z.array(dueSchema),
    outcome: z.enum(['would_move', 'would_be_refused', 'moved', 'pending', 'refused']), reason: z.string().nullable(),
    commandId: z.string().nullable().describe('Its answer is at /api/v1/commands/{id}.'),
  })),
  next: z.string().nullable().describe('Cursor of the following page; each page moves its own issues.'),
}).meta({ id: 'BulkReplan' });
