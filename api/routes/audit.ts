import { z } from 'zod';
import type { AuditEntry } from '../../contracts/audit';
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

const READ_AT_ONCE = 500;

/** The entries of a stream that may be read, in order. */
async function* readableEntries(deps: ApiDeps, { streamId, after, reader }: { readonly streamId: string; readonly after: number; readonly reader: ReturnType<typeof readerOf> }): AsyncGenerator<AuditEntry> {
  for (let last = after; ;) {
    const found = await readChain(deps.store, streamId, { after: last, limit: READ_AT_ONCE });
    yield* found.filter((entry) => mayRead(entry, reader));
    const end = found.at(-1);
    if (!end || found.length < READ_AT_ONCE) return;
    last = end.seq;
  }
}

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
      // Full pages of what may be read: short or empty ones would tell how much there is for others.
      const items: AuditEntry[] = [];
      for await (const entry of readableEntries(deps, { streamId: STREAMS[stream](record), after, reader })) {
        items.push(entry);
        if (items.length > limit) break;
      }
      const page = items.slice(0, limit);
      const last = page.at(-1);
      return { status: 200, body: { items: page, next: items.length > limit && last ? encodeCursor(last.seq) : null } };
    },
  });

  const verify = defineRoute({
    method: 'get', path: '/api/v1/audit/verify', summary: 'Whether the audit trail of a record is intact', tags: ['audit'], access: 'signed_in', scope: 'read',
    query: z.strictObject({ record: recordText }),
    answers: { 200: { description: 'The chains of the record, its refusals and its notices, checked entry by entry.', schema: reportSchema } },
    handler: async ({ query, caller }) => {
      const { record, viewer } = await wholeRecord(deps, { recordId: query.record, caller });
      const { intact, streams, anchors, findings } = await verifyStore(deps.store, { recordId: query.record });
      let entries = 0;
      // Every entry is checked; counted are those that the caller may read.
      for (const stream of Object.values(STREAMS)) for await (const _ of readableEntries(deps, { streamId: stream(query.record), after: 0, reader: readerOf(record, viewer) })) entries += 1;
      return { status: 200, body: { record: query.record, intact, streams, entries, anchors, findings } };
    },
  });
  return [list, verify];
}
