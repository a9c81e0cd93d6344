/** A record, and what about it decides who has to agree to showing it to a third organisation. */
export interface Shareable {
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly studyId: string | null;
  /** Organisations that have put files on it. */
  readonly filesOf: readonly string[];
  /** Organisations that a row of the matrix, signed by all of them, binds to this topic together with both parties. */
  readonly boundByMatrix: readonly string[];
}

/**
 * Whose consent sharing a record needs, beside the owner's act: the other party's when the record is of a study, unless a row
 * of the matrix that all have signed names the third organisation; and of everybody who has put files on what is shared whole.
 */
export function shareConsents(record: Shareable, to: { readonly organisationId: string; readonly extent: 'whole' | 'summary' }): readonly string[] {
  const { raisingOrganisationId: owner, accountableOrganisationId: other, studyId, filesOf, boundByMatrix } = record;
  const ofStudy = studyId !== null && !boundByMatrix.includes(to.organisationId) ? [other] : [];
  const ofFiles = to.extent === 'whole' ? filesOf : [];
  return [...new Set([...ofStudy, ...ofFiles])].filter((id) => id !== owner && id !== to.organisationId);
}
