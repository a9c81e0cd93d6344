import { epochMsOf } from '../contracts/instant';
import { claimLetter, dueDigests, endLetter, heldOf, noticesById, type ClaimedLetter, type DueDigest } from '../store/digests';
import { settleNotices } from '../store/noticeLedger';
import type { NoticeDoc } from '../store/schemas/records';
import type { Letter } from '../platform/mail';
import { told, type Notice, type Way } from './attempt';
import { fallBack, heldNoticeOf, isStillThere } from './heldNotice';
import { headlineOf, linkOf, MACHINE_MADE, messageIdOf, POSSIBLY_REPEATED, REPEATED_HEADER, sha256, type NoticeContent } from './notice';
import type { TellingDeps } from './sending';

interface Counted {
  readonly told: number;
  readonly failed: number;
  readonly waiting: number;
}

/** People whose digest goes out in one turn; the next turn goes on. */
const PEOPLE_A_TURN = 500;
/** Notices that one letter lists; the rest is the next letter's. */
const LINES = 200;
/** A letter that could not be sent for so long is given up, ms: its notices stay in the inbox. */
const GIVE_UP_MS = 24 * 3_600_000;

interface Line {
  readonly row: NoticeDoc;
  readonly notice: Notice;
  readonly way: Way;
}

/** Sends every digest that is due: one letter per person and local date. */
export async function deliverDigests(deps: TellingDeps): Promise<Counted> {
  const counts = { told: 0, failed: 0, waiting: 0 };
  for (const due of await dueDigests(deps.store, { at: deps.now(), limit: PEOPLE_A_TURN })) {
    const { outcome, notices } = await deliverDigest(deps, due);
    counts[outcome] += notices;
  }
  return counts;
}

async function deliverDigest(deps: TellingDeps, { digestId, personId }: DueDigest): Promise<{ readonly outcome: keyof Counted; readonly notices: number }> {
  const held = await heldOf(deps.store, { digestId, limit: LINES });
  const [first] = held;
  if (!first) return { outcome: 'waiting', notices: 0 };
  const claimed = await claimLetter(deps.store, { digestId, personId, address: first.address, noticeIds: held.map(({ _id }) => _id), messageIdOf, at: deps.now() });
  const lines = await linesOf(deps, claimed);
  if (lines.every(({ row }) => row.status !== 'held')) {
    // The last attempt did everything but say so.
    await endLetter(deps.store, { id: claimed.letter._id, status: 'told', at: deps.now(), contentHash: lines[0]?.row.contentHash ?? '', failure: null });
    return { outcome: 'waiting', notices: 0 };
  }
  const letter = digestLetterOf(lines.map(({ notice }) => notice.content), claimed);
  const sent = (await isStillThere(deps, first))
    ? await deps.mail.send(letter).catch((error: unknown) => ({ outcome: 'unknown', reason: (error as Error).message }) as const)
    : ({ outcome: 'rejected', reason: 'the person has left meanwhile' } as const);
  const at = deps.now();
  const end = { id: claimed.letter._id, at, contentHash: letter.contentHash };
  if (sent.outcome === 'accepted') {
    for (const line of lines) await tellLine(deps, line, { claimed, contentHash: letter.contentHash });
    await endLetter(deps.store, { ...end, status: 'told', failure: null });
    return { outcome: 'told', notices: lines.length };
  }
  const givenUp = epochMsOf(at) - epochMsOf(claimed.letter.createdAt) > GIVE_UP_MS;
  if (sent.outcome !== 'rejected' && !givenUp) {
    await endLetter(deps.store, { ...end, status: 'pending', failure: sent.outcome === 'unknown' ? null : sent.reason });
    return { outcome: 'waiting', notices: lines.length };
  }
  for (const { row, notice, way } of lines) {
    if (row.status === 'held') await fallBack(deps, row, { notice, way, reason: sent.reason, possiblyRepeated: claimed.possiblyRepeated });
  }
  await endLetter(deps.store, { ...end, status: 'failed', failure: sent.reason });
  return { outcome: 'failed', notices: lines.length };
}

async function linesOf(deps: TellingDeps, { letter }: ClaimedLetter): Promise<readonly Line[]> {
  const rows = await noticesById(deps.store, letter.noticeIds);
  const lines = await Promise.all(rows.map(async (row) => ({ row, held: await heldNoticeOf(deps, row) })));
  return lines.flatMap(({ row, held }) => (held ? [{ row, ...held }] : []));
}

async function tellLine(deps: TellingDeps, { row, notice, way }: Line, { claimed, contentHash }: { claimed: ClaimedLetter; contentHash: string }): Promise<void> {
  // A repetition finds those that the interrupted attempt had marked already.
  if (row.status !== 'held') return;
  const { possiblyRepeated, letter: { _id: digestId, messageId: digestMessageId } } = claimed;
  await settleNotices(deps.store, [told(notice, way, { at: deps.now(), contentHash, detail: { possiblyRepeated, held: true, digestId, digestMessageId } })]);
}

/** One letter for several notices: what each letter would say in its subject, and its link. */
export function digestLetterOf(contents: readonly NoticeContent[], { letter: { _id, address, messageId }, possiblyRepeated }: ClaimedLetter): Letter & { readonly contentHash: string } {
  const day = _id.split('/').find((part) => /^\d{4}-\d{2}-\d{2}$/.test(part)) ?? '';
  const allDrills = contents.length > 0 && contents.every(({ drill }) => drill);
  const subject = `${allDrills ? '[DRILL] ' : ''}Digest ${day}: ${String(contents.length)} ${contents.length === 1 ? 'notice' : 'notices'}`;
  const text = [
    ...contents.flatMap((content) => [headlineOf(content), `  ${linkOf(content)}`, '']),
    ...(possiblyRepeated ? [POSSIBLY_REPEATED, ''] : []),
  ].join('\n');
  return {
    to: address, subject, text, messageId, contentHash: sha256(`${subject}\n${text}`),
    headers: { ...MACHINE_MADE, ...(allDrills ? { 'X-Oversight-Drill': 'yes' } : {}), ...(possiblyRepeated ? REPEATED_HEADER : {}) },
  };
}
