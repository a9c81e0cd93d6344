import { Context } from '@temporalio/activity';
import type { EffectActivities } from '../contracts/activities';
import type { NoticeEffect } from '../contracts/notice';
import type { OpenEffect } from '../contracts/openEffect';
import type { RecurrencesEffect } from '../contracts/recurrence';
import type { Effect, EffectOutcome, Json } from '../contracts/step';
import { stepsAt } from '../store/receipts';
import { finishEffects } from '../store/outbox';
import { findRecord } from '../store/records';
import type { RecordDoc, StepDoc } from '../store/schemas/records';
import type { DerivedOpening } from './openDerived';
import type { DerivedCommand } from './sendDerived';
import { tell, type TellingDeps } from './telling';

export interface EffectDeps extends TellingDeps {
  /** Stores a command on another record and tries to send it; what stays unanswered the sentinel re-sends. */
  readonly sendCommand: (effect: DerivedCommand) => Promise<void>;
  /** Opens an issue or a CAPA for a record, or joins the one that is open; throws while it has no answer. */
  readonly openRecord: (opening: DerivedOpening) => Promise<EffectOutcome>;
  /** Tells closed CAPAs that their cause was found again. */
  readonly tellRecurrences: (effect: RecurrencesEffect) => Promise<EffectOutcome>;
}

const HEARTBEAT_MS = 1000;

/** `performEffects`: everything outside the lock, once per intent. */
export function createEffectActivities(deps: EffectDeps): EffectActivities {
  return {
    async performEffects({ recordId, revs }) {
      const context = Context.current();
      const beat = setInterval(() => { context.heartbeat(); }, HEARTBEAT_MS);
      try {
        const record = await findRecord(deps.store, recordId);
        if (!record) return [];
        const outcomes: EffectOutcome[] = [];
        for (const step of await stepsAt(deps.store, { recordId, revs })) outcomes.push(...await performStep(deps, record, step));
        return outcomes;
      } finally {
        clearInterval(beat);
      }
    },
  };
}

async function performStep(deps: EffectDeps, issue: RecordDoc, step: StepDoc): Promise<readonly EffectOutcome[]> {
  if (step.effectsDone) return step.outcomes as unknown as readonly EffectOutcome[];
  const outcomes: EffectOutcome[] = [];
  const spared = new Set<string>();
  for (const effect of step.effects) outcomes.push(await performOne(deps, { issue, step, effect, spared }));
  // The machine hears only of what it waits for; everything is in the ledger.
  const needed = outcomes.filter((outcome) => mustKnow(step.effects, outcome));
  await finishEffects(deps.store, { stepId: step._id, outcomes: needed as unknown as readonly Json[] });
  return needed;
}

async function performOne(deps: EffectDeps, of: { issue: RecordDoc; step: StepDoc; effect: Effect; spared: Set<string> }): Promise<EffectOutcome> {
  const { issue, step, effect, spared } = of;
  const { intent } = effect;
  switch (effect.kind) {
    case 'notify':
      return tell(deps, { issue, step, effect: effect as unknown as NoticeEffect, spared });
    case 'open':
      return deps.openRecord({ ...(effect as unknown as OpenEffect), openerId: issue._id });
    case 'recurrences':
      return deps.tellRecurrences(effect as unknown as RecurrencesEffect);
    case 'command':
      await deps.sendCommand(effect as unknown as DerivedCommand);
      return { intent, outcome: 'done', detail: '' };
  }
}

/** An opener has to hear what it opened; of notices, a machine that waits hears of those that reached nobody. */
function mustKnow(effects: readonly Effect[], { intent, outcome }: EffectOutcome): boolean {
  return effects.some((effect) => effect.intent === intent && (effect.kind === 'open' || (outcome !== 'done' && effect['mustReach'] === true)));
}
