import { sleep } from '@temporalio/workflow';
import type { EntityStart } from '../../../contracts/entity';
import type { EscalationOpening } from '../../../contracts/escalation';
import { escalation as machine } from '../../../domain/escalation/machine';
import { runEntity } from '../../../workflows/support/entity';

/** Broken on purpose: one timer more than the recorded runs had. */
export async function escalation(start: EntityStart<EscalationOpening>): Promise<void> {
  await sleep('1 second');
  await runEntity(machine, start);
}
