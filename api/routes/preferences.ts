import { z } from 'zod';
import { preferencesSchema } from '../../contracts/preferences';
import { isKnownZone } from '../../domain/time/zone';
import { preferencesOf, setPreferences } from '../../store/preferences';
import type { PreferencesDoc } from '../../store/schemas/channels';
import { byOf, found, notPermitted, ruleBroken } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { ifMatchHeader, revOf } from '../schemas';

const shownSchema = preferencesSchema.extend({ rev: z.int().describe('0: nothing was set yet.') });
const tags = ['preferences'];

/** How one wants to be told (E8). By which channel is agreed in the communication matrix. */
export function preferenceRoutes(deps: ApiDeps): Route[] {
  const read = defineRoute({
    method: 'get', path: '/api/v1/me/preferences', summary: 'One\'s own quiet hours and digest', tags, access: 'signed_in', scope: 'read',
    answers: found('null: none, notices come at once.', shownSchema),
    handler: async ({ caller }) => shown(await preferencesOf(deps.store, caller.personId)),
  });

  const put = defineRoute({
    method: 'put', path: '/api/v1/me/preferences', tags, access: 'signed_in', scope: 'act', headers: ifMatchHeader,
    summary: 'Set quiet hours and digest; critical notices come at once all the same, and deadlines never wait for either',
    body: preferencesSchema, answers: found('The preferences.', shownSchema),
    handler: async (incoming) => {
      const { body, caller, headers } = incoming;
      const [membership] = caller.memberships;
      if (!membership) throw notPermitted('No membership is in force.');
      const errors = faultsOf(body);
      if (errors.length > 0) throw ruleBroken('Quiet hours and digest are local times of a zone.', { errors });
      const by = byOf(deps, incoming, { role: membership.role, organisationId: membership.organisationId });
      return shown(await setPreferences(deps.store, { personId: caller.personId, preferences: body, rev: revOf(headers), by }));
    },
  });
  return [read, put];
}

function faultsOf({ quietHours, digest }: z.infer<typeof preferencesSchema>) {
  const zones = Object.entries({ 'quietHours.zone': quietHours?.zone, 'digest.zone': digest?.zone });
  return [
    ...zones.flatMap(([field, zone]) => (zone === undefined || isKnownZone(zone) ? [] : [{ field, message: 'not a zone of the tz database, such as Europe/Zurich' }])),
    ...(quietHours !== null && quietHours.from === quietHours.to ? [{ field: 'quietHours.to', message: 'quiet hours do not last the whole day' }] : []),
  ];
}

function shown(doc: PreferencesDoc | undefined) {
  const { rev = 0, quietHours = null, digest = null } = doc ?? {};
  return { status: 200, body: { rev, quietHours, digest }, headers: { ETag: `"${String(rev)}"` } };
}
