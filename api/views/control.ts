import { z } from 'zod';
import { CONTACT_WAYS, CONTROL_KINDS, FATES } from '../../contracts/control';
import { frequencySchema } from '../../contracts/matrix';
import { linksSchema } from './issue';

const id = z.string();
const instant = z.iso.datetime();

export const CONTROL_STATUSES = ['running', 'late', 'stopped'] as const;

/** For the OpenAPI document. */
export const controlSchema = z.object({
  id, number: z.string(), rev: z.int(), kind: z.enum(CONTROL_KINDS), title: z.string(), note: z.string().nullable(),
  status: z.enum(CONTROL_STATUSES).describe('`late`: the open slot is past its due instant and silence is chased.'), topic: z.string(), studyId: id.nullable(),
  organisationIds: z.array(id), responsibleOrganisationId: id, rule: frequencySchema,
  row: z.object({ key: z.string(), version: z.int() }).nullable().describe('The matrix row that it follows; null: agreed by hand.'),
  slot: z.object({
    no: z.int(), from: instant, due: instant.nullable(), late: z.boolean(), waived: z.object({ by: id, reason: z.string() }).nullable(),
  }).nullable().describe('The open slot; null once the control is stopped.'),
  counts: z.object({ held: z.int(), late: z.int(), missed: z.int(), waived: z.int() }),
  missedInRow: z.int().nullable().describe('Slots missed since the last contact; null: no CAPA was ever asked for (`rule.capaAfter`).'), links: linksSchema, nextDueAt: instant.nullable(), openedAt: instant, updatedAt: instant,
}).meta({ id: 'Control' });

export const slotSchema = z.object({
  no: z.int(), fate: z.enum(FATES), from: instant, due: instant.nullable(), until: instant.describe('Where the next slot begins.'), closedAt: instant,
  contact: z.object({ at: instant, how: z.enum(CONTACT_WAYS), evidence: z.string().nullable() }).nullable(), reason: z.string().nullable(),
}).meta({ id: 'ControlSlot' });
