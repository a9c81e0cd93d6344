import { z } from 'zod';
import type { AuditEntry } from '../../contracts/audit';
import { readChain } from '../../store/auditLog';
import type { ApiDeps } from '../deps';
import type { Outgoing } from '../route';
import { decodeCursor, encodeCursor } from './cursor';

const READ_AT_ONCE = 500;

/** Which of some entries of a stream somebody reads, and as what. */
export type Readable = (entries: readonly AuditEntry[]) => readonly AuditEntry[] | Promise<readonly AuditEntry[]>;

/** The entries of a stream that may be read, in order. */
export async function* readableEntries({ store }: Pick<ApiDeps, 'store'>, { streamId, after }: { readonly streamId: string; readonly after: number }, readable: Readable): AsyncGenerator<AuditEntry> {
  for (let last = after; ;) {
    const found = await readChain(store, streamId, { after: last, limit: READ_AT_ONCE });
    yield* await readable(found);
    const end = found.at(-1);
    if (!end || found.length < READ_AT_ONCE) return;
    last = end.seq;
  }
}

/** A full page of what may be read of a stream: a short or an empty one, or a further one that is empty, would tell how much there is for others. */
export async function readablePage(deps: Pick<ApiDeps, 'store'>, { streamId, cursor, limit }: { readonly streamId: string; readonly cursor: string | undefined; readonly limit: number }, readable: Readable): Promise<Outgoing> {
  const items: AuditEntry[] = [];
  for await (const entry of readableEntries(deps, { streamId, after: decodeCursor(cursor, z.int().min(0)) ?? 0 }, readable)) {
    items.push(entry);
    if (items.length > limit) break;
  }
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { status: 200, body: { items: page, next: items.length > limit && last ? encodeCursor(last.seq) : null } };
}
