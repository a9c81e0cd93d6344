import type { ClientSession } from 'mongoose';
import type { Calendar } from '../contracts/calendar';
import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import { defaultCalendar } from '../domain/time/defaultHours';
import { addVersion, type By } from './administration';
import type { Store } from './connection';
import type { CalendarDoc, OrganisationDoc } from './schemas/people';

/** Versions never change, so a process reads each once. Bounded by the number of organisations and their versions. */
const versions = new WeakMap<Store, Map<string, Calendar>>();

function calendarOf({ organisationId, version, zone, week, holidays, halfDays, holidaySource, holidayGaps, effectiveFrom }: CalendarDoc): Calendar {
  return { organisationId, version, zone, week, holidays, ...(halfDays && { halfDays }), holidaySource, ...(holidayGaps && { holidayGaps }), ...(effectiveFrom !== undefined && { effectiveFrom }) };
}

/** Versions that have begun at `at`; one from before notice was given has. */
const begun = (at: Instant) => ({ $or: [{ effectiveFrom: null }, { effectiveFrom: { $lte: at } }] });

/** The version of an organisation's calendar that counts at `at`, of those that have begun the latest, or its default hours; undefined: there is no such organisation. */
export async function calendarInForce(store: Store, organisationId: string, at: Instant): Promise<Calendar | undefined> {
  return (await calendarsInForce(store, [organisationId], at)).get(organisationId);
}

/** Number of the latest version, one to come included; 0: none. */
export async function latestCalendarVersion(store: Store, organisationId: string): Promise<number> {
  return (await store.models.calendars.findOne({ organisationId }, { version: 1 }).sort({ version: -1 }).lean<Pick<CalendarDoc, 'version'>>())?.version ?? 0;
}

/** Versions to come, in the order of their numbers. */
export async function calendarsToCome(store: Store, organisationId: string, at: Instant): Promise<readonly Calendar[]> {
  return (await store.models.calendars.find({ organisationId, effectiveFrom: { $gt: at } }).sort({ version: 1 }).lean<CalendarDoc[]>()).map(calendarOf);
}

/** The hours that count for organisations without a calendar. */
export async function defaultCalendars(store: Store, organisationIds: readonly string[], session?: ClientSession): Promise<readonly Calendar[]> {
  if (organisationIds.length === 0) return [];
  const found = await store.models.organisations.find({ _id: { $in: [...organisationIds] } }, { zone: 1 }).session(session ?? null).lean<Pick<OrganisationDoc, '_id' | 'zone'>[]>();
  return found.map(({ _id, zone }) => defaultCalendar({ organisationId: _id, zone }));
}

/** What `calendarInForce` says of some organisations, by organisation, in one round trip when their versions are known here. */
export async function calendarsInForce(store: Store, organisationIds: readonly string[], at: Instant): Promise<ReadonlyMap<string, Calendar>> {
  if (organisationIds.length === 0) return new Map();
  const latest = await store.models.calendars.aggregate<{ latest: string }>([
    { $match: { organisationId: { $in: [...organisationIds] }, ...begun(at) } }, { $sort: { organisationId: 1, version: -1 } },
    { $group: { _id: '$organisationId', latest: { $first: '$_id' } } },
  ]);
  const calendars = await Promise.all(latest.map((one) => calendarById(store, one.latest)));
  const known = calendars.filter((calendar) => calendar !== undefined);
  const without = organisationIds.filter((id) => !known.some((calendar) => calendar.organisationId === id));
  return new Map([...known, ...await defaultCalendars(store, without)].map((calendar) => [calendar.organisationId, calendar]));
}

/** One version, by `<organisation>/<version>`. */
export async function calendarById(store: Store, id: string, session?: ClientSession): Promise<Calendar | undefined> {
  const known = versions.get(store) ?? new Map<string, Calendar>();
  versions.set(store, known);
  const cached = known.get(id);
  if (cached) return cached;
  const doc = await store.models.calendars.findById(id).session(session ?? null).lean<CalendarDoc>();
  if (!doc) return undefined;
  // A version read inside a transaction may be that transaction's own and still be rolled back.
  if (!session) known.set(id, calendarOf(doc));
  return calendarOf(doc);
}

/** A version on its way into the store. */
export interface AddedCalendar {
  readonly calendar: Calendar;
  readonly reason: string;
  readonly by: By;
  /** Runs inside the transaction. */
  readonly also?: (session: ClientSession) => Promise<void>;
}

/** Adds the next version. `version` names the one it replaces plus one; Failure `rev_mismatch` otherwise. */
export async function addCalendar(store: Store, { calendar, reason, by, also }: AddedCalendar): Promise<Calendar> {
  const next = await latestCalendarVersion(store, calendar.organisationId) + 1;
  if (calendar.version !== next) throw new Failure('rev_mismatch', `The next version is ${String(next)}.`, { rev: next - 1 });
  const doc: CalendarDoc = { ...calendar, _id: `${calendar.organisationId}/${String(next)}`, createdAt: by.at };
  await addVersion(store, {
    ...(also && { also }), model: store.models.calendars, kind: 'calendar', doc, reason, by,
    detail: { version: next, ...(calendar.effectiveFrom !== undefined && { effectiveFrom: calendar.effectiveFrom }), ...(calendar.halfDays && { halfDays: calendar.halfDays }), zone: calendar.zone, week: calendar.week, holidaySource: calendar.holidaySource, holidays: calendar.holidays.length },
  });
  return calendar;
}
