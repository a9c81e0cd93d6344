import type { Store } from './connection';
import { knownOrganisationIds } from './organisations';

/** Who counts on an organisation's hours. */
export interface Concerned {
  /** Other organisations that share a study with it, or a record as parties; sorted. */
  readonly organisationIds: readonly string[];
  /** Whether there is a record that another organisation is a party to: deadlines may be owed on it. */
  readonly hasRecords: boolean;
}

/** Those whom the hours of an organisation concern: what it owes them is counted on these. */
export async function concernedBy(store: Store, organisationId: string): Promise<Concerned> {
  const [known, raised, owed] = await Promise.all([
    knownOrganisationIds(store, organisationId),
    store.models.records.distinct('accountableOrganisationId', { raisingOrganisationId: organisationId, accountableOrganisationId: { $ne: organisationId } }),
    store.models.records.distinct('raisingOrganisationId', { accountableOrganisationId: organisationId, raisingOrganisationId: { $ne: organisationId } }),
  ]);
  const parties = [...raised, ...owed] as string[];
  return { organisationIds: [...new Set([...known, ...parties])].filter((id) => id !== organisationId).toSorted(), hasRecords: parties.length > 0 };
}
