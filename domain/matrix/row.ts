import type { MatrixRow, UncheckedMatrixRow } from '../../contracts/matrix';

/** What versions are versions of: `<study or ->/<topic>/<organisations, sorted>`. */
export function rowKeyOf({ studyId, topic, organisationIds }: Pick<MatrixRow, 'studyId' | 'topic' | 'organisationIds'>): string {
  return `${studyId ?? '-'}/${topic}/${[...new Set(organisationIds)].toSorted().join('+')}`;
}

/**
 * A row in one fixed form: sorted, doubles left out, fields in order, nothing that is not a row's.
 * Two rows say the same exactly when their fixed forms are the same JSON.
 */
export function fixedForm(row: UncheckedMatrixRow) {
  const { studyId, topic, organisationIds, policyKey, contacts, phi, phiChannels, frequency, filing } = row;
  const fixedContacts = contacts.map(({ organisationId, level, personId, deputyId, channel, fallback }) => ({ organisationId, level, personId, deputyId, channel, ...(fallback && { fallback }) }));
  return {
    studyId, topic, organisationIds: [...new Set(organisationIds)].toSorted(), policyKey,
    contacts: fixedContacts.toSorted((a, b) => sortKey(a).localeCompare(sortKey(b))),
    phi, phiChannels: [...new Set(phiChannels)].toSorted(),
    ...(frequency && { frequency: { every: frequency.every, grace: frequency.grace, organisationId: frequency.organisationId, ...(frequency.capaAfter !== undefined && { capaAfter: frequency.capaAfter }) } }),
    ...(filing && { filing: { tmfReference: filing.tmfReference, location: filing.location, responsibleOrganisationId: filing.responsibleOrganisationId } }),
  };
}

/** Whether two rows say the same, in whatever order. */
export function sameRow(one: UncheckedMatrixRow, other: UncheckedMatrixRow): boolean {
  return JSON.stringify(ordered(fixedForm(one))) === JSON.stringify(ordered(fixedForm(other)));
}

/** JSON values with the fields of every object in order of their names: stored durations may have them in any. */
export function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, ordered(each)]));
}

function sortKey({ organisationId, level, personId, deputyId, channel }: UncheckedMatrixRow['contacts'][number]): string {
  return [organisationId, level, personId, deputyId ?? '', channel].join('\u0000');
}
