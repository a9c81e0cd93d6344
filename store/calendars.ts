import type { ClientSession } from 'mongoose';
import type { Calendar } from '../contracts/calendar';
import { Failure } from '../contracts/failures';
import { defaultCalendar } from '../domain/time/defaultHours';
import { addVersion, type By } from './administration';
import type { Store } from './connection';
import type { CalendarDoc, OrganisationDoc } from './schemas/people';

/** Versions never change, so a process reads each once. Bounded by the number of organisations and their versions. */
const versions = new WeakMap<Store, Map<string, Calendar>>();

function calendarOf({ organisationId, version, zone, week, holidays, holidaySource }: CalendarDoc): Calendar {
  return { organisationId, version, zone, week, holidays, holidaySource };
}

/** The latest version of an organisation's calendar, or its default hours; undefined: there is no such organisation. Only its number is read when the version is known here. */
export async function calendarInForce(store: Store, organisationId: string, session?: ClientSession): Promise<Calendar | undefined> {
  const latest = await store.models.calendars
    .findOne({ organisationId }, { _id: 1 }).sort({ version: -1 }).session(session ?? null).lean<{ _id: string }>();
  return latest ? calendarById(store, latest._id, session) : (await defaultCalendars(store, [organisationId], session))[0];
}

/** The hours that count for organisations without a calendar. */
export async function defaultCalendars(store: Store, organisationIds: readonly string[], session?: ClientSession): Promise<readonly Calendar[]> {
  if (organisationIds.length === 0) return [];
  const found = await store.models.organisations.find({ _id: { $in: [...organisationIds] } }, { zone: 1 }).session(session ?? null).lean<Pick<OrganisationDoc, '_id' | 'zone'>[]>();
  return found.map(({ _id, zone }) => defaultCalendar({ organisationId: _id, zone }));
}

/** What `calendarInForce` says of some organisations, by organisation, in one round trip when their versions are known here. */
export async function calendarsInForce(store: Store, organisationIds: readonly string[]): Promise<ReadonlyMap<string, Calendar>> {
  if (organisationIds.length === 0) return new Map();
  const latest = await store.models.calendars.aggregate<{ latest: string }>([
    { $match: { organisationId: { $in: [...organisationIds] } } }, { $sort: { organisationId: 1, version: -1 } },
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

/** Adds the next version. `version` names the one it replaces plus one; Failure `rev_mismatch` otherwise. */
export async function addCalendar(store: Store, input: { calendar: Calendar; reason: string; by: By }): Promise<Calendar> {
  const { calendar, reason, by } = input;
  const latest = await calendarInForce(store, calendar.organisationId);
  const next = (latest?.version ?? 0) + 1;
  if (calendar.version !== next) throw new Failure('rev_mismatch', `The next version is ${String(next)}.`, { rev: next - 1 });
  const doc: CalendarDoc = { ...calendar, _id: `${calendar.organisationId}/${String(next)}`, createdAt: by.at };
  await addVersion(store, {
    model: store.models.calendars, streamId: `calendar/${calendar.organisationId}`, doc, reason, by,
    detail: { version: next, zone: calendar.zone, week: calendar.week, holidaySource: calendar.holidaySource, holidays: calendar.holidays.length },
  });
  return calendar;
}
