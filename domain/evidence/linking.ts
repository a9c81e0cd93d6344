/** A link that somebody wants to make. */
export interface LinkWanted {
  /** For which the actor links. */
  readonly linkingOrganisationId: string;
  /** Which stored the file. */
  readonly ownerOrganisationId: string;
  /** Parties of each record that it hangs on without a consent, as far as the actor knows of them. */
  readonly homes: readonly (readonly string[])[];
  /** Sponsors of the studies of those records that are a party of none of them. */
  readonly sponsors: readonly string[];
  /** Parties of the record to link to, and who reads it whole beside them. */
  readonly parties: readonly string[];
  readonly readers: readonly string[];
}

/** Organisations that would come to read the file by the link: those that are no party of anything that it hangs on. */
export function newcomersOf({ ownerOrganisationId, homes, readers }: LinkWanted): readonly string[] {
  const known = new Set([ownerOrganisationId, ...homes.flat()]);
  return [...new Set(readers)].filter((id) => !known.has(id));
}

/**
 * Whose consent a link needs: none while it shows the file to nobody new; else that of its owner, and of every party of what
 * it hangs on, and sponsor of what it hangs on, that takes no part in the record to link to, and so would not see what becomes
 * of it. What a consent shows somebody makes them no party: the next record needs its own.
 */
export function linkConsents(wanted: LinkWanted): readonly string[] {
  if (newcomersOf(wanted).length === 0) return [];
  const { linkingOrganisationId, ownerOrganisationId, homes, sponsors, parties } = wanted;
  const absent = [...homes.flat(), ...sponsors].filter((id) => !parties.includes(id));
  return [...new Set([ownerOrganisationId, ...absent])].filter((id) => id !== linkingOrganisationId);
}

/** A link that somebody wants to take back. */
export interface LinkToEnd {
  /** Which stored the file. */
  readonly ownerOrganisationId: string;
  /** For which it was linked. */
  readonly linkedFor: string;
  /** Of the record. */
  readonly parties: readonly string[];
}

/**
 * Organisations that may take a link back: who stored the file and who linked it; and the parties of the record, where neither of
 * these is a party of it. What one party put on a common record is not the other's to take off.
 */
export function mayEndLink({ ownerOrganisationId, linkedFor, parties }: LinkToEnd): readonly string[] {
  const makers = [ownerOrganisationId, linkedFor];
  return makers.some((id) => parties.includes(id)) ? makers : [...makers, ...parties];
}
