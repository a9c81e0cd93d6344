import type { NoticeRoute } from '../contracts/channels';
import type { NoticeDigest } from '../contracts/notice';
import type { Preferences } from '../contracts/preferences';
import { decideTiming } from '../domain/notices/timing';
import type { Hold } from '../store/noticeLedger';
import { attempt, type Attempted, type Notice } from './attempt';
import type { NoticeBook } from './noticeBook';
import type { TellingDeps } from './sending';

/** A person, the ways to try for them, and how they want to be told. */
export interface ByRoutes {
  readonly notice: Notice;
  readonly routes: readonly NoticeRoute[];
  /** Intent of the first attempt, whose row is the person's inbox entry. */
  readonly first: string;
  readonly preferences: Preferences | undefined;
  /** One letter with others, whatever was preferred. */
  readonly digest?: NoticeDigest | undefined;
  readonly book: NoticeBook;
}

export type Told = Attempted & { readonly route: NoticeRoute };

/**
 * Tries the ways in their order until one takes the notice, or holds it for later. The last is the
 * inbox, which always does. A retry finds what became of each and goes on from there.
 */
export async function tellByRoutes(deps: TellingDeps, { notice, routes, first, preferences, digest, book }: ByRoutes): Promise<Told> {
  let last: Told | undefined;
  for (const [index, route] of routes.entries()) {
    const way = index === 0 ? { id: first, fallbackOf: null, route } : { id: `${first}/${route.channel}`, fallbackOf: first, route };
    const hold = holdOf(deps, notice, { preferences, digest, route, rest: routes.slice(index + 1) });
    last = { ...(await attempt(deps, notice, { way, hold, book })), route };
    if (last.outcome !== 'failed') return last;
  }
  if (!last) throw new RangeError('a person has at least one way to be told');
  return last;
}

/** Quiet hours and digests hold what would call somebody; the inbox calls nobody, and a digest is a letter. */
function holdOf(deps: TellingDeps, { content, personId }: Notice, of: Pick<ByRoutes, 'preferences' | 'digest'> & { route: NoticeRoute; rest: readonly NoticeRoute[] }): Hold | undefined {
  const { preferences, digest, route, rest } = of;
  if (digest && route.channel === 'email') return { until: digest.at, digestId: `digest/${personId}/${digest.at.slice(0, 10)}/${digest.key}`, rest };
  if (route.channel === 'inbox' || preferences === undefined) return undefined;
  const timing = decideTiming(content, route.channel === 'email' ? preferences : { ...preferences, digest: null }, deps.now());
  if (timing.when === 'now') return undefined;
  return { until: timing.until, digestId: timing.when === 'digest' ? digestIdOf(personId, timing.day) : null, rest };
}

export const digestIdOf = (personId: string, day: string): string => `digest/${personId}/${day}`;
