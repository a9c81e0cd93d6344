import { z } from 'zod';
import { calendarSchema, weekSchema, type Calendar } from '../../contracts/calendar';
import { Failure } from '../../contracts/failures';
import { checkCalendar } from '../../domain/time/calendarRules';
import { freezeHolidays } from '../../platform/holidays';
import { addCalendar, calendarById, calendarInForce } from '../../store/calendars';
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
      publicHolidays: z.strictObject({ country: z.string().regex(/^[A-Z]{2}$/, 'ISO 3166-1, e.g. CH'), region: z.string().min(1).max(20).optional(), fromYear: year, toYear: year }).optional(),
      reason: reasonSchema,
    }),
    answers: created('The version that counts from now on; armed deadlines stay as they are.', calendarSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireOrganisationSeat(caller, params.id, deps.now());
      const replaced = revOf(headers) ?? (await calendarInForce(deps.store, params.id))?.version ?? 0;
      const calendar: Calendar = { organisationId: params.id, version: replaced + 1, zone: body.zone, week: body.week, ...holidaysOf(body) };
      const errors = checkCalendar(calendar);
      if (errors.length > 0) throw ruleBroken('The calendar breaks a rule.', { errors });
      const stored = await addCalendar(deps.store, { calendar, reason: body.reason, by: byOf(deps, incoming, seat) });
      return { status: 201, body: stored, headers: { ETag: `"${String(stored.version)}"` } };
    },
  });

  const current = defineRoute({
    method: 'get', path: '/api/v1/organisations/{id}/calendar', summary: 'The business calendar in force', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The latest version; while there is none the default hours, as version 0.', calendarSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => {
      await requireKnown(caller, params.id);
      return shown(await calendarInForce(deps.store, params.id));
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
  return [add, current, version];
}

function shown(calendar: Calendar | undefined) {
  if (!calendar) throw new Failure('not_found', 'The organisation has no such calendar.');
  return { status: 200, body: calendar, headers: { ETag: `"${String(calendar.version)}"` } };
}

function holidaysOf(body: {
  holidays: Calendar['holidays']; publicHolidays?: { country: string; region?: string | undefined; fromYear: number; toYear: number } | undefined;
}): Pick<Calendar, 'holidays' | 'holidaySource'> {
  const { holidays, publicHolidays } = body;
  if (!publicHolidays) return { holidays: byDate(holidays), holidaySource: 'own' };
  const { country, region, fromYear, toYear } = publicHolidays;
  const frozen = freezeHolidays({ country, fromYear, toYear, ...(region !== undefined && { region }) });
  const taken = new Set(holidays.map(({ date }) => date));
  return {
    holidays: byDate([...holidays, ...frozen.holidays.filter(({ date }) => !taken.has(date))]),
    holidaySource: holidays.length > 0 ? `${frozen.source} and own` : frozen.source,
  };
}

function byDate(holidays: Calendar['holidays']): Calendar['holidays'] {
  return holidays.toSorted((a, b) => a.date.localeCompare(b.date));
}
