import { z } from 'zod';

/* Shapes of answers, for the OpenAPI document; the types are those of domain/timeline. */

const id = z.string();
const instant = z.iso.datetime();
const told = { told: z.array(z.object({ personId: id, at: instant })), toldAt: instant.nullable(), toldLateByMs: z.int().nullable() };

export const auditActorSchema = z.object({
  kind: z.enum(['person', 'system']), name: z.string(), personId: id.optional(), role: z.string().optional(), organisationId: id.optional(),
  workflowId: z.string().optional(), runId: z.string().optional(), definition: z.string().optional(), policyVersion: z.string().optional(),
});

const factSchema = z.object({
  seq: z.int(), at: instant, actor: auditActorSchema, action: z.string(), field: z.string().optional(), old: z.unknown(), new: z.unknown(),
  reason: z.string().optional(), detail: z.unknown(), rev: z.int().optional(), visibleTo: z.array(id).optional(),
});

export const auditEntrySchema = factSchema.extend({
  streamId: z.string(), zone: z.literal('UTC'), correlationId: z.string(), prevHash: z.string(), hash: z.string(),
  withheld: z.boolean().optional().describe('Parts that are not shown to the caller, such as a link to a record of others, are left out; the hash is that of the whole entry.'),
  documents: z.record(z.string(), z.string()).optional().describe('SHA-256, hex, over the RFC 8785 form of what the entry left stored, by part: `state`, `record`, `born`, `step`, `version`, `notice/<id>`, …'),
}).meta({ id: 'AuditEntry' });

export const timelineSchema = z.object({
  id, number: z.string(), rev: z.int(), status: z.string(),
  facts: z.array(factSchema),
  notices: z.array(z.object({
    intent: z.string(), rev: z.int(), reason: z.string(), side: z.string().nullable(), level: z.int().nullable(), organisationId: id, personId: id,
    as: z.string(), channel: z.string(), deadline: z.string().nullable(), due: instant.nullable(), status: z.enum(['pending', 'held', 'told', 'failed']), attempts: z.int(),
    holdUntil: instant.nullable().optional().describe('Told later: quiet hours, or a digest.'), digestId: z.string().nullable().optional(),
    fallbackOf: z.string().nullable().optional().describe('The first attempt for this person, where this is a later one.'), drill: z.boolean().optional(), endpointId: id.nullable().optional(), severity: z.string().nullable().optional(), readAt: instant.nullable().optional(),
    possiblyRepeated: z.boolean(), createdAt: instant, toldAt: instant.nullable(), failedAt: instant.nullable(), failure: z.string().nullable(), reachedAt: instant.nullable(),
  })),
  deadlines: z.array(z.object({
    name: z.string(), due: instant, armedAt: instant, armedRev: z.int(), outcome: z.enum(['waiting', 'fired', 'met', 'missed', 'lifted', 'replaced']),
    endedAt: instant.nullable(), firedAt: instant.nullable(), lateByMs: z.int().nullable(), ...told, calendar: z.unknown(),
    warnings: z.array(z.object({ share: z.number(), due: instant, firedAt: instant.nullable(), lateByMs: z.int().nullable(), ...told })),
  })),
  events: z.array(z.object({ at: instant, kind: z.enum(['fact', 'notice', 'deadline']), what: z.string(), ref: z.string() })),
}).meta({ id: 'Timeline' });

export const waitingSchema = z.object({
  id, rev: z.int(), status: z.string(), policy: z.string(),
  waiting: z.array(z.object({
    for: z.string(), until: instant.optional(), rule: z.string().optional(), calendarVersion: z.int().optional(),
    movers: z.array(z.object({ organisationId: id, acts: z.array(z.string()), personId: id.optional() })),
  })),
}).meta({ id: 'Waiting' });

export const historySchema = z.object({
  id, content: z.boolean().describe('Whether what people wrote is included.'),
  lines: z.array(z.object({ at: z.string(), runId: z.string(), eventId: z.string(), type: z.string(), text: z.string() })),
  raw: z.array(z.object({ runId: z.string(), events: z.array(z.record(z.string(), z.unknown())) })).optional(),
}).meta({ id: 'History' });
