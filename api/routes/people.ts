import { z } from 'zod';
import { Failure, FAILURES } from '../../contracts/failures';
import { ownScope } from '../../domain/access/scope';
import { countProbe, requireFewProbes } from '../../store/addressProbes';
import type { AnnouncedWhat } from '../../contracts/announcement';
import type { By } from '../../store/administration';
import { announce } from '../../store/announcements';
import type { Session } from '../../store/connection';
import { loginLimits } from '../../store/limits';
import { organisationsByIds } from '../../store/organisations';
import { addPerson, canonicalEmail, changePassword, deactivatePerson, personKind, renamePerson } from '../../store/people';
import { peopleCondition } from '../../store/ownScope';
import type { PersonDoc } from '../../store/schemas/people';
import {
  byOf, created, found, instanceSeat, listAnswer, notFound, notPermitted, organisationSeat, recordAnswer, requireOrganisationSeat, ruleBroken, shownOf, type Seat,
} from '../administer';
import { requireAccountSeat } from '../commands/accountSeat';
import { noteUse, requireInsideSeat } from '../commands/insideSeat';
import { requireOwnName } from '../commands/printedNames';
import type { ApiDeps, Caller } from '../deps';
import { requireGoodPassword } from '../commands/chosenPassword';
import { ownSeat } from '../ownSeat';
import { hashPassword, passwordSchema, verifyPassword } from '../../platform/passwords';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, pageOf, pageQuery, printedNameSchema, reasonBody, reasonSchema, revOf } from '../schemas';

const email = z.email().max(254).transform(canonicalEmail);
const personSchema = z.object({ ...administeredFields, email: z.string(), name: z.string(), organisationId: z.string() });
const shown = (doc: PersonDoc) => shownOf(doc, personKind.secret);
const tags = ['people'];
const subject = ({ id }: { id: string }) => `person/${id}`;

/** People: administered by their organisation; ids and addresses are never given twice (P8). */
export function personRoutes(deps: ApiDeps): Route[] {
  /** Of one's organisations; by a seat that is bound to a study, who serves that study. */
  const ownPeople = async (caller: Caller) => (instanceSeat(caller, deps.now()) ? {} : peopleCondition(deps.store, ownScope(caller.memberships), caller.personId));
  const personOf = async (caller: Caller, id: string): Promise<PersonDoc> => {
    const [person] = await deps.store.models.people.find({ $and: [{ _id: id }, await ownPeople(caller)] } as never).limit(1).lean<PersonDoc[]>();
    if (!person) throw notFound();
    return person;
  };
  const limits = loginLimits(deps.store);
  /** A stolen session must not serve to guess the password. */
  const requireUnlocked = async (person: PersonDoc, address = 'unknown'): Promise<void> => {
    const locked = await limits.attempt({ email: person.email, address });
    if (locked) throw new Failure('locked_out', FAILURES.locked_out.meaning, { retryAfterSeconds: locked.lockedForSeconds });
  };
  /** Whoever's account it is hears what others do to it, with those who answer for the organisation. */
  const tell = ({ what, person, subject: whom = person.name, by }: { what: AnnouncedWhat; person: PersonDoc; subject?: string; by: By }) => (session: Session): Promise<void> =>
    announce(deps.store, { what, about: `person/${person._id}`, organisationIds: [person.organisationId], subject: whom, person, by }, session);
  const adminSeat = (caller: Caller, organisationId: string): Seat => requireOrganisationSeat(caller, organisationId, deps.now());

  const create = defineRoute({
    method: 'post', path: '/api/v1/people', summary: 'Add a person with a first password, which only serves to set one of their own at the first sign-in', tags, access: 'signed_in', scope: 'administer',
    body: z.strictObject({ id: idSchema.optional(), email, name: printedNameSchema, organisationId: idSchema, password: passwordSchema }),
    answers: created('The person.', personSchema),
    handler: async (incoming) => {
      const { caller, body } = incoming;
      // An organisation's first administrator is made by the instance's.
      const inside = await requireInsideSeat(deps, caller, { organisationId: body.organisationId, act: 'add_person' });
      const [organisation] = await organisationsByIds(deps.store, [body.organisationId]);
      if (!organisation?.active) throw ruleBroken('A person belongs to an active organisation.');
      const { id, password, ...fields } = body;
      requireGoodPassword(password, fields, 'password');
      const probe = { personId: caller.personId, at: deps.now() };
      await requireFewProbes(deps.store, probe);
      const by = byOf(deps, incoming, inside.seat);
      const doc = await addPerson(deps.store, {
        fields: { ...fields, passwordHash: await hashPassword(password) }, givenBy: caller.personId, by, ...(id !== undefined && { id }),
        also: async (session, { _id, name, organisationId }) => {
          const about = `person/${_id}`;
          await requireOwnName(deps, { name, organisationId, personId: _id }, session);
          // Whom it makes is to make the others: two of the same making would be nobody's check on one another.
          if (inside.isBootstrap && (await deps.store.models.people.exists({ organisationId, active: true, _id: { $ne: _id } }).session(session))) throw notPermitted('The organisation has somebody already: give that person the role of its administrator, who adds the others.');
          await noteUse(deps, { ...inside, act: 'add_person', about, by }, session);
          if (inside.seat.role === 'instance_admin') await announce(deps.store, { what: 'person_added', about, organisationIds: [organisationId], subject: name, by }, session);
        },
      }).catch(async (error: unknown) => {
        // The same words for whoever has it, here or elsewhere, and whether address or id; and few of them.
        if (!(error instanceof Failure) || error.type !== 'exists') throw error;
        await countProbe(deps.store, probe);
        throw new Failure('exists', 'There is a person with this address or id; both are given once and never again.');
      });
      return recordAnswer(201, shown(doc), '/api/v1/people');
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/people', summary: 'People of the own organisation', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, organisationId: idSchema.optional(), active: z.enum(['true', 'false']).optional(), email: z.string().max(254).optional() }),
    answers: found('A page.', pageOf(personSchema)),
    handler: async ({ query, caller }) => {
      const visible = await ownPeople(caller);
      const filter = {
        $and: [visible, {
          ...(query.organisationId !== undefined && { organisationId: query.organisationId }),
          ...(query.active !== undefined && { active: query.active === 'true' }),
          ...(query.email !== undefined && { email: canonicalEmail(query.email) }),
        }],
      };
      return listAnswer(deps, personKind, { filter, query });
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/people/{id}', summary: 'One person', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The person.', personSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => recordAnswer(200, shown(await personOf(caller, params.id))),
  });

  const change = defineRoute({
    method: 'patch', path: '/api/v1/people/{id}', summary: 'Change somebody else\'s printed name; their identity is to be verified again', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    // The address stays: changing it would free the old one for somebody else.
    body: z.strictObject({ name: printedNameSchema.optional(), reason: reasonSchema }),
    answers: found('The person.', personSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const person = await personOf(caller, params.id);
      const seat = adminSeat(caller, person.organisationId);
      // What somebody signs as is not theirs alone to say.
      if (person._id === caller.personId) throw new Failure('separation_of_duties', 'Nobody renames themselves: another administrator does.');
      const { reason, name = person.name } = body;
      const by = byOf(deps, incoming, seat);
      const doc = await renamePerson(deps.store, { id: person._id, rev: revOf(headers), name, reason, by, also: async (session) => {
        await requireOwnName(deps, { name, organisationId: person.organisationId, personId: person._id }, session);
        await tell({ what: 'renamed', person, subject: `${name} (until now ${person.name})`, by })(session);
      } });
      return recordAnswer(200, shown(doc));
    },
  });

  const password = defineRoute({
    method: 'put', path: '/api/v1/people/{id}/password', summary: 'Set a new password; everything signed in with the old one ends. One that an administrator gives only serves to set one of one\'s own, and unsettles the account until somebody verifies the person again', tags, access: 'signed_in', scope: 'administer',
    params: idParam, refusalSubject: subject,
    body: z.strictObject({ currentPassword: z.string().min(1).max(200).optional(), newPassword: passwordSchema, reason: reasonSchema }),
    answers: { 204: { description: 'The password is changed.' } },
    handler: async (incoming) => {
      const { params, body, caller } = incoming;
      const person = await personOf(caller, params.id);
      const own = person._id === caller.personId;
      if (own) await requireUnlocked(person, incoming.req.ip);
      if (own && !(body.currentPassword !== undefined && (await verifyPassword(person.passwordHash, body.currentPassword)))) {
        throw new Failure('bad_credentials', FAILURES.bad_credentials.meaning);
      }
      const seat = own ? ownSeat(caller) : await requireAccountSeat(deps, caller, person);
      requireGoodPassword(body.newPassword, person, 'newPassword');
      const by = byOf(deps, incoming, seat);
      const changed = { id: person._id, passwordHash: await hashPassword(body.newPassword), reason: body.reason, by };
      await changePassword(deps.store, own ? { ...changed, givenBy: null } : { ...changed, givenBy: caller.personId, also: tell({ what: 'password_given', person, by }) });
      if (own) await limits.forgive({ email: person.email, address: incoming.req.ip ?? 'unknown' });
      return { status: 204 };
    },
  });

  const deactivate = defineRoute({
    method: 'post', path: '/api/v1/people/{id}/deactivate', summary: 'A person leaves: sessions end at once, open duties go to the deputy', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject,
    answers: found('The person, and on how many records duties were passed on.', personSchema.extend({ relieved: z.int() })),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const person = await personOf(caller, params.id);
      const seat = organisationSeat(caller, person.organisationId, deps.now());
      if (!seat) throw notPermitted();
      if (person._id === caller.personId) throw new Failure('separation_of_duties', 'Nobody deactivates themselves.');
      const by = byOf(deps, incoming, seat);
      const doc = await deactivatePerson(deps.store, { id: person._id, rev: revOf(headers), reason: body.reason, by, also: tell({ what: 'deactivated', person, by }) });
      // After the person has gone, so that no duty can be taken on meanwhile; repeating the request passes on what a crash left.
      const relieved = await deps.reassignDuties({
        personId: person._id, reason: body.reason, by: { kind: 'person', personId: caller.personId, ...seat, correlationId: incoming.correlationId },
      });
      return recordAnswer(200, { ...shown(doc), relieved });
    },
  });
  return [create, list, read, change, password, deactivate];
}
