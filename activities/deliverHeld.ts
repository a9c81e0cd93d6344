import { plusMs } from '../contracts/instant';
import { claimHeld, dueHeld, settleNotices } from '../store/noticeLedger';
import type { NoticeDoc } from '../store/schemas/records';
import { endedOf, told, WEBHOOK_ATTEMPTS } from './attempt';
import { deliverDigests } from './digests';
import { fallBack, heldNoticeOf, isStillThere } from './heldNotice';
import { prepareSending, type TellingDeps } from './sending';

export interface Delivered {
  readonly told: number;
  readonly failed: number;
  readonly waiting: number;
}

const PAGE = 200;
/** Letters and messages under way at once. */
const AT_ONCE = 8;
/** A turn ends after so long; the next one goes on, ms. */
const TURN_MS = 4 * 60_000;
/** With waits that double up to an hour, about a day. */
const ATTEMPTS = 30;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Tells what was held and is due: notices of quiet hours, digests, and what a team's receiver did not
 * take at once. Each has its own claim, so that a crash repeats with the same id, and marked.
 */
export async function deliverHeld(deps: TellingDeps): Promise<Delivered> {
  const until = plusMs(deps.now(), TURN_MS);
  const counts = { told: 0, failed: 0, waiting: 0 };
  for (;;) {
    const rows = await dueHeld(deps.store, { at: deps.now(), limit: PAGE });
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      const outcomes = await Promise.all(rows.slice(from, from + AT_ONCE).map((row) => deliverOne(deps, row)));
      for (const outcome of outcomes) counts[outcome] += 1;
    }
    if (rows.length < PAGE || deps.now() > until) break;
  }
  const digests = await deliverDigests(deps);
  return { told: counts.told + digests.told, failed: counts.failed + digests.failed, waiting: counts.waiting + digests.waiting };
}

async function deliverOne(deps: TellingDeps, row: NoticeDoc): Promise<keyof Delivered> {
  const held = await heldNoticeOf(deps, row);
  if (!held) return 'waiting';
  const { notice, way } = held;
  const claim = await claimHeld(deps.store, row._id);
  if (!claim) return 'waiting';
  const { possiblyRepeated, attempts } = claim;
  if (!(await isStillThere(deps, row))) {
    await fallBack(deps, { ...row, rest: [] }, { notice, way, reason: 'the person has left meanwhile', possiblyRepeated });
    return 'failed';
  }
  const { contentHash, send } = prepareSending(deps, { content: notice.content, route: way.route, intent: way.id, personId: row.as === 'team' ? null : row.personId, since: row.createdAt, possiblyRepeated });
  const sent = await send().catch((error: unknown) => ({ outcome: 'unknown', reason: (error as Error).message }) as const);
  if (sent.outcome === 'accepted') {
    await settleNotices(deps.store, [told(notice, way, { at: deps.now(), contentHash, detail: { possiblyRepeated, held: true } })]);
    return 'told';
  }
  const patience = row.as !== 'team' && row.channel === 'webhook' ? WEBHOOK_ATTEMPTS : ATTEMPTS;
  if (sent.outcome !== 'rejected' && attempts < patience) {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 10), LONGEST_WAIT_MS);
    const reason = sent.outcome === 'unknown' ? null : sent.reason;
    await settleNotices(deps.store, [endedOf(notice, way, { status: 'held', until: plusMs(deps.now(), wait), reason })]);
    return 'waiting';
  }
  await fallBack(deps, row, { notice, way, reason: sent.reason, possiblyRepeated });
  return 'failed';
}
