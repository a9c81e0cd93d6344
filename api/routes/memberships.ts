import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import { ADMINISTRATIVE_ROLES, roleSchema, type Role } from '../../contracts/people';
import { instantSchema } from '../../contracts/instantSchema';
import type { AnnouncedWhat } from '../../contracts/announcement';
import { isWeighty } from '../../domain/access/independence';
import { isSettled, signsFrom } from '../../domain/access/window';
import { changeRecord, createRecord, type By, type Changes } from '../../store/administration';
import { announce } from '../../store/announcements';
import type { Session } from '../../store/connection';
import { givingOnce, membershipKind } from '../../store/memberships';
import { peopleByIds } from '../../store/people';
import type { MembershipDoc } from '../../store/schemas/people';
import { studyById } from '../../store/studies';
import {
  byOf, created, found, instanceSeat, isOf, listAnswer, notFound, notPermitted, organisationSeat, recordAnswer, requireOrganisationSeat, requireStartAhead, ruleBroken, shownOf, type Seat,
} from '../administer';
import { noteUse, requireInsideSeat, type InsideSeat } from '../commands/insideSeat';
import { requireSession } from '../commands/signing';
import { requireConsenter, requireGiver } from '../commands/whoMakesWhom';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';

const systemIds = z.array(idSchema).max(200);
const membershipSchema = z.object({
  ...administeredFields, personId: z.string(), organisationId: z.string(), role: roleSchema, studyId: z.string().nullable(), systemIds: z.array(z.string()), from: z.string(), until: z.string().nullable(),
  signsFrom: z.string().optional().describe('Nobody signs by it before; absent: from the first.'), givenBy: z.string().optional(),
  bootstrap: z.boolean().optional().describe('The first administrator of the organisation, begun by the instance\'s.'),
});
const tags = ['memberships'];
const subject = ({ id }: { id: string }) => `membership/${id}`;

/** Memberships: person × organisation × study × role, from–to. */
export function membershipRoutes(deps: ApiDeps): Route[] {
  /** Content roles are the organisation's own; the instance's administrators give administrative ones, inside an organisation with its consent. */
  const seatFor = async (caller: Caller, organisationId: string, role: Role): Promise<InsideSeat> => {
    const now = deps.now();
    const instance = instanceSeat(caller, now);
    if (role === 'organisation_admin') return requireInsideSeat(deps, caller, { organisationId, act: 'give_role' });
    const seat = role === 'instance_admin' ? instance : organisationSeat(caller, organisationId, now);
    if (seat) return { seat, isBootstrap: false, consent: undefined };
    throw isOf(caller, organisationId) || instance ? notPermitted() : notFound();
  };
  /** What was given is told at once; use of a consent is said on it. */
  const tell = async ({ what, doc, inside, by }: { what: AnnouncedWhat; doc: MembershipDoc; inside: InsideSeat; by: By }, session: Session): Promise<void> => {
    const about = `membership/${doc._id}`;
    await noteUse(deps, { ...inside, act: 'give_role', about, by }, session);
    const [person] = await peopleByIds(deps.store, [doc.personId], session);
    await announce(deps.store, { what, about, organisationIds: [doc.organisationId], studyId: doc.studyId, subject: person?.name ?? doc.personId, role: doc.role, until: doc.signsFrom, by }, session);
  };
  /** An organisation's first administrator is begun by one person of the instance: marked as such for ever, and verifies nobody until somebody independent has verified them. */
  const requireIndependentGiver = async (caller: Caller, { personId, role }: Pick<MembershipDoc, 'personId' | 'role'>, inside: InsideSeat): Promise<void> => {
    if (isWeighty(role) && !(inside.isBootstrap && role === 'organisation_admin')) await requireGiver(deps, { actorId: caller.personId, personId });
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
    if (ADMINISTRATIVE_ROLES.includes(fields.role) && fields.studyId !== null) throw ruleBroken('Administrative roles are not bound to a study.');
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
      personId: idSchema, organisationId: idSchema, role: roleSchema, studyId: idSchema.nullable().default(null),
      systemIds: systemIds.default([]), from: instantSchema.optional(), until: instantSchema.nullable().default(null),
    }),
    answers: created('The membership.', membershipSchema),
    handler: async (incoming) => {
      const { caller, body } = incoming;
      const inside = await seatFor(caller, body.organisationId, body.role);
      requireOther(caller, body.personId);
      const { from, until, ...rest } = body;
      const by = byOf(deps, incoming, inside.seat);
      const fields = {
        ...rest, from: instantFrom(from) ?? by.at, until: instantFrom(until) ?? null, givenBy: caller.personId, signsFrom: signsFrom(by.at),
        ...(inside.isBootstrap && { bootstrap: true }),
      };
      requireStartAhead(fields.from, by.at);
      await requireRules(fields);
      await requireIndependentGiver(caller, fields, inside);
      const what = ADMINISTRATIVE_ROLES.includes(body.role) ? 'administrator' : 'role';
      const doc = await givingOnce(deps.store, { held: fields, at: by.at }, async (session) => {
        const made = await createRecord(deps.store, { kind: membershipKind, fields, by, session });
        await tell({ what, doc: made, inside, by }, session);
        return made;
      });
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
      const inside = await seatFor(caller, before.organisationId, before.role);
      requireOther(caller, before.personId);
      if (!before.active) throw new Failure('wrong_state', 'The membership has ended.', { rev: before.rev });
      const changes: Changes<MembershipDoc> = {
        ...(body.until !== undefined && { until: instantFrom(body.until) ?? null }), ...(body.systemIds && { systemIds: body.systemIds }),
      };
      await requireRules({ ...before, ...changes });
      const by = byOf(deps, incoming, inside.seat);
      const gives = givesMore(before, changes);
      if (gives) await requireIndependentGiver(caller, before, inside);
      // What had ended and counts again is given anew.
      const anew = gives && before.until !== null && before.until <= by.at ? { givenBy: caller.personId, signsFrom: signsFrom(by.at) } : {};
      const doc = await givingOnce(deps.store, { held: { ...before, ...changes }, at: by.at, except: before._id }, (session) => changeRecord(deps.store, {
        kind: membershipKind, id: before._id, rev: revOf(headers), changes: { ...changes, ...anew }, reason: body.reason, by, session,
        also: (own) => tell({ what: gives ? 'role' : 'role_ended', doc: { ...before, ...changes, ...anew }, inside, by }, own),
      }));
      await passOn(doc, { reason: body.reason, seat: inside.seat, incoming });
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
      const inside = await seatFor(caller, before.organisationId, before.role);
      const by = byOf(deps, incoming, inside.seat);
      requireOther(caller, before.personId);
      const ends = before.until !== null && before.until <= by.at ? {} : { until: by.at };
      const doc = await changeRecord(deps.store, { kind: membershipKind, id: before._id, rev: revOf(headers), changes: { active: false, ...ends }, reason: body.reason, by, also: (session) => tell({ what: 'role_ended', doc: before, inside, by }, session) });
      await passOn(doc, { reason: body.reason, seat: inside.seat, incoming });
      return recordAnswer(200, shownOf(doc));
    },
  });
  const consent = defineRoute({
    method: 'post', path: '/api/v1/memberships/{id}/consent', summary: 'A second administrator consents: its person may sign by it before the window is over', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject,
    answers: found('The membership.', membershipSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const before = await membershipOf(caller, params.id);
      requireSession(caller);
      const seat = requireOrganisationSeat(caller, before.organisationId, deps.now());
      const by = byOf(deps, incoming, seat);
      if (!before.active || before.givenBy === undefined || isSettled(before, by.at)) throw new Failure('wrong_state', 'There is nothing to consent to: the membership has ended, or counts already.', { rev: before.rev });
      await requireConsenter(deps, { actorId: caller.personId, personId: before.personId }, before.givenBy);
      const doc = await changeRecord(deps.store, {
        kind: membershipKind, id: before._id, rev: revOf(headers), changes: { signsFrom: by.at }, reason: body.reason, by,
        also: (session) => tell({ what: 'consented', doc: { ...before, signsFrom: by.at }, inside: { seat, isBootstrap: false, consent: undefined }, by }, session),
      });
      return recordAnswer(200, shownOf(doc));
    },
  });
  return [create, list, read, change, deactivate, consent];
}

/** Whether a change lets its person do more, or for longer, than before. */
function givesMore(before: MembershipDoc, { until, systemIds: systems }: Changes<MembershipDoc>): boolean {
  const isLonger = until !== undefined && before.until !== null && (until === null || until > before.until);
  return isLonger || (systems?.some((id) => !before.systemIds.includes(id)) ?? false);
}

/** Stored instants sort as text: all in UTC with milliseconds. */
function instantFrom(text: string | null | undefined): Instant | undefined {
  return text === null || text === undefined ? undefined : parseInstant(text);
}
