import { z } from 'zod';
import { visibilityFilter } from '../../domain/access/ability';
import { listRecords, type ListedCapability, type RecordList } from '../../store/recordLists';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps, Caller } from '../deps';
import type { Outgoing } from '../route';
import { decodeCursor, encodeCursor } from './cursor';

const cursorSchema = z.tuple([z.string(), z.string()]);

interface Asked {
  readonly capability: ListedCapability;
  readonly caller: Caller;
  readonly query: RecordList['filter'] & { readonly cursor?: string | undefined; readonly limit: number };
  readonly show: (record: RecordDoc) => object;
}

/** A page of one pathway's records that are shared with the caller, latest opening first. */
export async function recordPage(deps: ApiDeps, { capability, caller, query, show }: Asked): Promise<Outgoing> {
  const { cursor, limit, ...filter } = query;
  const visibility = visibilityFilter(caller.memberships, deps.now());
  if (!visibility) return { status: 200, body: { items: [], next: null } };
  const place = decodeCursor(cursor, cursorSchema);
  const { items, next } = await listRecords(deps.store, { capability, visibility, filter, limit, after: place && { openedAt: place[0], id: place[1] } });
  return { status: 200, body: { items: items.map(show), next: next ? encodeCursor([next.openedAt, next.id]) : null } };
}
