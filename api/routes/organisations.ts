import { z } from 'zod';
import { organisationKindSchema } from '../../contracts/people';
import { isKnownZone } from '../../domain/time/zone';
import type { AnnouncedWhat } from '../../contracts/announcement';
import { Failure } from '../../contracts/failures';
import { changeRecord, createRecord, type By, type Changes } from '../../store/administration';
import { announce, TOLD_ROLES } from '../../store/announcements';
import type { Session } from '../../store/connection';
import { organisationKind } from '../../store/organisations';
import type { OrganisationDoc } from '../../store/schemas/people';
import {
  byOf, created, found, instanceSeat, isOf, knownTo, listAnswer, notFound, notPermitted, organisationSeat, recordAnswer, requireInstanceSeat, ruleBroken, shownOf,
} from '../administer';
import { noteUse, requireInsideSeat, type InsideSeat } from '../commands/insideSeat';
import { requireOwnOrganisationName } from '../commands/printedNames';
import { requireSession } from '../commands/signing';
import { requireHost } from '../commands/whoMakesWhom';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, pageOf, pageQuery, printedNameSchema, reasonBody, reasonSchema, revOf } from '../schemas';

const zone = z.string().max(64).refine(isKnownZone, 'not a zone of the tz database, such as Europe/Zurich');
const receiptAddress = z.email().max(254).nullable();
const organisationSchema = z.object({ ...administeredFields, name: z.string(), kind: organisationKindSchema, zone: z.string(), receiptAddress: z.string().nullable().optional(),
  receiptChange: z.object({ address: z.string().nullable(), askedBy: z.string(), askedAt: z.iso.datetime() }).nullable().optional().describe('Waits for a second person.') });
const tags = ['organisations'];
const subject = ({ id }: { id: string }) => `organisation/${id}`;

/** Organisations: made by the instance's administrators, changed by these or by their own. */
export function organisationRoutes(deps: ApiDeps): Route[] {
  /** Where an organisation's receipts go is its own matter. */
  const show = (caller: Caller) => (doc: OrganisationDoc) =>
    isOf(caller, doc._id) || instanceSeat(caller, deps.now()) ? shownOf(doc) : shownOf(doc, ['receiptAddress', 'receiptChange']);
  const requireSeat = async (caller: Caller, id: string): Promise<InsideSeat> => {
    const now = deps.now();
    if (instanceSeat(caller, now) ?? organisationSeat(caller, id, now)) return requireInsideSeat(deps, caller, { organisationId: id, act: 'change_organisation' });
    throw (await knownTo(deps, caller)).has(id) ? notPermitted() : notFound();
  };
  const organisationOf = async (id: string): Promise<OrganisationDoc> => {
    const doc = await deps.store.models.organisations.findById(id).lean<OrganisationDoc>();
    if (!doc) throw notFound();
    return doc;
  };
  const tell = ({ what, doc, by, addresses = [] }: { what: AnnouncedWhat; doc: OrganisationDoc; by: By; addresses?: readonly (string | null)[] }, session: Session): Promise<void> =>
    announce(deps.store, { what, about: `organisation/${doc._id}`, organisationIds: [doc._id], subject: doc.name, by, addresses: [...new Set(addresses.filter((one) => one !== null))] }, session);

  const create = defineRoute({
    method: 'post', path: '/api/v1/organisations', summary: 'Add an organisation', tags, access: 'signed_in', scope: 'administer',
    body: z.strictObject({ id: idSchema.optional(), name: printedNameSchema, kind: organisationKindSchema, zone, receiptAddress: receiptAddress.default(null) }),
    answers: created('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const seat = requireInstanceSeat(incoming.caller, deps.now());
      const { id, ...fields } = incoming.body;
      await requireOwnOrganisationName(deps, { name: fields.name, among: 'all' });
      const doc = await createRecord(deps.store, { kind: organisationKind, fields, by: byOf(deps, incoming, seat), ...(id !== undefined && { id }) });
      return recordAnswer(201, shownOf(doc), '/api/v1/organisations');
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/organisations', summary: 'Organisations that one works with', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, kind: organisationKindSchema.optional() }),
    answers: found('A page.', pageOf(organisationSchema)),
    handler: async ({ query, caller }) => {
      const visible = instanceSeat(caller, deps.now()) ? {} : { _id: { $in: [...(await knownTo(deps, caller))] } };
      return listAnswer(deps, organisationKind, { filter: { ...visible, ...(query.kind && { kind: query.kind }) }, query, show: show(caller) });
    },
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/organisations/{id}', summary: 'One organisation', tags, access: 'signed_in', scope: 'read',
    params: idParam, answers: found('The organisation.', organisationSchema), refusalSubject: subject,
    handler: async ({ params, caller }) => {
      const doc = await deps.store.models.organisations.findById(params.id).lean<OrganisationDoc>();
      if (!doc || !(instanceSeat(caller, deps.now()) || (await knownTo(deps, caller)).has(doc._id))) throw notFound();
      return recordAnswer(200, show(caller)(doc));
    },
  });

  const change = defineRoute({
    method: 'patch', path: '/api/v1/organisations/{id}', summary: 'Change an organisation; another address for its receipts waits for a second person', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ name: printedNameSchema.optional(), zone: zone.optional(), receiptAddress: receiptAddress.optional(), reason: reasonSchema }),
    answers: found('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const inside = await requireSeat(caller, params.id);
      const { reason, receiptAddress: address, ...rest } = body;
      const by = byOf(deps, incoming, inside.seat);
      const before = await organisationOf(params.id);
      if (rest.name !== undefined) await requireOwnOrganisationName(deps, { name: rest.name, organisationId: before._id, among: inside.seat.role === 'instance_admin' ? 'all' : 'known' });
      const moves = address !== undefined && address !== before.receiptAddress;
      // Where there are receipts already, whoever diverts them alone could hide what they did.
      const waits = moves && before.receiptAddress !== null;
      const changes = { ...rest, ...(waits && { receiptChange: { address, askedBy: caller.personId, askedAt: by.at } }), ...(moves && !waits && { receiptAddress: address }) } as Changes<OrganisationDoc>;
      const doc = await changeRecord(deps.store, {
        kind: organisationKind, id: before._id, rev: revOf(headers), changes, reason, by,
        also: async (session) => {
          await noteUse(deps, { ...inside, act: 'change_organisation', about: `organisation/${before._id}`, by }, session);
          if (moves) await tell({ what: waits ? 'receipts_asked' : 'receipts_changed', doc: before, by, addresses: [before.receiptAddress, address] }, session);
          if (inside.seat.role === 'instance_admin') await tell({ what: 'organisation_changed', doc: before, by }, session);
        },
      });
      return recordAnswer(200, shownOf(doc));
    },
  });

  const consent = defineRoute({
    method: 'post', path: '/api/v1/organisations/{id}/receipt-address/consent', summary: 'A second person of the organisation consents: receipts go to the other address', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject, answers: found('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      requireSession(caller);
      if (!isOf(caller, params.id)) throw notFound();
      const own = caller.memberships.find(({ organisationId, role }) => organisationId === params.id && TOLD_ROLES.includes(role));
      if (!own) throw notPermitted();
      const by = byOf(deps, incoming, { role: own.role, organisationId: own.organisationId });
      const before = await organisationOf(params.id);
      const asked = before.receiptChange;
      if (!asked) throw new Failure('wrong_state', 'Nobody asked for another address.', { rev: before.rev });
      if (asked.askedBy === caller.personId) throw new Failure('separation_of_duties', 'A second person consents.');
      await requireHost(deps, { actorId: caller.personId, personId: asked.askedBy });
      const doc = await changeRecord(deps.store, {
        kind: organisationKind, id: before._id, rev: revOf(headers), changes: { receiptAddress: asked.address, receiptChange: null }, reason: body.reason, by,
        also: (session) => tell({ what: 'receipts_changed', doc: before, by, addresses: [before.receiptAddress, asked.address] }, session),
      });
      return recordAnswer(200, shownOf(doc));
    },
  });

  const deactivate = defineRoute({
    method: 'post', path: '/api/v1/organisations/{id}/deactivate', summary: 'End an organisation; nothing is deleted', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject,
    answers: found('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = requireInstanceSeat(caller, deps.now());
      if (await deps.store.models.people.exists({ organisationId: params.id, active: true })) throw ruleBroken('The organisation has active people; deactivate these first.');
      const doc = await changeRecord(deps.store, { kind: organisationKind, id: params.id, rev: revOf(headers), changes: { active: false }, reason: body.reason, by: byOf(deps, incoming, seat) });
      return recordAnswer(200, shownOf(doc));
    },
  });
  return [create, list, read, change, deactivate, consent];
}
