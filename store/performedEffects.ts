import { epochMsOf } from '../contracts/instant';
import type { Store } from './connection';
import type { NoticeDoc, StepDoc } from './schemas/records';

/** How the effects of some steps came out, for counting. */
export interface PerformedEffects {
  readonly effects: readonly { readonly kind: string; readonly outcome: string }[];
  /** From a deadline that fired until each person was told of it, ms; held notices are late on purpose and left out. */
  readonly toldLateMs: readonly number[];
}

/** Two reads, outside any command's way. */
export async function performedEffects(store: Store, of: { readonly recordId: string; readonly revs: readonly number[] }): Promise<PerformedEffects> {
  const at = { recordId: of.recordId, rev: { $in: [...of.revs] } };
  const [steps, notices] = await Promise.all([
    store.models.steps.find(at, { _id: 0, rev: 1, ended: 1, effects: 1 }).lean<Pick<StepDoc, 'rev' | 'ended' | 'effects'>[]>(),
    store.models.notices.find(at, { _id: 0, rev: 1, status: 1, toldAt: 1 }).lean<Pick<NoticeDoc, 'rev' | 'status' | 'toldAt'>[]>(),
  ]);
  const others = steps.flatMap(({ effects }) => effects).filter(({ kind }) => kind !== 'notify').map(({ kind }) => ({ kind, outcome: 'done' }));
  const fired = new Map(steps.flatMap(({ rev, ended }) => ended.filter(({ outcome }) => outcome === 'fired').map(({ due }) => [rev, due] as const)));
  const toldLateMs = notices.flatMap(({ rev, status, toldAt }) => {
    const due = fired.get(rev);
    return due !== undefined && status === 'told' && toldAt !== null ? [Math.max(0, epochMsOf(toldAt) - epochMsOf(due))] : [];
  });
  return { effects: [...others, ...notices.map(({ status }) => ({ kind: 'notify', outcome: status }))], toldLateMs };
}
