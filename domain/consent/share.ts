/** A record, and what about it decides who has to agree to showing it to a third organisation. */
export interface Shareable {
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly studyId: string | null;
  /** Of the study. */
  readonly sponsors: readonly string[];
  /** Organisations that have put files on it. */
  readonly filesOf: readonly string[];
  /** Organisations that a row of the matrix, signed by all of them, binds to this topic together with both parties. */
  readonly boundByMatrix: readonly string[];
}

/**
 * Whose consent sharing a record needs, beside the owner's act: the other party's when the record is of a study, unless a row
 * of the matrix that all have signed names the third organisation; the sponsors' of the study where none of them is a party; and
 * of everybody who has put files on what is shared whole.
 */
export function shareConsents(record: Shareable, to: { readonly organisationId: string; readonly extent: 'whole' | 'summary' }): readonly string[] {
  const { raisingOrganisationId: owner, accountableOrganisationId: other, studyId, sponsors, filesOf, boundByMatrix } = record;
  const ofStudy = studyId !== null && !boundByMatrix.includes(to.organisationId) ? [other] : [];
  const ofFiles = to.extent === 'whole' ? filesOf : [];
  return [...new Set([...ofStudy, ...absentSponsors({ parties: [owner, other], sponsors }), ...ofFiles])].filter((id) => id !== owner && id !== to.organisationId);
}

/** Sponsors whose study a record is about and who are told nothing of it: a CRO's own log of a study is not the CRO's alone to show. */
export function absentSponsors({ parties, sponsors }: { readonly parties: readonly string[]; readonly sponsors: readonly string[] }): readonly string[] {
  return sponsors.some((id) => parties.includes(id)) ? [] : sponsors;
}
