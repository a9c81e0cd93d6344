import { allHandlersFinished, condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import type { BareActivities } from './worker';

/** The case as plain Temporal would have it: same timers, one MongoDB write per step, nothing else kept. */
export interface BareCase {
  readonly caseId: string;
  readonly levels: number;
  readonly levelMs: number;
}

export const openedUpdate = defineUpdate('opened');
export const acknowledgeUpdate = defineUpdate('acknowledge');

const { write, tell } = proxyActivities<BareActivities>({ startToCloseTimeout: '15 seconds' });

export async function bare({ caseId, levels, levelMs }: BareCase): Promise<void> {
  const state = { acknowledged: false };
  let due = Date.now();
  const opened = write({ caseId, act: 'open', level: 1 });
  setHandler(openedUpdate, () => opened);
  setHandler(acknowledgeUpdate, async () => {
    await write({ caseId, act: 'acknowledge', level: 0 });
    state.acknowledged = true;
  });
  await opened;
  for (let level = 1; level <= levels && !state.acknowledged; level += 1) {
    if (level > 1) await write({ caseId, act: 'lapse', level });
    await tell({ caseId, level, due });
    await condition(() => state.acknowledged, levelMs);
    due += levelMs;
  }
  await condition(allHandlersFinished);
}
