import type { AuditEntry } from '../../contracts/audit';
import type { Policy } from '../../contracts/policy';
import { readChain } from '../../store/auditLog';
import type { NoticeDoc, StepDoc } from '../../store/schemas/records';
import { policyOf, type World } from './world';

/** To the minute: what passes between two steps of a skipping server are milliseconds. */
const minute = (instant: string | null): string => (instant ?? 'never').slice(0, 16).replace('T', ' ');

/** `<minute, UTC> <deadline>` of every deadline that fired, in order. */
export async function firedOf(world: World, recordId: string): Promise<readonly string[]> {
  const steps = await world.fresh.store.models.steps.find({ recordId }).sort({ rev: 1 }).lean<StepDoc[]>();
  return steps.flatMap((step) => step.ended.filter((ended) => ended.outcome === 'fired').map((ended) => `${minute(ended.at)} ${ended.name}`));
}

/** `<minute, UTC> <person> <reason> <level or ->` of everybody who was told, in the order of the steps, then of people. */
export async function toldOf(world: World, recordId: string): Promise<readonly string[]> {
  const notices = await world.fresh.store.models.notices.find({ recordId, status: 'told' }).sort({ rev: 1, personId: 1 }).lean<NoticeDoc[]>();
  return notices.map((notice) => `${minute(notice.toldAt)} ${notice.personId} ${notice.reason} ${notice.level ?? '-'}`);
}

/** The record's own audit trail. */
export function trailOf(world: World, recordId: string): Promise<readonly AuditEntry[]> {
  return readChain(world.fresh.store, recordId, { limit: 1000 });
}

/** Entries of one action. */
export async function entriesOf(world: World, recordId: string, action: string): Promise<readonly AuditEntry[]> {
  return (await trailOf(world, recordId)).filter((entry) => entry.action === action);
}

/** Armed deadlines as `<minute, UTC> <name>`, in order of time. */
export async function armedOf(world: World, recordId: string): Promise<readonly string[]> {
  const { armed } = await world.issue(recordId);
  return armed.map((deadline) => `${minute(deadline.due)} ${deadline.name}`).sort();
}

/** A policy that never warns, so that a story shows its deadlines only. */
export const unwarned = (key: string): Policy => policyOf(key, withoutWarnings);

export function withoutWarnings(policy: Policy): Policy {
  const { critical, major, minor } = policy.ladders;
  return { ...policy, ladders: { critical: { ...critical, warnAt: [] }, major: { ...major, warnAt: [] }, minor: { ...minor, warnAt: [] } } };
}

/** A later calendar version of an organisation: Monday to Friday, 09:00 to 17:30. */
export async function setCalendar(world: World, organisationId: string, calendar: { zone: string; holidays: readonly { date: string; name: string }[] }): Promise<void> {
  const week = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [{ from: '09:00', to: '17:30' }]]));
  await world.fresh.store.models.calendars.create([{
    _id: `${organisationId}/2`, organisationId, version: 2, zone: calendar.zone, week, holidays: [...calendar.holidays], holidaySource: 'by hand',
    createdAt: '2026-01-01T00:00:00.000Z',
  }] as never);
}
