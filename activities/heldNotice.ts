import { recordPathOf } from '../contracts/ids';
import type { NoticeRoute } from '../contracts/channels';
import { NOTICE_REASONS, type Channel } from '../contracts/notice';
import { peopleInForce } from '../store/authority';
import { findRecord } from '../store/records';
import type { NoticeDoc, RecordDoc } from '../store/schemas/records';
import { settleNotices } from '../store/noticeLedger';
import { attempt, failed, type Notice, type Way } from './attempt';
import { capabilityRecord } from './capabilities';
import type { NoticeContent } from './notice';
import { openBook } from './noticeBook';
import type { TellingDeps } from './sending';

/** A held notice as it is told now: as it was, and whether its record is over meanwhile. */
export async function heldNoticeOf(deps: TellingDeps, row: NoticeDoc): Promise<{ readonly notice: Notice; readonly way: Way } | undefined> {
  const record = await findRecord(deps.store, row.recordId);
  if (!record) return undefined;
  const { rev, side, deadline, organisationId, personId, as, fallbackOf, createdAt } = row;
  const route: NoticeRoute = { channel: row.channel as Channel, address: row.address, endpointId: row.endpointId, blocked: null };
  return { notice: { content: contentOf(deps, row, record), rev, side, deadline, organisationId, personId, as, since: createdAt }, way: { id: row._id, fallbackOf, route } };
}

function contentOf(deps: TellingDeps, row: NoticeDoc, record: RecordDoc): NoticeContent {
  const reason = NOTICE_REASONS.find((known) => known === row.reason) ?? 'level';
  return {
    noun: capabilityRecord(record.capability).noun, path: recordPathOf(record.capability), recordId: record._id, number: record.number, topic: record.topic,
    severity: row.severity ?? record.severity, reason, level: row.level, due: row.due, publicUrl: deps.publicUrl, drill: row.drill, closed: record.done,
  };
}

/** Whether somebody may still be told: whoever left meanwhile is not written to. */
export async function isStillThere(deps: TellingDeps, { as, personId, organisationId }: Pick<NoticeDoc, 'as' | 'personId' | 'organisationId'>): Promise<boolean> {
  if (as === 'team') return true;
  const [person] = await peopleInForce(deps.store, { personIds: [personId], at: deps.now() });
  return person?.memberships.some((membership) => membership.organisationId === organisationId) === true;
}

/** The held way failed for good: the next ones are tried, at last the inbox. */
export async function fallBack(deps: TellingDeps, row: NoticeDoc, { notice, way, reason, possiblyRepeated }: { notice: Notice; way: Way; reason: string; possiblyRepeated: boolean }): Promise<void> {
  const first = row.fallbackOf ?? row._id;
  // The next ways first: a crash between leaves the notice held, and this is done again.
  for (const route of row.rest) {
    const { outcome } = await attempt(deps, notice, { way: { id: `${first}/${route.channel}`, fallbackOf: first, route }, book: openBook(deps.store) });
    if (outcome !== 'failed') break;
  }
  await settleNotices(deps.store, [failed(notice, way, { at: deps.now(), reason, possiblyRepeated })]);
}
