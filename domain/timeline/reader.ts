import type { AuditActor } from '../../contracts/audit';

/** Who reads the story of a record: for which organisations, and whose record it is. */
export interface Reader {
  readonly organisationIds: readonly string[];
  /** The raising and the accountable organisation. */
  readonly partyIds: readonly string[];
}

/** Whether one reads as a party, and not because the record is shared. */
export function readsAsParty({ organisationIds, partyIds }: Reader): boolean {
  return partyIds.some((id) => organisationIds.includes(id));
}

/** Whether an entry is meant for one of the organisations; without a list it is for everybody who reads the record. */
export function isVisible(entry: { readonly visibleTo?: readonly string[] }, organisationIds: readonly string[]): boolean {
  return entry.visibleTo === undefined || entry.visibleTo.some((id) => organisationIds.includes(id));
}

/**
 * Whether the reader may read an entry. Who holds a share reads what the parties, the product and its own people did:
 * organisations that hold shares of one record do not learn of each other (decision 009).
 */
export function mayRead(entry: { readonly visibleTo?: readonly string[]; readonly actor: AuditActor }, reader: Reader): boolean {
  if (!isVisible(entry, reader.organisationIds)) return false;
  const { actor } = entry;
  return readsAsParty(reader) || actor.kind !== 'person' || [...reader.partyIds, ...reader.organisationIds].includes(actor.organisationId);
}
