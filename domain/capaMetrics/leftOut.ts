import { datesKnown, type MeasuredCapa } from './facts';

/** Why a CAPA that could be seen is left out: of every figure, or of those that need what nobody knows. */
export interface Reason {
  readonly code: 'draft' | 'drill' | 'imported';
  readonly text: string;
  readonly whole: boolean;
}

interface Candidate {
  readonly capa: MeasuredCapa;
  readonly drill: boolean;
}

const REASONS: readonly (Reason & { readonly holds: (one: Candidate) => boolean })[] = [
  { code: 'drill', whole: true, text: 'Drills are in no figure.', holds: ({ drill }) => drill },
  { code: 'draft', whole: true, text: 'Drafts: nobody has handed them over, or they were returned to their author.', holds: ({ capa }) => capa.status === 'draft' },
  {
    code: 'imported', whole: false, holds: ({ capa }) => !datesKnown(capa),
    text: 'Came in from elsewhere after their containment: earlier due dates, returns and signatures are not known, so they are in no figure of punctuality, and in those of first-pass approval and effectiveness only with what was done here.',
  },
];

/** Those that are counted, and those that are left out, each under the first reason that holds. */
export function leftOut<T extends Candidate>(records: readonly T[]): { readonly counted: readonly T[]; readonly left: readonly { readonly reason: Reason; readonly records: readonly T[] }[] } {
  const reasonOf = (one: T) => REASONS.find(({ holds }) => holds(one));
  return {
    counted: records.filter((one) => reasonOf(one)?.whole !== true),
    left: REASONS.map((reason) => ({ reason, records: records.filter((one) => reasonOf(one) === reason) })),
  };
}
