import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import { roleSchema, type Role } from '../../contracts/people';
import { instantSchema } from '../../contracts/instantSchema';
import { changeRecord, createRecord, type Changes } from '../../store/administration';
import { membershipKind } from '../../store/memberships';
import { peopleByIds } from '../../store/people';
import type { MembershipDoc } from '../../store/schemas/people';
import { studyById } from '../../store/studies';
import {
  byOf, created, found, instanceSeat, isOf, listAnswer, notFound, notPermitted, organisationSeat, recordAnswer, ruleBroken, shownOf, type Seat,
} from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';

/** Roles without content rights: the only ones that the instance's administrators give. */
const ADMINISTRATIVE: readonly Role[] = ['organisation_admin', 'instance_admin'];

const systemIds = z.array(idSchema).max(200);
const membershipSchema = z.object({
  ...administeredFields, personId: z.string(), organisationId: z.string(), role: roleSchema, studyId: z.string().nullable(), systemIds: z.array(z.string()), from: z.string(), until: z.string().nullable(),
});
const tags = ['memberships'];
const subject = ({ id }: { id: string }) => `membership/${id}`;

/** Memberships: person × organisation × study × role, from–to. */
export function membershipRoutes(deps: ApiDeps): Route[] {
  const seatFor = (caller: Caller, organisationId: string, role: Role): Seat => {
    const now = deps.now();
    const instance = ADMINISTRATIVE.includes(role) ? instanceSeat(caller, now) : undefined;
    const seat = instance ?? (role === 'instance_admin' ? undefined : organisationSeat(caller, organisationId, now));
    if (seat) return seat;
    throw isOf(caller, organisationId) || instanceSeat(caller, now) ? notPermitted() : notFound();
  };
  const requireOther = (caller: Caller, personId: string): void => {
    if (caller.personId === personId) throw new Failure('separation_of_duties', 'Nobody gives or changes their own memberships.');
  };
  /** One's own, and those of the organisations where one has a seat: a seat that is bound to a study shows who works on that study. */
  const visibleTo = (caller: Caller): object => {
    if (instanceSeat(caller, deps.now())) return {};
    const seats = caller.memberships.map(({ organisationId, studyId }) => ({ organisationId, ...(studyId !== null && { studyId: { $in: [null, studyId] } }) }));
    return { $or: [{ personId: caller.personId }, ...seats] };
  };
  const membershipOf = async (caller: Caller, id: string): Promise<MembershipDoc> => {
    const doc = await deps.store.models.memberships.findOne({ $and: [{ _id: id }, visibleTo(caller)] }).lean<MembershipDoc>();
    if (!doc) throw notFound();
    return doc;
  };
  const requireRules = async (fields: Pick<MembershipDoc, 'personId' | 'organisationId' | 'role' | 'studyId' | 'systemIds' | 'from' | 'until'>): Promise<void> => {
    const [person] = await peopleByIds(deps.store, [fields.personId]);
    if (!person?.active || person.organisationId !== fields.organisationId) throw ruleBroken('A membership is for an active person of the organisation.');
    if (fields.studyId !== null) {
      const study = await studyById(deps.store, fields.studyId);
      if (!study?.active || !study.organisationIds.includes(fields.organisationId)) throw ruleBroken('The organisation does not work on this study.');
    }
    if (fields.role === 'inspector' && fields.studyId === null) throw ruleBroken('An inspector reads one study; name it.');
    if (fields.role === 'system_owner' && fields.systemIds.length === 0) throw ruleBroken('A system owner owns at least one system; name it.');
    if (ADMINISTRATIVE.includes(fields.role) && fields.studyId !== null) throw ruleBroken('Administrative roles are not bound to a study.');
    if (fields.until !== null && fields.until <= fields.from) throw ruleBroken('A membership ends after it begins.');
  };

  /** What the person may do no more goes to the deputy (P11); repeating the request passes on what a crash left. */
  const passOn = async ({ personId }: MembershipDoc, { reason, seat, incoming }: { reason: string; seat: Seat; incoming: { caller: Caller; correlationId: string } }): Promise<void> => {
    const { caller, correlationId } = incoming;
    await deps.reassignDuties({ personId, reason, by: { kind: 'person', personId: caller.personId, ...seat, correlationId } });
  };

  const create = defineRoute({
    method: 'post', path: '/api/v1/memberships', summary: 'Give a person a role', tags, access: 'signed_in', scope: 'administer',
    body: z.strictObject({
      id: idSchema.optional(), personId: idSchema, organisationId: idSchema, role: roleSchema, studyId: idSchema.nullable().default(null),
      systemIds: systemIds.default([]), from: instantSchema.optional(), until: instantSchema.nullable().default(null),
    }),
    answers: created('The membership.', membershipSchema),
    handler: async (incoming) => {
      const { caller, body } = incoming;
      const seat = seatFor(caller, body.organisationId, body.role);
      requireOther(caller, body.personId);
      const { id, from, until, ...rest } = body;
      const fields = { ...rest, from: instantFrom(from) ?? deps.now(), until: instantFrom(until) ?? null };
      await requireRules(fields);
      const doc = await createRecord(deps.store, { kind: membershipKind, fields, by: byOf(deps, incoming, seat), ...(id !== undefined && { id }) });
      return recordAnswer(201, shownOf(doc), '/api/v1/memberships');
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/memberships', summary: 'Memberships of the own organisation', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, organisationId: idSchema.optional(), personId: idSchema.optional(), studyId: idSchema.optional(), role: roleSchema.optional() }),
    answers: found('A page.', pageOf(membershipSchema)),
    handler: async ({ query, caller }) => {
      const { limit, cursor, ...asked } = query;
      const filter = { $and: [visibleTo(caller), Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))] };
      return listAnswer(deps, membershipKind, { filter, query: { limit, cursor } });
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/memberships/{id}', summary: 'One membership', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The membership.', membershipSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => recordAnswer(200, shownOf(await membershipOf(caller, params.id))),
  });

  const change = defineRoute({
    method: 'patch', path: '/api/v1/memberships/{id}', summary: 'Change the end or the systems of a membership; duties that the person may do no more go to the deputy', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    // Another role or study is another membership: what somebody was must stay readable.
    body: z.strictObject({ until: instantSchema.nullable().optional(), systemIds: systemIds.optional(), reason: reasonSchema }),
    answers: found('The membership.', membershipSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const before = await membershipOf(caller, params.id);
      const seat = seatFor(caller, before.organisationId, before.role);
      requireOther(caller, before.personId);
      if (!before.active) throw new Failure('wrong_state', 'The membership has ended.', { rev: before.rev });
      const changes: Changes<MembershipDoc> = {
        ...(body.until !== undefined && { until: instantFrom(body.until) ?? null }), ...(body.systemIds && { systemIds: body.systemIds }),
      };
      await requireRules({ ...before, ...changes });
      const doc = await changeRecord(deps.store, { kind: membershipKind, id: before._id, rev: revOf(headers), changes, reason: body.reason, by: byOf(deps, incoming, seat) });
      await passOn(doc, { reason: body.reason, seat, incoming });
      return recordAnswer(200, shownOf(doc));
    },
  });

  const deactivate = defineRoute({
    method: 'post', path: '/api/v1/memberships/{id}/deactivate', summary: 'End a membership now; duties that the person may do no more go to the deputy', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject,
    answers: found('The membership.', membershipSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const before = await membershipOf(caller, params.id);
      const seat = seatFor(caller, before.organisationId, before.role);
      const by = byOf(deps, incoming, seat);
      requireOther(caller, before.personId);
      const ends = before.until !== null && before.until <= by.at ? {} : { until: by.at };
      const doc = await changeRecord(deps.store, { kind: membershipKind, id: before._id, rev: revOf(headers), changes: { active: false, ...ends }, reason: body.reason, by });
      await passOn(doc, { reason: body.reason, seat, incoming });
      return recordAnswer(200, shownOf(doc));
    },
  });
  return [create, list, read, change, deactivate];
}

/** Stored instants sort as text: all in UTC with milliseconds. */
function instantFrom(text: string | null | undefined): Instant | undefined {
  return text === null || text === undefined ? undefined : parseInstant(text);
}
