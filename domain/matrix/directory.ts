import { findNamed as find, type Found } from '../tables/named';

export type { Found };

/** The names that a table may use, as far as its reader knows of them. */
export interface Directory {
  readonly studies: readonly { readonly id: string; readonly code: string; readonly organisationIds: readonly string[] }[];
  readonly organisations: readonly { readonly id: string; readonly name: string }[];
  /** Deactivated people too: a row in force may name them. */
  readonly people: readonly { readonly id: string; readonly email: string; readonly organisationId: string }[];
}

/** What a table writes in the column `study` for issues without one. */
export const NO_STUDY = '(none)';

const codeOf = ({ code }: Directory['studies'][number]): string => code;
const nameOf = ({ name }: Directory['organisations'][number]): string => name;

export const findStudy = (directory: Directory, text: string) => find(directory.studies, { text, nameOf: codeOf });
export const findOrganisation = (among: Directory['organisations'], text: string) => find(among, { text, nameOf });

/** How a table names a study: by code, or by id when the code is not its alone. */
export function studyLabel(directory: Directory, id: string | null): string {
  if (id === null) return NO_STUDY;
  const study = directory.studies.find((one) => one.id === id);
  return study && isFound(findStudy(directory, study.code), id) && study.code !== NO_STUDY ? study.code : id;
}

/** How a table names an organisation among those that may stand there: by name, or by id when the name is not its alone. */
export function organisationLabel(among: Directory['organisations'], id: string): string {
  const organisation = among.find((one) => one.id === id);
  return organisation && isFound(findOrganisation(among, organisation.name), id) ? organisation.name : id;
}

/** Organisations that may stand in the lines of a study (null: of no study). */
export function organisationsOf(directory: Directory, studyId: string | null): Directory['organisations'] {
  const study = directory.studies.find(({ id }) => id === studyId);
  return study ? directory.organisations.filter(({ id }) => study.organisationIds.includes(id)) : directory.organisations;
}

function isFound(found: Found<{ readonly id: string }>, id: string): boolean {
  return 'found' in found && found.found.id === id;
}
