import { plusMs, instantOf } from '../../contracts/instant';
import { visibilityFilter } from '../../domain/access/ability';
import { listIssues, type IssueCursor } from '../../store/issues';
import { encodeCursor } from '../../api/views/cursor';
import { queryOf, type ListCase } from './cases';
import { NEWEST, numbersFrom, READER_ORGANISATION } from './shape';
import type { Site } from './site';

const YEARS_MS = 5 * 365 * 86_400_000;
const WARM_UP = 5;
const LIMIT = 50;

export interface Timing {
  readonly n: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** One case on one site: how long a page takes from the store, and over HTTP with everything before it. */
export interface Measured {
  readonly returned: number;
  readonly store: Timing;
  readonly http: Timing;
}

const VISIBILITY = visibilityFilter([{
  id: 'm', personId: 'reader', organisationId: READER_ORGANISATION, role: 'project_manager', studyId: null, systemIds: [], from: '2020-01-01T00:00:00.000Z', until: null,
}], instantOf(Date.now())) ?? {};

/** Pages of all sites in turn, so that whatever else the machine does falls upon each alike. */
export async function measureCase(sites: readonly Site[], of: { readonly listCase: ListCase; readonly times: number }): Promise<readonly Measured[]> {
  const { listCase, times } = of;
  const taken = sites.map(() => ({ store: [] as number[], http: [] as number[], returned: 0 }));
  const places = numbersFrom(7);
  for (let turn = -WARM_UP; turn < times; turn += 1) {
    const after = listCase.anywhere ? placeAt(places()) : undefined;
    for (const [index, site] of sites.entries()) {
      const mine = taken[index];
      if (!mine) continue;
      const storeMs = await timed(async () => {
        mine.returned = (await listIssues(site.store, { visibility: VISIBILITY, filter: listCase.filter, after, limit: LIMIT })).items.length;
      });
      const cursor = after ? `&cursor=${encodeCursor([after.openedAt, after.id])}` : '';
      const httpMs = await timed(() => site.get(`/issues?${queryOf(listCase.filter)}&limit=${String(LIMIT)}${cursor}`));
      if (turn < 0) continue;
      mine.store.push(storeMs);
      mine.http.push(httpMs);
    }
  }
  return taken.map(({ store, http, returned }) => ({ returned, store: timingOf(store), http: timingOf(http) }));
}

/** Somewhere in the later half, where also the smaller site has a full page behind it. */
const placeAt = (share: number): IssueCursor => ({ openedAt: plusMs(instantOf(NEWEST), -Math.floor(share * YEARS_MS * 0.5)), id: 'j' });

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Nearest rank. */
export function timingOf(values: readonly number[]): Timing {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number): number => Math.round((sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)] ?? 0) * 100) / 100;
  return { n: sorted.length, p50Ms: at(50), p95Ms: at(95) };
}
