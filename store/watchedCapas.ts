import type { CapaState } from '../contracts/capaState';
import { capa } from '../domain/capa/machine';
import type { Store } from './connection';
import type { RecordDoc } from './schemas/records';

const INDEX = 'capas_of_system';

/** The states of closed CAPAs of one organisation on one system that are still watched for recurrence, oldest first. */
export async function watchedCapas(store: Store, { systemId, accountableOrganisationId }: { readonly systemId: string; readonly accountableOrganisationId: string }): Promise<readonly CapaState[]> {
  const found = await store.models.records
    .find({ capability: 'capa', systemId, accountableOrganisationId, status: 'closed', done: false }, { state: 1, stateVersion: 1 })
    .hint(INDEX).sort({ openedAt: 1 })
    .lean<Pick<RecordDoc, 'state' | 'stateVersion'>[]>();
  return found.map(({ state, stateVersion }) => capa.migrate(state, stateVersion));
}
