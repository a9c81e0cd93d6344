import { z } from 'zod';
import { askConsentSchema, CONSENT_STATUSES, CONSENT_SUBJECTS } from '../../contracts/consent';
import { consentSeat, type ConsentAct } from '../../domain/consent/rules';
import { actOnConsent, consentKind } from '../../store/consents';
import { tellOfConsent } from '../../store/consentNotices';
import { findRecord } from '../../store/records';
import { pageById } from '../../store/page';
import type { ConsentDoc } from '../../store/schemas/consents';
import { bindingSeats, created, found, notPermitted, recordAnswer, type Seat } from '../administer';
import { askForConsent } from '../commands/askConsent';
import { consentOf, shownConsents, visibleConsents } from '../commands/consentAccess';
import { takeBack } from '../commands/takeBackConsent';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { administeredFields, idParam, ifMatchHeader, pageOf, pageQuery, reasonBody, revOf } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { actorOf } from './evidenceAccess';

const person = z.object({ personId: z.string(), name: z.string(), role: z.string(), organisationId: z.string() });
const answered = z.object({ by: person, at: z.iso.datetime(), reason: z.string() });
const consentSchema = z.object({
  ...administeredFields, subject: z.enum(CONSENT_SUBJECTS),
  recordId: z.string().nullable().meta({ description: 'null: a record that is none of yours.' }), evidenceId: z.string().nullable(), extent: z.enum(['whole', 'summary']).nullable(),
  toOrganisationIds: z.array(z.string()).meta({ description: 'Organisations that come to read by it.' }), askingOrganisationId: z.string(), ofOrganisationId: z.string(), studyId: z.string().nullable(),
  status: z.enum(CONSENT_STATUSES), until: z.iso.datetime().meta({ description: 'Last instant at which it can be answered or used.' }), reason: z.string(), askedBy: person, answer: answered.nullable(), withdrawal: answered.nullable(),
  usedAt: z.iso.datetime().nullable().meta({ description: 'When the share, or the link, was made by it: it allows one.' }),
}).meta({ id: 'Consent' });
const tags = ['consents'];
const path = '/api/v1/consents';
const placeSchema = z.tuple([z.string()]);
const refusalSubject = ({ id }: { id: string }) => `consent/${id}`;

/** Consents (P14): what one organisation wants to show a third, and another has to agree to. */
export function consentRoutes(deps: ApiDeps): Route[] {
  const ask = defineRoute({
    method: 'post', path, summary: 'Ask for the consents that a share, or a link of evidence, needs', tags, access: 'signed_in', scope: 'act', body: askConsentSchema,
    answers: created('One request for each organisation that has to agree; they are told.', z.object({ items: z.array(consentSchema) })),
    handler: async (incoming) => ({ status: 201, body: { items: await shownConsents(deps, incoming.caller, await askForConsent(deps, incoming)) } }),
  });

  const list = defineRoute({
    method: 'get', path, summary: 'Consents that the own organisations asked for or are asked for', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...pageQuery, status: z.enum(CONSENT_STATUSES).optional() }), answers: found('A page.', pageOf(consentSchema)),
    handler: async ({ query: { limit, cursor, status }, caller }) => {
      const filter = { $and: [visibleConsents(caller), { ...(status && { status }) }] };
      const page = await pageById(consentKind.model(deps.store), { filter, after: decodeCursor(cursor, placeSchema)?.[0], limit });
      return { status: 200, body: { items: await shownConsents(deps, caller, page.items), next: page.next === undefined ? null : encodeCursor([page.next]) } };
    },
  });

  const read = defineRoute({
    method: 'get', path: `${path}/{id}`, summary: 'One consent', tags, access: 'signed_in', scope: 'read', params: idParam, refusalSubject, answers: found('The consent.', consentSchema),
    handler: async ({ params, caller }) => recordAnswer(200, (await shownConsents(deps, caller, [await consentOf(deps, caller, params.id)]))[0] ?? {}),
  });

  const answer = (act: Exclude<ConsentAct, 'withdraw'>, summary: string): Route => defineRoute({
    method: 'post', path: `${path}/{id}/${act}`, summary, tags, access: 'signed_in', scope: 'act', params: idParam, refusalSubject, headers: ifMatchHeader, body: reasonBody, answers: found('The consent.', consentSchema),
    handler: async (incoming) => {
      const { params, body, caller, headers } = incoming;
      const consent = await consentOf(deps, caller, params.id);
      const { person: answering, by } = actorOf(deps, incoming, requireSeat(consent, act === 'give' ? bindingSeats(caller, deps.now()) : caller.memberships));
      const record = await findRecord(deps.store, consent.recordId);
      const after = await actOnConsent(deps.store, {
        id: consent._id, rev: revOf(headers), act, reason: body.reason, person: answering, by,
        also: async (_doc, session) => {
          if (record) await tellOfConsent(deps.store, { consentId: consent._id, reason: 'consent_answered', record, organisationId: consent.askingOrganisationId, personId: consent.askedBy.personId, by }, session);
        },
      });
      return recordAnswer(200, (await shownConsents(deps, caller, [after]))[0] ?? {});
    },
  });

  const withdraw = defineRoute({
    method: 'post', path: `${path}/{id}/withdraw`, summary: 'Take a consent back, and what rests on it: the share, or the link', tags, access: 'signed_in', scope: 'act', params: idParam, refusalSubject, body: reasonBody,
    answers: found('The consent; the share or link counts no more.', consentSchema),
    handler: async (incoming) => {
      const consent = await consentOf(deps, incoming.caller, incoming.params.id);
      const after = await takeBack(deps, incoming, { consent, seat: requireSeat(consent, incoming.caller.memberships) });
      return recordAnswer(200, (await shownConsents(deps, incoming.caller, [after]))[0] ?? {});
    },
  });

  const requireSeat = ({ ofOrganisationId, studyId }: ConsentDoc, memberships: Parameters<typeof consentSeat>[0]): Seat => {
    const seat = consentSeat(memberships, { organisationId: ofOrganisationId, studyId, now: deps.now() });
    if (!seat) throw notPermitted('Only the organisation whose consent it is answers, by a role that may share; not by one given a moment ago, nor while you are to be verified again.');
    return { role: seat.role, organisationId: seat.organisationId };
  };
  return [ask, list, read, answer('give', 'Give a consent'), answer('refuse', 'Refuse a consent'), withdraw];
}
