import { z } from 'zod';
import { CAPA_ACTS, capaActBodies, openCapaSchema, openFromRecordSchema, type CapaAct } from '../../contracts/capa';
import { CAPA, CAPA_STATUSES } from '../../contracts/capaWords';
import { capaView } from '../../domain/capa/view';
import { markReached } from '../../store/noticeLedger';
import { CONTROL } from '../../contracts/control';
import { ESCALATION } from '../../contracts/escalation';
import { actOnCapa, openCapa, openCapaFrom } from '../commands/capa';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { capaSchema } from '../views/capa';
import { idempotencyKeySchema } from '../views/issue';
import { shownSignatures } from '../views/signature';
import { pending } from './commands';
import { actRoutes, listRoute, openRoute, readRoute, recordParams, type Pathway } from './pathway';

const PATHWAY: Pathway = { capability: CAPA.capability, noun: 'CAPA', plural: 'capas', statuses: CAPA_STATUSES, schema: capaSchema, show: capaView };

/** Corrective and preventive actions, from triage to a verified effect (Q1–Q12, Q14–Q16). */
export function capaRoutes(deps: ApiDeps): Route[] {
  return [
    openRoute(PATHWAY, { summary: 'Open a CAPA, whole or as a draft', scope: 'raise', body: openCapaSchema, opened: OPENED, joined: JOINED, perform: (request) => openCapa(deps, request) }),
    openFromRoute(deps, { noun: 'an issue', plural: 'issues', capability: ESCALATION.capability }), openFromRoute(deps, { noun: 'a control', plural: 'controls', capability: CONTROL.capability }),
    listRoute(deps, PATHWAY),
    readRoute(deps, PATHWAY, {
      summary: 'One CAPA with its signatures; opening it shows that its notice reached the caller', seen: ({ _id }, { personId }) => markReached(deps.store, { recordId: _id, personId, at: deps.now() }),
      beside: async (record) => ({ signatures: await shownSignatures(deps.store, record) }),
    }),
    ...actRoutes(PATHWAY, CAPA_ACTS, { bodies: capaActBodies, summaries: SUMMARIES, perform: (request) => actOnCapa(deps, request) }),
  ];
}

const OPENED = 'The CAPA, in triage or as a draft.';
const JOINED = 'The same trigger (`dedupeKey`) has this CAPA already; it noted the repeat.';

/** `POST /api/v1/issues/{id}/capa`: the record becomes the source, and both keep the link. */
function openFromRoute(deps: ApiDeps, { noun, plural, capability }: { noun: string; plural: string; capability: 'escalation' | 'control' }): Route {
  return defineRoute({
    method: 'post', path: `/api/v1/${plural}/{id}/capa`, summary: `Open a CAPA from ${noun}: what is not said is taken from it`, tags: ['capas'], access: 'signed_in', scope: 'raise', params: recordParams,
    body: openFromRecordSchema.optional(), headers: z.object({ 'idempotency-key': idempotencyKeySchema }),
    answers: { 201: { description: OPENED, schema: capaSchema }, 200: { description: JOINED, schema: capaSchema }, 202: pending },
    handler: async ({ params, body, caller, correlationId, headers }) =>
      openCapaFrom(deps, { recordId: params.id, capability, body: body ?? {}, caller, correlationId, key: headers['idempotency-key'] }),
  });
}

const SUMMARIES: Readonly<Record<CapaAct, string>> = {
  comment: 'Comment',
  link: 'Link it to another record; both keep the link',
  save: 'Write parts of it; half-finished ones stay until they are submitted',
  submit: 'Hand over what the state asks for, for the next step',
  return: 'Give submitted work back with comments',
  accept: 'Sign its acceptance in triage and name its owner; the serious-breach question must be answered',
  regrade: 'Sign another severity for the raising side; running deadlines are counted anew',
  'answer-breach': 'Sign another answer to the question of serious breach',
  'report-breach': 'Say that the serious breach was reported to the authority',
  assign: 'Give a duty to somebody else',
  'approve-plan': 'Sign the plan for the own organisation',
  start: 'Start the implementation of the approved plan',
  'revise-plan': 'Change the approved plan; it needs its signatures again',
  'report-action': 'Report an action as done, with evidence',
  'verify-action': "Sign somebody else's action as verified, or send it back",
  'verify-implementation': 'Sign the implementation as verified for the own organisation',
  'start-monitoring': 'Say that the measurement runs; the window counts from the verified implementation',
  assess: 'Sign the recorded result as assessor',
  deviate: 'Sign for the own organisation why the result is effective although its goal was missed; both sides do',
  'approve-closure': 'Sign the closure for the own organisation',
  propose: 'Propose a rejection, a cancellation, a waiver of the check, or that the sponsor is not affected',
  decline: 'Decline what was proposed',
  reject: 'Sign the proposed rejection as second person',
  cancel: 'Sign the proposed cancellation as second person',
  waive: 'Sign the proposed waiver as second person; minor CAPAs only',
  'confirm-not-affected': "Sign for the sponsor's quality assurance that it is not affected",
  'request-extension': 'Ask for more time, with justification and interim control',
  'grant-extension': 'Sign the first extension of a date',
  'grant-further-extension': 'Sign the second and last extension of a date, one level up',
  'decline-extension': 'Sign that there is no more time; the date stands',
  reopen: 'Sign that it did not work after all: its cause came back, or for a reason of your own',
  'decline-recurrence': 'Leave it closed: the other CAPA has another cause',
};
