import type { RecurrencesEffect } from '../contracts/recurrence';
import { CAPA } from '../contracts/capaWords';
import type { EffectOutcome } from '../contracts/step';
import { recurringCauses } from '../domain/capa/systemActs';
import type { DeliveryDeps } from '../store/commandDelivery';
import { findRecord } from '../store/records';
import type { RecordDoc } from '../store/schemas/records';
import { watchedCapas } from '../store/watchedCapas';
import { sendDerived } from './sendDerived';

/**
 * Tells every closed CAPA whose cause was found again on the same system that it recurred, and links the two (Q7). Each command is
 * stored under an id that follows from both CAPAs and their iterations: a retry, or a plan that is approved again, tells nobody twice.
 */
export async function tellRecurrences(deps: DeliveryDeps, { intent, cause }: RecurrencesEffect): Promise<EffectOutcome> {
  const { capaId, number, iteration } = cause;
  const { raisingOrganisationId } = await recordOf(deps, capaId);
  let told = 0;
  for (const closed of await watchedCapas(deps.store, cause)) {
    const categories = recurringCauses(closed, { ...cause, raisingOrganisationId });
    if (categories.length === 0) continue;
    const once = `capa/${capaId}/${String(iteration)}/recurred/${closed.id}/${String(closed.iteration)}`;
    await sendDerived(deps, { intent: once, capability: CAPA.capability, recordId: closed.id, act: 'recurred', body: { capaId, number, categories } });
    await sendDerived(deps, { intent: once, capability: CAPA.capability, recordId: capaId, act: 'linked', body: { recordId: closed.id, kind: 'relates_to' } });
    told += 1;
  }
  return { intent, outcome: 'done', detail: `${String(told)} closed CAPAs` };
}

/** The record of the CAPA whose cause it is: its step is stored before its effects are performed. */
async function recordOf({ store }: DeliveryDeps, capaId: string): Promise<RecordDoc> {
  const record = await findRecord(store, capaId);
  if (!record) throw new Error(`no record of CAPA ${capaId}, whose cause was stated`);
  return record;
}
