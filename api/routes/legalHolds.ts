import { z } from 'zod';
import { accessRecordOf, maySteer } from '../../domain/access/ability';
import { ownScope } from '../../domain/access/scope';
import { legalHoldKind, releaseHold, setHold, type HoldScope } from '../../store/legalHolds';
import type { LegalHoldDoc } from '../../store/schemas/evidence';
import { holdCondition } from '../../store/ownScope';
import { studyById } from '../../store/studies';
import { bindingSeats, created, found, isOf, listAnswer, notFound, notPermitted, recordAnswer, shownOf, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { invalid } from '../problem';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, pageOf, pageQuery, reasonBody, reasonSchema } from '../schemas';
import { wholeRecord } from '../views/readers';
import { actorOf } from './evidenceAccess';

const idText = z.string().min(1).max(64);
const person = z.object({ personId: z.string(), name: z.string(), role: z.string(), organisationId: z.string() });
const holdSchema = z.object({
  ...administeredFields, organisationId: z.string(), recordId: z.string().nullable(), studyId: z.string().nullable(), reason: z.string(), setBy: person,
  released: z.object({ by: person, at: z.iso.datetime(), reason: z.string() }).nullable(),
}).meta({ id: 'LegalHold' });
const tags = ['legal holds'];
const path = '/api/v1/legal-holds';
const refusalSubject = ({ id }: { id: string }) => `legal-hold/${id}`;

/** Legal holds (P17): a quality head keeps what belongs to a record or a study, whatever its retention. */
export function legalHoldRoutes(deps: ApiDeps): Route[] {
  const requireSeat = (caller: Caller, organisationIds: readonly string[], studyId: string | null): Seat => {
    const seat = maySteer({ memberships: caller.memberships, act: 'hold-records', organisationIds, now: deps.now(), studyId });
    if (!seat) throw notPermitted();
    return seat;
  };
  const seatFor = async (caller: Caller, scope: HoldScope): Promise<Seat> => {
    if (scope.recordId !== null) {
      const { raisingOrganisationId, accountableOrganisationId, studyId } = accessRecordOf((await wholeRecord(deps, { recordId: scope.recordId, caller })).record);
      return requireSeat(caller, [raisingOrganisationId, accountableOrganisationId], studyId);
    }
    const study = await studyById(deps.store, scope.studyId);
    if (!study?.organisationIds.some((id) => isOf(caller, id))) throw notFound();
    return requireSeat(caller, study.organisationIds, study._id);
  };
  const holdOf = async (caller: Caller, id: string): Promise<LegalHoldDoc> => {
    const hold = await deps.store.models.legalHolds.findOne({ $and: [{ _id: id }, await holdCondition(deps.store, ownScope(caller.memberships))] } as never).lean<LegalHoldDoc>();
    if (!hold) throw notFound();
    return hold;
  };

  const set = defineRoute({
    method: 'post', path, summary: 'Hold everything of a record, or of a study', tags, access: 'signed_in', scope: 'administer',
    body: z.strictObject({ recordId: idText.optional(), studyId: idText.optional(), reason: reasonSchema }), answers: created('The hold.', holdSchema),
    handler: async (incoming) => {
      const { recordId, studyId, reason } = incoming.body;
      const scope = scopeOf(recordId, studyId);
      const { person: setBy, by } = actorOf(deps, incoming, await seatFor(incoming.caller, scope));
      return recordAnswer(201, shownOf(await setHold(deps.store, { scope, reason, person: setBy, by })), path);
    },
  });

  const list = defineRoute({
    method: 'get', path, summary: 'Legal holds that the own organisations set; by a seat that is bound to a study, those of that study', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, recordId: idText.optional(), studyId: idText.optional(), active: z.enum(['true', 'false']).optional() }), answers: found('A page.', pageOf(holdSchema)),
    handler: async ({ query, caller }) => {
      const { recordId, studyId, active } = query;
      const filter = {
        $and: [await holdCondition(deps.store, ownScope(caller.memberships))],
        ...(recordId !== undefined && { recordId }), ...(studyId !== undefined && { studyId }), ...(active !== undefined && { active: active === 'true' }),
      };
      return listAnswer(deps, legalHoldKind, { filter, query });
    },
  });

  const read = defineRoute({
    method: 'get', path: `${path}/{id}`, summary: 'One legal hold', tags, access: 'signed_in', scope: 'read', params: idParam, refusalSubject, answers: found('The hold.', holdSchema),
    handler: async ({ params, caller }) => recordAnswer(200, shownOf(await holdOf(caller, params.id))),
  });

  const release = defineRoute({
    method: 'post', path: `${path}/{id}/release`, summary: 'Release a hold, with the reason', tags, access: 'signed_in', scope: 'administer', params: idParam, refusalSubject, body: reasonBody, answers: found('The hold.', holdSchema),
    handler: async (incoming) => {
      const hold = await holdOf(incoming.caller, incoming.params.id);
      const seat = maySteer({ memberships: bindingSeats(incoming.caller, deps.now()), act: 'hold-records', organisationIds: [hold.organisationId], now: deps.now(), ...(hold.studyId !== null && { studyId: hold.studyId }) });
      if (!seat) throw notPermitted();
      const { person: releasedBy, by } = actorOf(deps, incoming, seat);
      return recordAnswer(200, shownOf(await releaseHold(deps.store, { hold, reason: incoming.body.reason, person: releasedBy, by })));
    },
  });
  return [set, list, read, release];
}

function scopeOf(recordId: string | undefined, studyId: string | undefined): HoldScope {
  if (recordId !== undefined && studyId === undefined) return { recordId, studyId: null };
  if (recordId === undefined && studyId !== undefined) return { recordId: null, studyId };
  throw invalid([{ field: 'recordId', message: 'either a record or a study' }]);
}
