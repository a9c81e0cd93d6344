import type { EntityStart } from '../../../contracts/entity';
import type { EscalationOpening } from '../../../contracts/escalation';
import { escalation as machine } from '../../../domain/escalation/machine';
import { runEntity } from '../../../workflows/support/entity';

/** Broken on purpose: the same commands in the same order, but an acknowledgement leaves no fact for the audit trail. */
export function escalation(start: EntityStart<EscalationOpening>): Promise<void> {
  return runEntity({ ...machine, apply: (state, commanded, now) => ({ ...machine.apply(state, commanded, now), facts: [] }) }, start);
}
