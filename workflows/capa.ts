import type { CapaOpening } from '../contracts/capaState';
import type { EntityStart } from '../contracts/entity';
import { capa as machine } from '../domain/capa/machine';
import { runEntity } from './support/entity';

/** One CAPA, from its opening to the end of its recurrence watch: `capa/<record id>`. */
export function capa(start: EntityStart<CapaOpening>): Promise<void> {
  return runEntity(machine, start);
}
