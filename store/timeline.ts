import type { TimelineNotice, TimelineStep } from '../domain/timeline/deadlines';
import type { TimelineFact } from '../domain/timeline/timeline';
import type { Store } from './connection';
import { noticesOf } from './notices';
import type { AuditDoc } from './schemas/audit';
import type { StepDoc } from './schemas/records';

/** What a timeline is folded from. */
export interface TimelineSources {
  readonly facts: readonly TimelineFact[];
  readonly steps: readonly TimelineStep[];
  readonly notices: readonly TimelineNotice[];
}

/** Everything stored about what happened to a record. */
export async function timelineSources(store: Store, recordId: string): Promise<TimelineSources> {
  const [facts, steps, notices] = await Promise.all([
    store.models.audit
      .find({ streamId: recordId }, { _id: 0, seq: 1, at: 1, actor: 1, action: 1, field: 1, old: 1, new: 1, reason: 1, detail: 1, rev: 1, visibleTo: 1 })
      .sort({ seq: 1 })
      .lean<(TimelineFact & Pick<AuditDoc, 'seq'>)[]>(),
    store.models.steps.find({ recordId }, { _id: 0, rev: 1, armed: 1, ended: 1 }).sort({ rev: 1 }).lean<Pick<StepDoc, 'rev' | 'armed' | 'ended'>[]>(),
    noticesOf(store, recordId),
  ]);
  return { facts, steps, notices };
}
