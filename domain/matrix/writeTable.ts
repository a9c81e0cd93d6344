import type { Instant } from '../../contracts/instant';
import type { MatrixRow } from '../../contracts/matrix';
import { COLUMNS, escaped, TOLD_COLUMNS, type Cells } from './columns';
import { organisationLabel, organisationsOf, studyLabel, type Directory } from './directory';
import { durationText } from './durationText';

/** A version of a row, and in words who signed it. */
export type WrittenVersion = MatrixRow & { readonly effectiveFrom: Instant; readonly signatures: string };

/** Versions as a table, header first, that reads back as the same rows; one line per contact, what is the row's on each. */
export function writeTable(versions: readonly WrittenVersion[], directory: Directory): readonly (readonly string[])[] {
  const lines = versions.flatMap((version) => linesOf(version, directory).map((cells) => [...COLUMNS.map((column) => cells[column]), version.signatures]));
  return [[...COLUMNS, ...TOLD_COLUMNS], ...lines.map((cells) => cells.map(escaped))];
}

function linesOf(version: WrittenVersion, directory: Directory): readonly Cells[] {
  const { studyId, topic, organisationIds, policyKey, phi, phiChannels, frequency, filing, effectiveFrom } = version;
  const among = organisationsOf(directory, studyId);
  const labelOf = (id: string): string => organisationLabel(among, id);
  const addressOf = (id: string): string => directory.people.find((person) => person.id === id)?.email ?? id;
  return version.contacts.map((contact) => {
    const other = organisationIds.find((id) => id !== contact.organisationId);
    return {
      study: studyLabel(directory, studyId), topic, organisation: labelOf(contact.organisationId), with: other === undefined ? '' : labelOf(other),
      level: String(contact.level), contact: addressOf(contact.personId), deputy: addressOf(contact.deputyId), channel: contact.channel, fallback: contact.fallback ?? '',
      policy: policyKey, effective_from: effectiveFrom, phi: phi ? 'yes' : 'no', phi_channels: phiChannels.join(' '),
      frequency: frequency ? durationText(frequency.every) : '', frequency_grace: frequency ? durationText(frequency.grace) : '',
      frequency_organisation: frequency ? labelOf(frequency.organisationId) : '', frequency_capa_after: frequency?.capaAfter === undefined ? '' : String(frequency.capaAfter),
      tmf_reference: filing?.tmfReference ?? '', filing_location: filing?.location ?? '', filing_organisation: filing ? labelOf(filing.responsibleOrganisationId) : '',
    };
  });
}
