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
import { etagOf, idempotencyKeySchema, ifMatchSchema } from '../views/issue';
import { wholeRecord } from '../views/readers';
import { recordPage } from '../views/recordPage';
import { pending } from './commands';
import { issueParams } from './issues';

const tags = ['controls'];
const listQuery = z.strictObject({
  status: z.enum(CONTROL_STATUSES).transform((status) => [status]).optional(),
  topic: z.string().max(40).optional(), studyId: z.string().max(64).optional(), ...pageQuery,
});

/** Recurring obligations: agreed contact (E16). Rows of the matrix start theirs by themselves. */
export function controlRoutes(deps: ApiDeps): Route[] {
  const open = defineRoute({
    method: 'post', path: '/api/v1/controls', summary: 'Agree on regular contact beside the matrix', tags, access: 'signed_in', scope: 'administer',
    body: openControlSchema, headers: z.object({ 'idempotency-key': idempotencyKeySchema }),
    answers: { 201: { description: 'The control; its first slot runs from now.', schema: controlSchema }, 202: pending },
    handler: async ({ body, caller, correlationId, headers }) => openControl(deps, { body, caller, correlationId, key: headers['idempotency-key'] }),
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/controls', summary: 'Controls shared with the caller, latest first', tags, access: 'signed_in', scope: 'read', query: listQuery,
    answers: { 200: { description: 'A page; `next` is the cursor of the following one.', schema: pageOf(controlSchema) } },
    handler: async ({ query, caller }) => recordPage(deps, { capability: CONTROL.capability, caller, query, show: controlView }),
  });

  const read = defineRoute({
    method: 'get', path: '/api/v1/controls/{id}', summary: 'One control with its open slot', tags, access: 'signed_in', scope: 'read', params: issueParams,
    answers: { 200: { description: 'The control; the ETag is its revision.', schema: controlSchema } },
    handler: async ({ params, caller }) => {
      const { record } = await wholeRecord(deps, { recordId: params.id, caller, capability: CONTROL.capability });
      return { status: 200, body: controlView(record), headers: { ETag: etagOf(record.rev) } };
    },
  });

  const slots = defineRoute({
    method: 'get', path: '/api/v1/controls/{id}/slots', summary: 'Slots that have ended, each with its fate, latest first', tags, access: 'signed_in', scope: 'read', params: issueParams,
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'A page; `next` is the cursor of the following one.', schema: pageOf(slotSchema) } },
    handler: async ({ params, query, caller }) => {
      const { record } = await wholeRecord(deps, { recordId: params.id, caller, capability: CONTROL.capability });
      const before = decodeCursor(query.cursor, z.tuple([z.int()]))?.[0];
      const { items, next } = await listSlots(deps.store, { controlId: record._id, before, limit: query.limit });
      return { status: 200, body: { items, next: next === undefined ? null : encodeCursor([next]) } };
    },
  });

  return [open, list, read, slots, ...CONTROL_ACTS.map((act) => actRoute(deps, act))];
}

function actRoute(deps: ApiDeps, act: ControlAct): Route {
  const schema: z.ZodType<z.infer<(typeof controlActBodies)[ControlAct]>> = controlActBodies[act];
  return defineRoute({
    method: 'post', path: `/api/v1/controls/{id}/${act}`, summary: SUMMARIES[act], tags, access: 'signed_in', scope: 'act', params: issueParams,
    body: schema, headers: z.object({ 'idempotency-key': idempotencyKeySchema, 'if-match': ifMatchSchema }),
    answers: { 200: { description: 'The control after the act.', schema: controlSchema }, 202: pending },
    handler: async ({ params, body, caller, correlationId, headers }) =>
      actOnControl(deps, { controlId: params.id, act, body, caller, correlationId, key: headers['idempotency-key'], expectedRev: headers['if-match'] }),
  });
}

const SUMMARIES: Readonly<Record<ControlAct, string>> = {
  'log-contact': 'Log a contact: it fills the open slot, held or late, and the next one is counted from it',
  waive: 'Waive the open slot, which then ends without being chased',
  'change-rule': 'Change how often; a control that follows a matrix row changes with the row only',
  stop: 'Stop the control; one that follows a matrix row ends with the row only',
};
