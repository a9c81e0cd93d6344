import { z } from 'zod';
import { noticeStreamOf, refusalStreamOf } from '../../contracts/ids';
import { mayRead } from '../../domain/timeline/reader';
import { verifyStore } from '../../store/verify';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { readableEntries, readablePage } from '../views/readablePage';
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
      return readablePage(deps, { streamId: STREAMS[stream](record), cursor, limit }, (entries) => entries.filter((entry) => mayRead(entry, reader)));
    },
  });

  const verify = defineRoute({
    method: 'get', path: '/api/v1/audit/verify', summary: 'Whether the audit trail of a record is intact', tags: ['audit'], access: 'signed_in', scope: 'read',
    query: z.strictObject({ record: recordText }),
    answers: { 200: { description: 'The chains of the record, its refusals and its notices, checked entry by entry.', schema: reportSchema } },
    handler: async ({ query, caller }) => {
      const { record, viewer } = await wholeRecord(deps, { recordId: query.record, caller });
      const { intact, anchors, findings } = await verifyStore(deps.store, { recordId: query.record });
      const reader = readerOf(record, viewer);
      // Every entry of every stream is checked; counted is what the caller may read.
      const counts = await Promise.all(Object.values(STREAMS).map(async (stream) => {
        let count = 0;
        for await (const _ of readableEntries(deps, { streamId: stream(query.record), after: 0 }, (all) => all.filter((entry) => mayRead(entry, reader)))) count += 1;
        return count;
      }));
      const [streams, entries] = [counts.filter((count) => count > 0).length, counts.reduce((sum, count) => sum + count, 0)];
      return { status: 200, body: { record: query.record, intact, streams, entries, anchors, findings } };
    },
  });
  return [list, verify];
}
