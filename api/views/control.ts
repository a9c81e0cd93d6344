import { z } from 'zod';
import { CONTACT_WAYS, CONTROL_KINDS, FATES, STANDINGS } from '../../contracts/control';
import { frequencySchema } from '../../contracts/matrix';
import { linksSchema } from './issue';

const id = z.string();
const instant = z.iso.datetime();

export const CONTROL_STATUSES = ['running', 'late', 'stopped'] as const;

const statedSchema = z.object({ at: instant, how: z.enum(CONTACT_WAYS), note: z.string(), evidence: z.string().nullable(), by: z.object({ personId: id, organisationId: id }), due: instant.nullable() });
const witnessSchema = z.object({ standing: z.enum(STANDINGS), personId: id.nullable(), organisationId: id.nullable() });

/** For the OpenAPI document. */
export const controlSchema = z.object({
  id, number: z.string(), rev: z.int(), kind: z.enum(CONTROL_KINDS), title: z.string(), note: z.string().nullable(),
  status: z.enum(CONTROL_STATUSES).describe('`late`: the open slot is past its due instant and silence is chased.'), topic: z.string(), studyId: id.nullable(),
  organisationIds: z.array(id), responsibleOrganisationId: id, rule: frequencySchema,
  row: z.object({ key: z.string(), version: z.int() }).nullable().describe('The matrix row that it follows; null: agreed by hand.'),
  slot: z.object({
    no: z.int(), from: instant, due: instant.nullable(), late: z.boolean(), waived: z.object({ by: id, reason: z.string() }).nullable(),
    stated: statedSchema.extend({
      waitsFor: z.array(id).describe('Organisations whose word it waits for; inside one organisation another person.'), until: instant.nullable().describe('Without an objection until then it counts.'),
    }).nullable().describe('A contact on the word of whoever owes it, which waits for that of the other side.'),
    objections: z.int().describe('How often a contact of this slot was objected to.'),
  }).nullable().describe('The open slot; null once the control is stopped.'),
  queued: z.array(statedSchema).describe('Contacts that were stated while an earlier one waits: they fill the slots after it, in order.'),
  counts: z.object({ held: z.int(), late: z.int(), missed: z.int(), waived: z.int() }),
  missedInRow: z.int().nullable().describe('Slots missed since the last contact; null: no CAPA was ever asked for (`rule.capaAfter`).'), links: linksSchema, nextDueAt: instant.nullable(), openedAt: instant, updatedAt: instant,
}).meta({ id: 'Control' });

export const slotSchema = z.object({
  no: z.int(), fate: z.enum(FATES), from: instant, due: instant.nullable(), until: instant.describe('Where the next slot begins.'), closedAt: instant,
  contact: z.object({ at: instant, how: z.enum(CONTACT_WAYS), evidence: z.string().nullable(), witness: witnessSchema.optional().describe('Whose word it counts on beside that of whoever owes it; absent: from before contacts needed one.') }).nullable(), reason: z.string().nullable(),
}).meta({ id: 'ControlSlot' });
