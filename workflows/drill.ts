import type { DrillOpening } from '../contracts/drill';
import type { EntityStart } from '../contracts/entity';
import { drill as machine } from '../domain/drill/machine';
import { runEntity } from './support/entity';

/** One drill, from its start to its report: `drill/<record id>`. */
export function drill(start: EntityStart<DrillOpening>): Promise<void> {
  return runEntity(machine, start);
}
