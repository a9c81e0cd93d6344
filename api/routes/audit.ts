import { z } from 'zod';
import { noticeStreamOf, refusalStreamOf } from '../../contracts/ids';
import { mayRead } from '../../domain/timeline/reader';
import { readChain } from '../../store/auditLog';
import { verifyStore } from '../../store/verify';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { readerOf, wholeRecord } from '../views/readers';
import { auditEntrySchema } from '../views/story';

const recordText = z.string().min(1).max(64);
const STREAMS = { record: (id: string) => id, refusals: refusalStreamOf, notices: noticeStreamOf } as const;

const reportSchema = z.object({
  record: z.string(), intact: z.boolean(), streams: z.int(), entries: z.int(), anchors: z.int(),
  findings: z.array(z.object({ kind: z.string(), streamId: z.string().nullable(), seq: z.int().nullable(), anchorId: z.string().nullable(), message: z.string() })),
}).meta({ id: 'AuditVerification' });

/** The audit trail of a record, and whether it is intact. */
export function auditRoutes(deps: ApiDeps): Route[] {
  const list = defineRoute({
    method: 'get', path: '/api/v1/audit', summary: 'Audit trail of a record, oldest first', tags: ['audit'], access: 'signed_in', scope: 'read',
    query: z.strictObject({
      record: recordText,
      stream: z.enum(['record', 'refusals', 'notices']).default('record'),
      cursor: z.string().max(100).optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    answers: { 200: { description: 'A page of entries that the caller may read; `next` is the cursor of the following one.', schema: z.object({ items: z.array(auditEntrySchema), next: z.string().nullable() }) } },
    handler: async ({ query, caller }) => {
      const { record, stream, cursor, limit } = query;
      const whole = await wholeRecord(deps, { recordId: record, caller });
      const reader = readerOf(whole.record, whole.viewer);
      const after = decodeCursor(cursor, z.int().min(0)) ?? 0;
      // By place in the chain, not by what is visible: a page may be shorter than asked for.
      const found = await readChain(deps.store, STREAMS[stream](record), { after, limit });
      const last = found.at(-1);
      const next = found.length === limit && last ? encodeCursor(last.seq) : null;
      return { status: 200, body: { items: found.filter((entry) => mayRead(entry, reader)), next } };
    },
  });

  const verify = defineRoute({
    method: 'get', path: '/api/v1/audit/verify', summary: 'Whether the audit trail of a record is intact', tags: ['audit'], access: 'signed_in', scope: 'read',
    query: z.strictObject({ record: recordText }),
    answers: { 200: { description: 'The chains of the record, its refusals and its notices, checked entry by entry.', schema: reportSchema } },
    handler: async ({ query, caller }) => {
      await wholeRecord(deps, { recordId: query.record, caller });
      const { intact, streams, entries, anchors, findings } = await verifyStore(deps.store, { recordId: query.record });
      return { status: 200, body: { record: query.record, intact, streams, entries, anchors, findings } };
    },
  });
  return [list, verify];
}
