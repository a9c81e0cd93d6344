import { z } from 'zod';
import { DRILL_KINDS } from '../../contracts/drill';
import { severitySchema } from '../../contracts/policy';
import { linksSchema } from './issue';

const id = z.string();
const instant = z.iso.datetime();
const seats = z.array(z.object({ level: z.int(), as: z.enum(['contact', 'deputy']) }));

export const DRILL_STATUSES = ['running', 'reported'] as const;

/** For the OpenAPI document. */
export const drillSchema = z.object({
  id, number: z.string(), rev: z.int(), kind: z.enum(DRILL_KINDS), title: z.string(), note: z.string().nullable(), status: z.enum(DRILL_STATUSES),
  topic: z.string(), severity: severitySchema, studyId: id.nullable(), raisingOrganisationId: id, accountableOrganisationId: id,
  startedBy: id, startedFor: id, openedAt: instant, until: instant.nullable().describe('End of the window; null once the drill is over.'),
  endedAt: instant.nullable(), endReason: z.string().nullable(), matrixVersion: z.int().nullable(),
  people: z.array(z.object({ personId: id, organisationId: id, seats, confirmedAt: instant.nullable() })),
  issueId: id.nullable(), links: linksSchema, updatedAt: instant, drill: z.literal(true),
}).meta({ id: 'Drill' });

const head = {
  id, number: z.string(), final: z.boolean().describe('false: the drill still runs.'), topic: z.string(), studyId: id.nullable(), startedBy: id, startedFor: id,
  openedAt: instant, endedAt: instant.nullable(), endReason: z.string().nullable(),
};
const status = z.enum(['pending', 'held', 'told', 'failed']);
const ms = z.int().nullable();

const reachabilitySchema = z.object({
  ...head, kind: z.literal('reachability'), matrixVersion: z.int().nullable(),
  organisations: z.array(z.object({ organisationId: id, people: z.int(), told: z.int(), reached: z.int(), reachedPercent: z.number() })),
  people: z.array(z.object({
    personId: id, organisationId: id, seats,
    attempts: z.array(z.object({ channel: z.string(), as: z.string(), status, toldAt: instant.nullable(), failure: z.string().nullable() })),
    toldAt: instant.nullable(), by: z.enum(['confirmed', 'opened']).nullable(), reachedAt: instant.nullable(), afterMs: ms, unreachable: z.string().nullable(),
  })).describe('Those who were not reached come first.'),
});

const fireDrillSchema = z.object({
  ...head, kind: z.literal('escalation'), issueId: id.nullable(), failure: z.string().nullable(),
  sides: z.array(z.object({ side: z.string(), highestLevel: z.int(), acknowledged: z.boolean() })),
  levels: z.array(z.object({
    side: z.string(), level: z.int(), round: z.int(), due: instant, startedAt: instant, toldAt: instant.nullable(), lateByMs: ms.describe('From due to the first telling.'),
    told: z.array(z.object({ personId: id, channel: z.string(), status, toldAt: instant.nullable(), reachedAt: instant.nullable() })),
  })),
  acknowledgements: z.array(z.object({ side: z.string(), personId: id, at: instant, afterMs: z.int().describe('Since the issue was opened.'), afterToldMs: ms.describe('Since the side was last told.') })),
});

export const drillReportSchema = z.discriminatedUnion('kind', [reachabilitySchema, fireDrillSchema]).meta({ id: 'DrillReport' });
