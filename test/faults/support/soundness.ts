import { noticeStreamOf } from '../../../contracts/ids';
import { epochMsOf } from '../../../contracts/instant';
import type { NoticeDoc, StepDoc } from '../../../store/schemas/records';
import { verifyStore } from '../../support/verified';
import { eventually } from '../../support/world';
import type { TakenLetter } from '../../support/letters';
import type { Site } from './site';

/** Everything stored about one record. */
export interface Stored {
  readonly steps: readonly StepDoc[];
  readonly notices: readonly NoticeDoc[];
  readonly actions: readonly string[];
  readonly letters: readonly TakenLetter[];
  /** Intents of which the notices' chain says that they were told, in order. */
  readonly toldEntries: readonly string[];
}

export async function storedOf(site: Site, recordId: string): Promise<Stored> {
  const [steps, notices, entries, told] = await Promise.all([
    site.store.models.steps.find({ recordId }).sort({ rev: 1 }).lean<StepDoc[]>(),
    site.store.models.notices.find({ recordId }).lean<NoticeDoc[]>(),
    site.store.models.audit.find({ streamId: recordId }, { action: 1 }).sort({ seq: 1 }).lean<{ action: string }[]>(),
    site.store.models.audit.find({ streamId: noticeStreamOf(recordId), action: 'notice.told' }, { correlationId: 1 }).sort({ seq: 1 }).lean<{ correlationId: string }[]>(),
  ]);
  const letters = site.mailbox.letters.filter((letter) => letter.raw.includes(`X-Oversight-Record: ${recordId}`));
  return { steps, notices, actions: entries.map((entry) => entry.action), letters, toldEntries: told.map(({ correlationId }) => correlationId) };
}

/** Waits until nothing is left to tell for a record. */
export async function untilTold(site: Site, recordId: string, withinMs = 40_000): Promise<void> {
  await eventually(`everybody is told about ${recordId}`, async () => {
    const [pending, untold] = await Promise.all([
      site.store.models.steps.exists({ recordId, effectsDone: false }), site.store.models.notices.exists({ recordId, status: 'pending' }),
    ]);
    return pending === null && untold === null;
  }, withinMs);
}

/** What must hold of a record after any fault: every revision once, everybody told once and said so once, an unbroken chain. */
export async function expectSound(site: Site, recordId: string, allowed: { repeatedLetters?: number } = {}): Promise<Stored> {
  const stored = await storedOf(site, recordId);
  const issue = await site.issue(recordId);
  expect(stored.steps.map((step) => step.rev)).toEqual(Array.from({ length: issue.rev }, (_, index) => index + 1));
  expect(stored.notices.filter((notice) => notice.status !== 'told')).toEqual([]);
  expect(stored.toldEntries.toSorted()).toEqual(stored.notices.map(({ _id }) => _id).toSorted());
  const messageIds = stored.letters.map((letter) => letter.messageId);
  const distinct = new Set(messageIds);
  expect(distinct).toEqual(new Set(stored.notices.map((notice) => notice.messageId)));
  expect(messageIds.length - distinct.size).toBe(allowed.repeatedLetters ?? 0);
  const report = await verifyStore(site.store, { recordId });
  expect(report).toMatchObject({ intact: true, findings: [] });
  return stored;
}

/** Deadlines of a record that ended after their due instant, with their lateness in ms. */
export function lateEnds({ steps }: Stored): readonly { name: string; outcome: string; lateByMs: number }[] {
  return steps.flatMap((step) => step.ended)
    .filter((ended) => epochMsOf(ended.at) > epochMsOf(ended.due))
    .map(({ name, outcome, lateByMs }) => ({ name, outcome, lateByMs }));
}
