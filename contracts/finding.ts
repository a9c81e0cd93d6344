import { z } from 'zod';
import { problemSchema, riskSchema } from './capaSections';
import { ACTION_KINDS } from './capaWords';
import { topicSchema } from './escalation';
import { severitySchema } from './policy';

/** What an audit found wanting, for lists and figures. */
export const FINDING_CATEGORIES = [
  'data_protection', 'backup_and_recovery', 'security', 'escalation', 'vendor_oversight', 'access_control', 'validation', 'change_control', 'documentation', 'training', 'other',
] as const;
type FindingCategory = (typeof FINDING_CATEGORIES)[number];

const text = (max: number) => z.string().trim().min(1).max(max);
const id = z.string().min(1).max(64);

/** What a finding says; a correction may say any of it anew. */
const said = {
  /** Of the audit, as its report is filed. */
  auditReference: text(100),
  auditDate: z.iso.date(),
  /** Of the finding within its audit. */
  findingNo: text(40),
  category: z.enum(FINDING_CATEGORIES),
  title: text(200),
  description: text(10_000),
  severity: severitySchema,
};

/** `POST /api/v1/findings`. */
export const recordFindingSchema = z.strictObject({
  ...said,
  studyId: id.optional(),
  systemId: id.optional(),
  topic: topicSchema.default('audit'),
  /** Who audited, and who was audited: to whom the CAPA is owed, and who owes it. */
  raisingOrganisationId: id,
  accountableOrganisationId: id,
  /** Of its CAPA. */
  classification: z.enum(ACTION_KINDS).default('corrective'),
  /** Of its CAPA; absent: made from the finding. */
  problem: problemSchema.optional(),
  riskBefore: riskSchema.optional(),
});
export type RecordFinding = z.output<typeof recordFindingSchema>;

/** `POST /api/v1/findings/{id}/correct`: a new version. */
export const correctFindingSchema = z.strictObject({ ...z.strictObject(said).partial().shape, reason: text(2000) })
  .refine(({ reason: _reason, ...changes }) => Object.values(changes).some((value) => value !== undefined), { message: 'nothing to correct' });
export type CorrectFinding = z.output<typeof correctFindingSchema>;

/** What a finding says of itself. */
export interface FindingText {
  readonly auditReference: string;
  readonly auditDate: string;
  readonly findingNo: string;
  readonly category: FindingCategory;
  readonly title: string;
  readonly description: string;
  readonly severity: RecordFinding['severity'];
}
