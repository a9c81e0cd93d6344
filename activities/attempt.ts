import type { NoticeRoute } from '../contracts/channels';
import { noticeStreamOf } from '../contracts/ids';
import { plusMs, type Instant } from '../contracts/instant';
import type { Json } from '../contracts/step';
import { appendToStream } from '../store/auditLog';
import { claimNotice, markFailed, markTold, markUnsent, putOff, recordBlocked, type Hold, type NewNotice } from '../store/noticeLedger';
import { messageIdOf, type NoticeContent } from './notice';
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
export async function attempt(deps: TellingDeps, notice: Notice, { way, hold }: { way: Way; hold?: Hold | undefined }): Promise<Attempted> {
  const sending = { content: notice.content, route: way.route, intent: way.id, personId: personOf(notice), since: notice.since };
  const draft = prepareSending(deps, { ...sending, possiblyRepeated: false });
  const row = rowOf(deps, { notice, way, contentHash: draft.contentHash });
  if (way.route.blocked !== null) {
    const at = deps.now();
    if (await recordBlocked(deps.store, row, { at, reason: way.route.blocked })) {
      await note(deps, notice, { way, at, action: 'notice.blocked', detail: { reason: way.route.blocked } });
    }
    return { outcome: 'failed' };
  }
  const claim = await claimNotice(deps.store, row, hold);
  if (!claim.todo) {
    if (hold && claim.fresh) await noteHeld(deps, notice, { way, hold });
    return { outcome: claim.status };
  }
  const { possiblyRepeated, attempts } = claim;
  const prepared = possiblyRepeated ? prepareSending(deps, { ...sending, possiblyRepeated }) : draft;
  return conclude(deps, notice, { way, attempts, possiblyRepeated, contentHash: prepared.contentHash, sent: await sendPatiently(prepared.send, { way, attempts, team: notice.as === 'team' }) });
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

async function conclude(deps: TellingDeps, notice: Notice, { way, attempts, possiblyRepeated, contentHash, sent }: Concluded): Promise<Attempted> {
  const { store } = deps;
  const { id, route } = way;
  const at = deps.now();
  if (sent.outcome === 'accepted') {
    await markTold(store, { id, at, contentHash });
    await note(deps, notice, { way, at, action: 'notice.told', detail: { contentHash, possiblyRepeated } });
    return { outcome: 'told' };
  }
  if (notice.as === 'team' && sent.outcome !== 'rejected') {
    await putOff(store, { id, until: plusMs(at, TEAM_WAITS_MS), reason: sent.outcome === 'unknown' ? null : sent.reason });
    return { outcome: 'held' };
  }
  if (sent.outcome === 'deferred' && !(route.channel === 'webhook' && attempts >= WEBHOOK_ATTEMPTS)) {
    await markUnsent(store, { id, reason: sent.reason });
    return { outcome: 'deferred', reason: sent.reason };
  }
  await fail(deps, notice, { way, at, reason: sent.reason, possiblyRepeated });
  return { outcome: 'failed' };
}

/** An attempt that will not be made again. */
export async function fail(deps: TellingDeps, notice: Notice, of: { way: Way; at: Instant; reason: string; possiblyRepeated: boolean }): Promise<void> {
  const { way, at, reason, possiblyRepeated } = of;
  await markFailed(deps.store, { id: way.id, at, reason });
  await note(deps, notice, { way, at, action: 'notice.failed', detail: { possiblyRepeated, reason } });
}

async function noteHeld(deps: TellingDeps, notice: Notice, { way, hold }: { way: Way; hold: Hold }): Promise<void> {
  await note(deps, notice, { way, at: deps.now(), action: 'notice.held', detail: { until: hold.until, ...(hold.digestId !== null && { digestId: hold.digestId }) } });
}

/** The entry in the chain of what was told about the record. */
export async function note(deps: TellingDeps, notice: Notice, entry: { way: Way; at: Instant; action: string; detail: Readonly<Record<string, Json>> }): Promise<void> {
  const { way, at, action, detail } = entry;
  const { content: { recordId, drill }, personId, as, rev } = notice;
  const streamId = noticeStreamOf(recordId);
  await appendToStream(deps.store, { streamId, drafts: [{
    streamId, at, zone: 'UTC', actor: { kind: 'system', name: 'effect' }, action, correlationId: way.id, rev,
    detail: { personId, as, channel: way.route.channel, messageId: messageIdOf(way.id), ...(drill && { drill }), ...detail },
  }] });
}

const personOf = ({ as, personId }: Notice): string | null => (as === 'team' ? null : personId);

function rowOf(deps: TellingDeps, { notice, way, contentHash }: { notice: Notice; way: Way; contentHash: string }): NewNotice {
  const { content, rev, side, deadline, organisationId, personId, as } = notice;
  const { channel, address, endpointId } = way.route;
  return {
    _id: way.id, recordId: content.recordId, rev, reason: content.reason, side, level: content.level, organisationId, personId, as, channel, address, endpointId,
    messageId: messageIdOf(way.id), contentHash, deadline, due: content.due, severity: content.severity, drill: content.drill, fallbackOf: way.fallbackOf, createdAt: deps.now(),
  };
}
