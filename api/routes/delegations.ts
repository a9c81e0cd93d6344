import { z } from 'zod';
import { parseInstant } from '../../contracts/instant';
import { instantSchema } from '../../contracts/instantSchema';
import { ownScope } from '../../domain/access/scope';
import { changeRecord, createRecord } from '../../store/administration';
import { delegationKind } from '../../store/delegations';
import { peopleByIds } from '../../store/people';
import { delegationCondition } from '../../store/ownScope';
import type { DelegationDoc } from '../../store/schemas/people';
import { byOf, created, found, isOf, listAnswer, notFound, notPermitted, organisationSeat, recordAnswer, requireStartAhead, ruleBroken, shownOf, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';

const delegationSchema = z.object({
  ...administeredFields, personId: z.string(), delegateId: z.string(), organisationId: z.string(), from: z.string(), until: z.string(), reason: z.string(),
});
const tags = ['delegations'];
const subject = ({ id }: { id: string }) => `delegation/${id}`;

/** Delegations: who stands in for whom, from–to; one's own, or by the organisation's administrator. */
export function delegationRoutes(deps: ApiDeps): Route[] {
  const seatFor = (caller: Caller, { personId, organisationId }: { personId: string; organisationId: string }): Seat => {
    const own = caller.personId === personId ? caller.memberships.find((membership) => membership.organisationId === organisationId) : undefined;
    const seat = own ? { role: own.role, organisationId } : organisationSeat(caller, organisationId, deps.now());
    if (!seat) throw notPermitted();
    return seat;
  };
  const ownDelegations = ({ memberships, personId }: Caller) => delegationCondition(deps.store, ownScope(memberships), personId);
  const delegationOf = async (caller: Caller, id: string): Promise<DelegationDoc> => {
    const doc = await deps.store.models.delegations.findOne({ $and: [{ _id: id }, await ownDelegations(caller)] } as never).lean<DelegationDoc>();
    if (!doc) throw notFound();
    return doc;
  };

  const create = defineRoute({
    method: 'post', path: '/api/v1/delegations', summary: 'Let somebody stand in', tags, access: 'signed_in', scope: 'act',
    body: z.strictObject({ personId: idSchema, delegateId: idSchema, from: instantSchema.optional(), until: instantSchema, reason: reasonSchema }),
    answers: created('The delegation.', delegationSchema),
    handler: async (incoming) => {
      const { caller, body } = incoming;
      const people = await peopleByIds(deps.store, [body.personId, body.delegateId]);
      const person = people.find(({ _id }) => _id === body.personId);
      const delegate = people.find(({ _id }) => _id === body.delegateId);
      if (!person || !isOf(caller, person.organisationId)) throw notFound();
      const seat = seatFor(caller, { personId: person._id, organisationId: person.organisationId });
      if (!person.active || !delegate?.active || delegate.organisationId !== person.organisationId || delegate._id === person._id) {
        throw ruleBroken('Another active person of the same organisation stands in.');
      }
      const now = deps.now();
      const [from, until] = [body.from === undefined ? now : parseInstant(body.from) ?? now, parseInstant(body.until) ?? now];
      requireStartAhead(from, now);
      if (until <= from || until <= now) throw ruleBroken('A delegation ends after it begins, and not in the past.');
      const fields = { personId: person._id, delegateId: delegate._id, organisationId: person.organisationId, from, until, reason: body.reason };
      const doc = await createRecord(deps.store, { kind: delegationKind, fields, by: byOf(deps, incoming, seat) });
      return recordAnswer(201, shownOf(doc), '/api/v1/delegations');
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/delegations', summary: 'Delegations of the own organisation', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, personId: idSchema.optional() }),
    answers: found('A page.', pageOf(delegationSchema)),
    handler: async ({ query, caller }) => {
      const filter = { $and: [await ownDelegations(caller)], ...(query.personId !== undefined && { personId: query.personId }) };
      return listAnswer(deps, delegationKind, { filter, query });
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/delegations/{id}', summary: 'One delegation', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The delegation.', delegationSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => recordAnswer(200, shownOf(await delegationOf(caller, params.id))),
  });

  const deactivate = defineRoute({
    method: 'post', path: '/api/v1/delegations/{id}/deactivate', summary: 'End a delegation now', tags, access: 'signed_in', scope: 'act',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject,
    answers: found('The delegation.', delegationSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const before = await delegationOf(caller, params.id);
      const by = byOf(deps, incoming, seatFor(caller, before));
      const doc = await changeRecord(deps.store, { kind: delegationKind, id: before._id, rev: revOf(headers), changes: { active: false }, reason: body.reason, by });
      return recordAnswer(200, shownOf(doc));
    },
  });
  return [create, list, read, deactivate];
}
