import { upsertSearchAttributes } from '@temporalio/workflow';
import type { EntityStart } from '../../../contracts/entity';
import type { EscalationOpening } from '../../../contracts/escalation';
import { SEARCH_ATTRIBUTES } from '../../../contracts/searchAttributes';
import { escalation as machine } from '../../../domain/escalation/machine';
import { runEntity } from '../../../workflows/support/entity';

/** Broken on purpose: one upsert more than the recorded runs had, at the end. */
export async function escalation(start: EntityStart<EscalationOpening>): Promise<void> {
  await runEntity(machine, start);
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.level, value: null }]);
}
