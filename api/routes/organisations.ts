import { z } from 'zod';
import { organisationKindSchema } from '../../contracts/people';
import { isKnownZone } from '../../domain/time/zone';
import { changeRecord, createRecord, type Changes } from '../../store/administration';
import { organisationKind } from '../../store/organisations';
import type { OrganisationDoc } from '../../store/schemas/people';
import {
  byOf, created, found, instanceSeat, isOf, knownTo, listAnswer, notFound, notPermitted, organisationSeat, recordAnswer, requireInstanceSeat, ruleBroken, shownOf, type Seat,
} from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, idSchema, ifMatchHeader, nameSchema, pageOf, pageQuery, reasonBody, reasonSchema, revOf } from '../schemas';

const zone = z.string().max(64).refine(isKnownZone, 'not a zone of the tz database, such as Europe/Zurich');
const receiptAddress = z.email().max(254).nullable();
const organisationSchema = z.object({ ...administeredFields, name: z.string(), kind: organisationKindSchema, zone: z.string(), receiptAddress: z.string().nullable().optional() });
const tags = ['organisations'];
const subject = ({ id }: { id: string }) => `organisation/${id}`;

/** Organisations: made by the instance's administrators, changed by these or by their own. */
export function organisationRoutes(deps: ApiDeps): Route[] {
  /** Where an organisation's receipts go is its own matter. */
  const show = (caller: Caller) => (doc: OrganisationDoc) =>
    isOf(caller, doc._id) || instanceSeat(caller, deps.now()) ? shownOf(doc) : shownOf(doc, ['receiptAddress']);
  const requireSeat = async (caller: Caller, id: string): Promise<Seat> => {
    const now = deps.now();
    const seat = instanceSeat(caller, now) ?? organisationSeat(caller, id, now);
    if (seat) return seat;
    throw (await knownTo(deps, caller)).has(id) ? notPermitted() : notFound();
  };

  const create = defineRoute({
    method: 'post', path: '/api/v1/organisations', summary: 'Add an organisation', tags, access: 'signed_in', scope: 'administer',
    body: z.strictObject({ id: idSchema.optional(), name: nameSchema, kind: organisationKindSchema, zone, receiptAddress: receiptAddress.default(null) }),
    answers: created('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const seat = requireInstanceSeat(incoming.caller, deps.now());
      const { id, ...fields } = incoming.body;
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
    method: 'patch', path: '/api/v1/organisations/{id}', summary: 'Change an organisation', tags, access: 'signed_in', scope: 'administer',
    params: idParam, headers: ifMatchHeader, refusalSubject: subject,
    body: z.strictObject({ name: nameSchema.optional(), zone: zone.optional(), receiptAddress: receiptAddress.optional(), reason: reasonSchema }),
    answers: found('The organisation.', organisationSchema),
    handler: async (incoming) => {
      const { params, body, headers, caller } = incoming;
      const seat = await requireSeat(caller, params.id);
      const { reason, ...changes } = body;
      const doc = await changeRecord(deps.store, { kind: organisationKind, id: params.id, rev: revOf(headers), changes: changes as Changes<OrganisationDoc>, reason, by: byOf(deps, incoming, seat) });
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
  return [create, list, read, change, deactivate];
}
