import { z } from 'zod';
import type { PassedDeadlineDoc } from '../../store/schemas/lateness';

const instant = z.iso.datetime();

/** A passed deadline as lists show it. */
export const passedDeadlineSchema = z.object({
  id: z.string(), recordId: z.string(), number: z.string(), capability: z.string(), severity: z.string(), topic: z.string(), studyId: z.string().nullable(),
  organisationId: z.string().describe('Whose deadline it was.'), name: z.string(), kind: z.string(),
  warning: z.number().nullable().describe('Of a warning: the share of the span that had passed.'),
  outcome: z.enum(['fired', 'missed']).describe('`missed`: an act came before the timer was processed; nobody was told.'),
  due: instant, firedAt: instant, lateByMs: z.int(), recordedAt: instant.describe('When the store took it; later than `firedAt` while the records were out of reach.'),
  toldAt: instant.nullable().describe('The first notice that it caused; null: none (yet).'), toldLateByMs: z.int().nullable(),
}).meta({ id: 'PassedDeadline' });

/** Without what rights are checked by. */
export function shownDeadline(doc: PassedDeadlineDoc): z.infer<typeof passedDeadlineSchema> {
  const { _id, recordId, number, capability, severity, topic, studyId, organisationId, name, kind, warning, outcome, due, firedAt, lateByMs, recordedAt, toldAt, toldLateByMs } = doc;
  return { id: _id, recordId, number, capability, severity, topic, studyId, organisationId, name, kind, warning, outcome, due, firedAt, lateByMs, recordedAt, toldAt, toldLateByMs };
}
