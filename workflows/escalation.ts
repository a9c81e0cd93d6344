import type { EntityStart } from '../contracts/entity';
import type { EscalationOpening } from '../contracts/escalation';
import { escalation as machine } from '../domain/escalation/machine';
import { runEntity } from './support/entity';

/** One issue, from opening to closed: `escalation/<record id>`. */
export function escalation(start: EntityStart<EscalationOpening>): Promise<void> {
  return runEntity(machine, start);
}
