/** Kinds of display numbers. */
export const NUMBER_KINDS = ['ISS', 'CTL', 'DRL', 'CAPA'] as const;
export type NumberKind = (typeof NUMBER_KINDS)[number];

/** Whose record it is that wants a number. */
export interface Numbered {
  readonly studyId: string | null;
  /** The record's parties; in any order, and twice if one stands on both sides. */
  readonly organisationIds: readonly string[];
}

/** Longest part of a study's code that stands in a number, in characters: numbers head file names and subjects of mails. */
const TAG_LENGTH = 24;
/** What NFKD leaves of letters and digits that are not plain: marks. */
const MARKS = /\p{M}/gu;

/**
 * What a record is counted in: its study, or else its parties. One count for the installation would tell
 * everybody who opens two records how much all others did between them.
 */
export function seriesOf({ studyId, organisationIds }: Numbered): string {
  return studyId === null ? `parties/${[...new Set(organisationIds)].sort().join('+')}` : `study/${studyId}`;
}

/**
 * A study's code as its numbers show it: capital letters, digits and single hyphens, which URLs, file names of any
 * system and CSV take as they are. Undefined: the code has letters or digits that this would lose.
 */
export function tagOfCode(code: string): string | undefined {
  const plain = code.normalize('NFKD').replaceAll(MARKS, '').toUpperCase();
  if (/[^A-Z0-9]/u.test(plain.replaceAll(/[^\p{L}\p{N}]/gu, ''))) return undefined;
  const tag = plain.replaceAll(/[^A-Z0-9]+/gu, '-').replaceAll(/^-/gu, '').slice(0, TAG_LENGTH).replaceAll(/-$/gu, '');
  return tag === '' ? undefined : tag;
}

/** `ISS-ALP-101-7`. The count stands last, so that no two series share a number as long as they share no tag. */
export const numberOf = (kind: NumberKind, tag: string, count: number): string => `${kind}-${tag}-${String(count)}`;
