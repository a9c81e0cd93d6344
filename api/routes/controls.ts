import { z } from 'zod';
import { CONTROL, CONTROL_ACTS, controlActBodies, openControlSchema, type ControlAct } from '../../contracts/control';
import { controlView } from '../../domain/control/view';
import { listSlots } from '../../store/controls';
import { actOnControl, openControl } from '../commands/control';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { pageOf, pageQuery } from '../schemas';
import { controlSchema, CONTROL_STATUSES, slotSchema } from '../views/control';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { wholeRecord } from '../views/readers';
import { actRoutes, listRoute, openRoute, readRoute, recordParams, type Pathway } from './pathway';

const PATHWAY: Pathway = { capability: CONTROL.capability, noun: 'control', plural: 'controls', statuses: CONTROL_STATUSES, schema: controlSchema, show: controlView };

/** Recurring obligations: agreed contact (E16). Rows of the matrix start theirs by themselves. */
export function controlRoutes(deps: ApiDeps): Route[] {
  const slots = defineRoute({
    method: 'get', path: '/api/v1/controls/{id}/slots', summary: 'Slots that have ended, each with its fate, latest first', tags: ['controls'], access: 'signed_in', scope: 'read', params: recordParams,
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page; `next` is the cursor of the following one.', schema: pageOf(slotSchema) } },
    handler: async ({ params, query, caller }) => {
      const { record } = await wholeRecord(deps, { recordId: params.id, caller, capability: CONTROL.capability });
      const before = decodeCursor(query.cursor, z.tuple([z.int()]))?.[0];
      const { items, next } = await listSlots(deps.store, { controlId: record._id, before, limit: query.limit });
      return { status: 200, body: { items, next: next === undefined ? null : encodeCursor([next]) } };
    },
  });

  return [
    openRoute(PATHWAY, {
      summary: 'Agree on regular contact beside the matrix', scope: 'administer', body: openControlSchema, opened: 'The control; its first slot runs from now.',
      perform: (request) => openControl(deps, request),
    }),
    listRoute(deps, PATHWAY),
    readRoute(deps, PATHWAY, { summary: 'One control with its open slot' }),
    slots,
    ...actRoutes(PATHWAY, CONTROL_ACTS, { bodies: controlActBodies, summaries: SUMMARIES, perform: (request) => actOnControl(deps, request) }),
  ];
}

const SUMMARIES: Readonly<Record<ControlAct, string>> = {
  'log-contact': 'Log a contact: by the side that does not owe it, it fills the open slot, held or late; by the one that does, it waits for the other\'s word',
  'confirm-contact': 'Confirm a contact that the other side stated: it fills its slot, and the next one is counted from it',
  'object-to-contact': 'Object to a contact that the other side stated: its slot is open again, missed if no other contact fills it',
  waive: 'Waive the open slot, which then ends without being chased',
  'change-rule': 'Change how often; a control that follows a matrix row changes with the row only',
  stop: 'Stop the control; one that follows a matrix row ends with the row only',
};
