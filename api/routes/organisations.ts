import { z } from 'zod';
import { organisationKindSchema } from '../../contracts/people';
import { isKnownZone } from '../../domain/time/zone';
import type { AnnouncedWhat } from '../../contracts/announcement';
import { Failure } from '../../contracts/failures';
import { changeRecord, createRecord, type By, type Changes } from '../../store/administration';
import { announce, TOLD_ROLES } from '../../store/announcements';
import type { Session } from '../../store/connection';
import { knownOrganisationIds, organisationKind } from '../../store/organisations';
import type { OrganisationDoc } from '../../store/schemas/people';
import {
  bindingSeats, byOf, created, found, instanceSeat, isOf, knownTo, listAnswer, notFound, notPermitted, organisationSeat, recordAnswer, requireInstanceSeat, ruleBroken, shownOf, type Seat,
} from '../administer';
import { noteUse, requireInsideSeat, type InsideSeat } from '../commands/insideSeat';
import { requireOwnOrganisationName } from '../commands/printedNames';
import { requireSession } from '../commands/signing';
import { requireSecond } from '../commands/whoMakesWhom';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, pageOf, pageQuery, printedNameSchema, reasonBody, reasonSchema, revOf } from '../schemas';

const zone = z.string().max(64).refine(isKnownZone, 'not a zone of the tz database, such as Europe/Zurich');
const receiptAddress = z.email().max(254).nullable();
const organisationSchema = z.object({ ...administeredFields, name: z.string(), kind: organisationKindSchema, zone: z.string(), receiptAddress: z.string().nullable().optional(),
  receiptChange: z.object({ address: z.string().nullable(), askedBy: z.string(), askedAt: z.iso.datetime() }).nullable().optional().describe('Waits for a second person.'),
  nameChange: z.object({ name: z.string(), askedBy: z.string(), askedAt: z.iso.datetime() }).nullable().optional().describe('Waits for a second person.') });
const tags = ['organisations'];
const subject = ({ id }: { id: string }) => `organisation/${id}`;

/** What waits for a second person of the organisation. */
const ASKED_FOR = { receiptChange: 'address', nameChange: 'name' } as const;

/** Organisations: made by the instance's administrators, changed by these or by their own. */
export function organisationRoutes(deps: ApiDeps): Route[] {
  /** Where an organisation's receipts go is its own matter. */
  const show = (caller: Caller) => (doc: OrganisationDoc) =>
    isOf(caller, doc._id) || instanceSeat(caller, deps.now()) ? shownOf(doc) : shownOf(doc, ['receiptAddress', 'receiptChange', 'nameChange']);
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
  /** Signatures say it: those who work with the organisation hear of it, too. */
  const tellOfName = async ({ doc, name, by }: { doc: OrganisationDoc; name: string; by: By }, session: Session): Promise<void> =>
    announce(deps.store, { what: 'organisation_renamed', about: `organisation/${doc._id}`, organisationIds: [...(await knownOrganisationIds(deps.store, doc._id))], subject: `${name} (until now ${doc.name})`, by }, session);
  /** Who consents for the organisation: settled, for the whole of it, and independent of whoever asked. Throws Failure `not_permitted`, `separation_of_duties`, `identity_not_verified`, `signature_window`. */
  const requireSecondSeat = async (caller: Caller, { organisationId, askedBy }: { organisationId: string; askedBy: string | undefined }): Promise<Seat> => {
    const seat = bindingSeats(caller, deps.now()).find((one) => one.organisationId === organisationId && one.studyId === null && TOLD_ROLES.includes(one.role));
    if (!seat) throw notPermitted();
    if (askedBy !== undefined) await requireSecond(deps, { actorId: caller.personId, personId: askedBy });
    return { role: seat.role, organisationId };
  };
  /** A second person in their session, and what the first one asked for. Throws as requireSecondSeat does, and Failure `wrong_state` when nobody asked. */
  const secondPerson = async <Asked extends keyof typeof ASKED_FOR>(incoming: { readonly params: { readonly id: string }; readonly caller: Caller; readonly correlationId: string }, asked: Asked) => {
    const { params, caller } = incoming;
    requireSession(caller);
    if (!isOf(caller, params.id)) throw notFound();
    const before = await organisationOf(params.id);
    const pending = before[asked];
    const by = byOf(deps, incoming, await requireSecondSeat(caller, { organisationId: params.id, askedBy: pending?.askedBy }));
    if (!pending) throw new Failure('wrong_state', `Nobody asked for another ${ASKED_FOR[asked]}.`, { rev: before.rev });
    return { before, asked: pending, by };
  };

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
      const doc = await organisationOf(params.id);
      if (!instanceSeat(caller, deps.now()) && !(await knownTo(deps, caller)).has(doc._id)) throw notFound();
      return recordAnswer(200, show(caller)(doc));
    },
  });

  const change = defineRoute({
    method: 'patch', path: '/api/v1/organisations/{id}', summary: 'Change an organisation; another name, or another address for its receipts, waits for a second person', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ name: printedNameSchema.optional(), zone: zone.optional(), receiptAddress: receiptAddress.optional(), reason: reasonSchema }),
    answers: found('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const inside = await requireSeat(caller, params.id);
      const { reason, receiptAddress: address, name, ...rest } = body;
      const by = byOf(deps, incoming, inside.seat);
      const before = await organisationOf(params.id);
      const byInstance = inside.seat.role === 'instance_admin';
      const renames = name !== undefined && name !== before.name;
      if (renames) await requireOwnOrganisationName(deps, { name, organisationId: before._id, among: byInstance ? 'all' : 'known' });
      // An administrator of the instance acts with the consent of one of the organisation already, or begins it.
      const asksName = renames && !byInstance;
      const named = { ...(renames && byInstance && { name }), ...(asksName ? { nameChange: { name, askedBy: caller.personId, askedAt: by.at } } : name !== undefined && before.nameChange && { nameChange: null }) };
      const moves = address !== undefined && address !== before.receiptAddress;
      // Where there are receipts already, whoever diverts them alone could hide what they did.
      const waits = moves && before.receiptAddress !== null;
      const changes = { ...rest, ...named, ...(waits && { receiptChange: { address, askedBy: caller.personId, askedAt: by.at } }), ...(moves && !waits && { receiptAddress: address }) } as Changes<OrganisationDoc>;
      const doc = await changeRecord(deps.store, {
        kind: organisationKind, id: before._id, rev: revOf(headers), changes, reason, by,
        also: async (session) => {
          await noteUse(deps, { ...inside, act: 'change_organisation', about: `organisation/${before._id}`, by }, session);
          if (moves) await tell({ what: waits ? 'receipts_asked' : 'receipts_changed', doc: before, by, addresses: [before.receiptAddress, address] }, session);
          if (asksName) await announce(deps.store, { what: 'name_asked', about: `organisation/${before._id}`, organisationIds: [before._id], subject: `${before.name} (${name})`, by }, session);
          if (renames && byInstance) await tellOfName({ doc: before, name, by }, session);
          if (byInstance) await tell({ what: 'organisation_changed', doc: before, by }, session);
        },
      });
      return recordAnswer(200, shownOf(doc));
    },
  });

  const consent = defineRoute({
    method: 'post', path: '/api/v1/organisations/{id}/receipt-address/consent', summary: 'A second person of the organisation consents: receipts go to the other address', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject, answers: found('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const { body, headers } = incoming;
      const { before, asked, by } = await secondPerson(incoming, 'receiptChange');
      const doc = await changeRecord(deps.store, {
        kind: organisationKind, id: before._id, rev: revOf(headers), changes: { receiptAddress: asked.address, receiptChange: null }, reason: body.reason, by,
        also: (session) => tell({ what: 'receipts_changed', doc: before, by, addresses: [before.receiptAddress, asked.address] }, session),
      });
      return recordAnswer(200, shownOf(doc));
    },
  });

  const consentToName = defineRoute({
    method: 'post', path: '/api/v1/organisations/{id}/name/consent', summary: 'A second person of the organisation consents: it has another name, and its partners are told', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, body: reasonBody, refusalSubject: subject, answers: found('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const { body, headers } = incoming;
      const { before, asked: { name }, by } = await secondPerson(incoming, 'nameChange');
      await requireOwnOrganisationName(deps, { name, organisationId: before._id, among: 'known' });
      const doc = await changeRecord(deps.store, {
        kind: organisationKind, id: before._id, rev: revOf(headers), changes: { name, nameChange: null }, reason: body.reason, by, also: (session) => tellOfName({ doc: before, name, by }, session),
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
  return [create, list, read, change, deactivate, consent, consentToName];
}
