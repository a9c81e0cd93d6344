import type { AuditDraft } from '../contracts/audit';
import type { NoticeRoute } from '../contracts/channels';
import { noticeStreamOf } from '../contracts/ids';
import { plusMs, type Instant } from '../contracts/instant';
import type { Json } from '../contracts/step';
import type { Ended, Ending, Hold, NewNotice, Wanted } from '../store/noticeLedger';
import { messageIdOf, type NoticeContent } from './notice';
import type { NoticeBook } from './noticeBook';
import { prepareSending, type TellingDeps } from './sending';

/** Who is told of what, whichever way it goes. */
export interface Notice {
  readonly content: NoticeContent;
  readonly rev: number;
  readonly side: string | null;
  readonly deadline: string | null;
  readonly organisationId: string;
  readonly personId: string;
  readonly as: string;
  readonly since: Instant;
}

/** One way that is tried. */
export interface Way {
  readonly id: string;
  readonly fallbackOf: string | null;
  readonly route: NoticeRoute;
}

export type Attempted = { readonly outcome: 'told' | 'failed' | 'held' } | { readonly outcome: 'deferred'; readonly reason: string };

/** A webhook is somebody else's server: after so many attempts the next way is taken. */
export const WEBHOOK_ATTEMPTS = 5;
/** How long a team's message that could not be delivered waits at least, ms. */
const TEAM_WAITS_MS = 60_000;

/**
 * Tries one way, once per intent, and keeps what became of it: in the ledger, and chained in
 * `notices/<record>`. Throws when nobody knows whether the channel took it; repeating says so.
 */
export async function attempt(deps: TellingDeps, notice: Notice, { way, hold, book }: { way: Way; hold?: Hold | undefined; book: NoticeBook }): Promise<Attempted> {
  const sending = { content: notice.content, route: way.route, intent: way.id, personId: personOf(notice), since: notice.since };
  const draft = prepareSending(deps, { ...sending, possiblyRepeated: false });
  const claim = await book.claim(wantedOf(deps, notice, { way, hold, contentHash: draft.contentHash }));
  if (!claim.todo) return { outcome: claim.status };
  const { possiblyRepeated, attempts } = claim;
  const prepared = possiblyRepeated ? prepareSending(deps, { ...sending, possiblyRepeated }) : draft;
  const sent = await book.during(() => sendPatiently(prepared.send, { way, attempts, team: notice.as === 'team' }));
  const { ended, attempted } = conclude(deps, notice, { way, attempts, possiblyRepeated, contentHash: prepared.contentHash, sent });
  await book.settle(ended);
  return attempted;
}

type Sent = Awaited<ReturnType<typeof sendPatiently>>;

/** A mail's unknown outcome is thrown; so is a webhook's, until it has had its attempts. A team's never stops the rest. */
async function sendPatiently(send: ReturnType<typeof prepareSending>['send'], { way, attempts, team }: { way: Way; attempts: number; team: boolean }) {
  try {
    return await send();
  } catch (error) {
    if (team) return { outcome: 'unknown', reason: (error as Error).message } as const;
    if (way.route.channel !== 'webhook' || attempts < WEBHOOK_ATTEMPTS) throw error;
    return { outcome: 'rejected', reason: `given up after ${String(attempts)} attempts: ${(error as Error).message}` } as const;
  }
}

interface Concluded {
  readonly way: Way;
  readonly attempts: number;
  readonly possiblyRepeated: boolean;
  readonly contentHash: string;
  readonly sent: Sent;
}

/** What a sending's outcome means. */
function conclude(deps: TellingDeps, notice: Notice, { way, attempts, possiblyRepeated, contentHash, sent }: Concluded): { readonly ended: Ended; readonly attempted: Attempted } {
  const at = deps.now();
  const end = (ending: Ending) => endedOf(notice, way, ending);
  if (sent.outcome === 'accepted') return { ended: told(notice, way, { at, contentHash, detail: { possiblyRepeated } }), attempted: { outcome: 'told' } };
  if (notice.as === 'team' && sent.outcome !== 'rejected') {
    const reason = sent.outcome === 'unknown' ? null : sent.reason;
    return { ended: end({ status: 'held', until: plusMs(at, TEAM_WAITS_MS), reason }), attempted: { outcome: 'held' } };
  }
  if (sent.outcome === 'deferred' && !(way.route.channel === 'webhook' && attempts >= WEBHOOK_ATTEMPTS)) {
    return { ended: end({ status: 'pending', reason: sent.reason }), attempted: { outcome: 'deferred', reason: sent.reason } };
  }
  return { ended: failed(notice, way, { at, reason: sent.reason, possiblyRepeated }), attempted: { outcome: 'failed' } };
}

/** The channel took it. */
export function told(notice: Notice, way: Way, { at, contentHash, detail }: { at: Instant; contentHash: string; detail: Readonly<Record<string, Json>> }): Ended {
  return endedOf(notice, way, { status: 'told', at, contentHash, entry: entryOf(notice, way, { at, action: 'notice.told', detail: { contentHash, ...detail } }) });
}

/** An attempt that will not be made again. */
export function failed(notice: Notice, way: Way, { at, reason, possiblyRepeated }: { at: Instant; reason: string; possiblyRepeated: boolean }): Ended {
  return endedOf(notice, way, { status: 'failed', at, reason, entry: entryOf(notice, way, { at, action: 'notice.failed', detail: { possiblyRepeated, reason } }) });
}

/** How an attempt came out, as the ledger takes it. */
export function endedOf({ content: { recordId }, rev }: Notice, { id }: Way, ending: Ending): Ended {
  return { id, recordId, rev, ending };
}

/** The entry in the chain of what was told about the record. */
function entryOf({ content: { recordId, drill }, personId, as, rev }: Notice, { id, route }: Way, said: { at: Instant; action: string; detail: Readonly<Record<string, Json>> }): AuditDraft {
  const { at, action, detail } = said;
  return {
    streamId: noticeStreamOf(recordId), at, zone: 'UTC', actor: { kind: 'system', name: 'effect' }, action, correlationId: id, rev,
    detail: { personId, as, channel: route.channel, messageId: messageIdOf(id), ...(drill && { drill }), ...detail },
  };
}

const personOf = ({ as, personId }: Notice): string | null => (as === 'team' ? null : personId);

function wantedOf(deps: TellingDeps, notice: Notice, { way, hold, contentHash }: { way: Way; hold: Hold | undefined; contentHash: string }): Wanted {
  const at = deps.now();
  const row = rowOf(notice, { way, contentHash, at });
  const { blocked } = way.route;
  if (blocked !== null) return { notice: row, blocked, entry: entryOf(notice, way, { at, action: 'notice.blocked', detail: { reason: blocked } }) };
  if (!hold) return { notice: row };
  const { until, digestId } = hold;
  return { notice: row, hold, entry: entryOf(notice, way, { at, action: 'notice.held', detail: { until, ...(digestId !== null && { digestId }) } }) };
}

function rowOf(notice: Notice, { way, contentHash, at }: { way: Way; contentHash: string; at: Instant }): NewNotice {
  const { content, rev, side, deadline, organisationId, personId, as } = notice;
  const { channel, address, endpointId } = way.route;
  return {
    _id: way.id, recordId: content.recordId, rev, reason: content.reason, side, level: content.level, organisationId, personId, as, channel, address, endpointId,
    messageId: messageIdOf(way.id), contentHash, deadline, due: content.due, severity: content.severity, drill: content.drill, fallbackOf: way.fallbackOf, createdAt: at,
  };
}
