import type { RecurrencesEffect } from '../contracts/recurrence';
import { CAPA } from '../contracts/capaWords';
import type { EffectOutcome } from '../contracts/step';
import { recurringCauses } from '../domain/capa/systemActs';
import type { DeliveryDeps } from '../store/commandDelivery';
import { watchedCapas } from '../store/watchedCapas';
import { sendDerived } from './sendDerived';

/**
 * Tells every closed CAPA whose cause was found again on the same system that it recurred, and links the two (Q7). Each command is
 * stored under an id that follows from both CAPAs and their iterations: a retry, or a plan that is approved again, tells nobody twice.
 */
export async function tellRecurrences(deps: DeliveryDeps, { intent, cause }: RecurrencesEffect): Promise<EffectOutcome> {
  const { capaId, number, iteration } = cause;
  let told = 0;
  for (const closed of await watchedCapas(deps.store, cause)) {
    const categories = recurringCauses(closed, cause);
    if (categories.length === 0) continue;
    const once = `capa/${capaId}/${String(iteration)}/recurred/${closed.id}/${String(closed.iteration)}`;
    await sendDerived(deps, { intent: once, capability: CAPA.capability, recordId: closed.id, act: 'recurred', body: { capaId, number, categories } });
    await sendDerived(deps, { intent: once, capability: CAPA.capability, recordId: capaId, act: 'linked', body: { recordId: closed.id, kind: 'relates_to' } });
    told += 1;
  }
  return { intent, outcome: 'done', detail: `${String(told)} closed CAPAs` };
}
