import type { ControlOpening } from '../contracts/control';
import type { EntityStart } from '../contracts/entity';
import { control as machine } from '../domain/control/machine';
import { runEntity } from './support/entity';

/** One recurring obligation, slot after slot: `control/<record id>`. */
export function control(start: EntityStart<ControlOpening>): Promise<void> {
  return runEntity(machine, start);
}
