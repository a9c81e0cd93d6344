import { z } from 'zod';
import { calendarSchema, weekSchema, type Calendar } from '../../contracts/calendar';
import { Failure } from '../../contracts/failures';
import { parseInstant } from '../../contracts/instant';
import { instantSchema } from '../../contracts/instantSchema';
import { checkCalendar } from '../../domain/time/calendarRules';
import { freezeHolidays } from '../../platform/holidays';
import { startOfCalendar } from '../../domain/time/calendarNotice';
import { addCalendar, calendarById, calendarInForce, calendarsToCome, latestCalendarVersion } from '../../store/calendars';
import { announce } from '../../store/announcements';
import { concernedBy } from '../../store/concerned';
import { organisationsByIds } from '../../store/organisations';
import { byOf, created, found, knownTo, notFound, requireOrganisationSeat, ruleBroken } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, idSchema, ifMatchHeader, reasonSchema, revOf } from '../schemas';

const year = z.int().min(2000).max(2200);
const own = calendarSchema.shape.holidays;
const tags = ['calendars'];
const subject = ({ id }: { id: string }) => `calendar/${id}`;

/** Business calendars: immutable versions; holidays are frozen into each. */
export function calendarRoutes(deps: ApiDeps): Route[] {
  /** Whoever works with an organisation may know its hours: deadlines are counted on them. */
  const requireKnown = async (caller: Caller, organisationId: string): Promise<void> => {
    if (!(await knownTo(deps, caller)).has(organisationId)) throw notFound();
  };

  const add = defineRoute({
    method: 'post', path: '/api/v1/organisations/{id}/calendars', summary: 'Add a version of the business calendar', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({
      zone: z.string().min(1).max(64), week: weekSchema,
      /** Own days off, beside the public holidays. */
      holidays: own.default([]),
      halfDays: calendarSchema.shape.halfDays,
      effectiveFrom: instantSchema.optional().describe('When it begins: after notice to those whom the hours concern; default: as soon as it may.'),
      publicHolidays: z.strictObject({ country: z.string().regex(/^[A-Z]{2}$/, 'ISO 3166-1, e.g. CH'), region: z.string().min(1).max(20).optional(), fromYear: year, toYear: year }).optional(),
      reason: reasonSchema,
    }),
    answers: created('The version, with the instant from which it counts; armed deadlines stay as they are.', calendarSchema.extend({ concerned: z.array(z.string()).describe('Organisations that count on these hours.'), warnings: z.array(z.string()).describe('What the list of public holidays is known to lack.') })),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireOrganisationSeat(caller, params.id, deps.now());
      const now = deps.now();
      const latest = await latestCalendarVersion(deps.store, params.id);
      const replaced = revOf(headers) ?? latest;
      const holidays = holidaysOf(body);
      const calendar: Calendar = { organisationId: params.id, version: replaced + 1, zone: body.zone, week: body.week, ...(body.halfDays && { halfDays: byDate(body.halfDays) }), ...holidays };
      const errors = checkCalendar(calendar);
      if (errors.length > 0) throw ruleBroken('The calendar breaks a rule.', { errors });
      const inForce = await calendarInForce(deps.store, params.id, now);
      if (!inForce) throw notFound();
      const concerned = await concernedBy(deps.store, params.id);
      const wished = body.effectiveFrom === undefined ? undefined : parseInstant(body.effectiveFrom);
      const start = startOfCalendar({ next: calendar, inForce, concernedIds: concerned.organisationIds, isUnused: latest === 0 && !concerned.hasRecords, wished, now });
      if ('field' in start) throw ruleBroken('The calendar counts what is owed to others.', { errors: [start] });
      const { effectiveFrom } = start;
      const by = byOf(deps, incoming, seat);
      const [organisation] = await organisationsByIds(deps.store, [params.id]);
      const stored = await addCalendar(deps.store, {
        calendar: { ...calendar, effectiveFrom }, reason: body.reason, by,
        // Those who count on the hours, and its own other administrators.
        also: (session) => announce(deps.store, { what: 'calendar_changed', about: subject(params), organisationIds: [params.id, ...concerned.organisationIds], subject: organisation?.name ?? params.id, until: effectiveFrom, by }, session),
      });
      return { status: 201, body: { ...stored, concerned: concerned.organisationIds, warnings: stored.holidayGaps ?? [] }, headers: { ETag: `"${String(stored.version)}"` } };
    },
  });

  const current = defineRoute({
    method: 'get', path: '/api/v1/organisations/{id}/calendar', summary: 'The business calendar in force', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The latest version; while there is none the default hours, as version 0.', calendarSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => {
      await requireKnown(caller, params.id);
      return shown(await calendarInForce(deps.store, params.id, deps.now()));
    },
  });

  const version = defineRoute({
    method: 'get', path: '/api/v1/organisations/{id}/calendars/{version}', summary: 'One version of the business calendar', tags, access: 'signed_in', scope: 'read',
    params: z.strictObject({ id: idSchema, version: z.coerce.number().int().min(1) }), answers: found('The version.', calendarSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => {
      await requireKnown(caller, params.id);
      return shown(await calendarById(deps.store, `${params.id}/${String(params.version)}`));
    },
  });
  const toCome = defineRoute({
    method: 'get', path: '/api/v1/organisations/{id}/calendars', summary: 'Versions of the business calendar that are to come', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('In the order of their numbers; of those that have begun the highest counts.', z.object({ items: z.array(calendarSchema) })), refusalSubject: subject,
    handler: async ({ params, caller }) => {
      await requireKnown(caller, params.id);
      return { status: 200, body: { items: await calendarsToCome(deps.store, params.id, deps.now()) } };
    },
  });
  return [add, current, toCome, version];
}

function shown(calendar: Calendar | undefined) {
  if (!calendar) throw new Failure('not_found', 'The organisation has no such calendar.');
  return { status: 200, body: calendar, headers: { ETag: `"${String(calendar.version)}"` } };
}

function holidaysOf(body: {
  holidays: Calendar['holidays']; publicHolidays?: { country: string; region?: string | undefined; fromYear: number; toYear: number } | undefined;
}): Pick<Calendar, 'holidays' | 'holidaySource' | 'holidayGaps'> {
  const { holidays, publicHolidays } = body;
  if (!publicHolidays) return { holidays: byDate(holidays), holidaySource: 'own' };
  const { country, region, fromYear, toYear } = publicHolidays;
  const frozen = freezeHolidays({ country, fromYear, toYear, ...(region !== undefined && { region }) });
  const taken = new Set(holidays.map(({ date }) => date));
  return {
    holidays: byDate([...holidays, ...frozen.holidays.filter(({ date }) => !taken.has(date))]),
    holidaySource: holidays.length > 0 ? `${frozen.source} and own` : frozen.source, ...(frozen.gaps.length > 0 && { holidayGaps: [...frozen.gaps] }),
  };
}

function byDate<Day extends { readonly date: string }>(days: readonly Day[]): Day[] {
  return days.toSorted((a, b) => a.date.localeCompare(b.date));
}
