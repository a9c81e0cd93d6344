import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from 'pino';
import { epochMsOf } from '../contracts/instant';
import type { CommitRequest, CommitResult } from '../contracts/step';
import type { Metrics } from '../platform/metrics';
import type { Store } from '../store/connection';
import { performedEffects } from '../store/performedEffects';

interface Parts {
  readonly metrics: Metrics;
  readonly store: Store;
  readonly logger: Logger;
}

/** Observes what activities did, without their knowing. A figure that cannot be taken is never a reason to fail. */
export function measuredActivities(parts: Parts): ActivityInterceptorsFactory {
  return ({ info: { activityType } }) => ({
    inbound: {
      async execute(input, next) {
        const result = await next(input);
        if (activityType === 'commit') observeCommit(parts, input.args[0] as CommitRequest, result as CommitResult);
        if (activityType === 'performEffects') await observeEffects(parts, input.args[0] as { capability: string; recordId: string; revs: readonly number[] });
        return result;
      },
    },
  });
}

function observeCommit({ metrics }: Parts, { lapsed, at, capability }: CommitRequest, { outcome }: CommitResult): void {
  // A duplicate was observed by the attempt that committed.
  if (lapsed === undefined || outcome !== 'applied') return;
  metrics.deadlineLatenessSeconds.observe({ capability }, Math.max(0, epochMsOf(at) - epochMsOf(lapsed.due)) / 1000);
}

async function observeEffects({ metrics, store, logger }: Parts, request: { capability: string; recordId: string; revs: readonly number[] }): Promise<void> {
  try {
    const { effects, toldLateMs } = await performedEffects(store, request);
    for (const { kind, outcome } of effects) metrics.effects.inc({ kind, outcome });
    for (const lateMs of toldLateMs) metrics.noticeLatenessSeconds.observe({ capability: request.capability }, lateMs / 1000);
  } catch (err) {
    logger.warn({ err }, 'effects could not be counted');
  }
}
