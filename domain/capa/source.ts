import type { SOURCE_TYPES } from '../../contracts/capaWords';
import type { FieldError } from '../../contracts/failures';
import type { Capability } from '../../contracts/ids';
import type { Severity } from '../../contracts/policy';

type SourceType = (typeof SOURCE_TYPES)[number];

/** What a source may be: a record of a capability, or an audit finding, which is no workflow's record. */
export type SourceKind = Capability | 'finding';

const ISSUE = ['escalation'] as const satisfies readonly Capability[];
/** Records of this product that fit a type of source; absent: any. Restoration tests are none yet. */
const FITTING: Readonly<Partial<Record<SourceType, readonly SourceKind[]>>> = {
  issue: ISSUE, incident: ISSUE, complaint: ISSUE, control: ['control'], audit_finding: ['finding'], restoration_test: [],
  sla_breach: [...ISSUE, 'control'], kri: [...ISSUE, 'control'], inspection: [...ISSUE, 'capa'],
};

/** Whether a record of this kind is what the type of source says. */
export const fitsSource = (type: SourceType, kind: SourceKind): boolean => FITTING[type]?.includes(kind) ?? true;

/** From the least to the gravest. */
export const GRAVITY: readonly Severity[] = ['minor', 'major', 'critical'];

/** What the raising side stated in the record that a CAPA is opened from, or is to state in the CAPA. */
export interface Statement {
  readonly title: string;
  readonly severity: string;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
}

/**
 * What another side than the raising one would make less of by opening a CAPA from its record (E6(R3) 3.6): title and sides
 * are the record's, the severity is at least its own. Whoever raised it may say it anew.
 */
export function softened(asked: Statement, stated: Statement, byOrganisationId: string): readonly FieldError[] {
  if (byOrganisationId === stated.raisingOrganisationId) return [];
  const fields = (['title', 'raisingOrganisationId', 'accountableOrganisationId'] as const).filter((field) => asked[field] !== stated[field]);
  const rank = ({ severity }: Statement): number => GRAVITY.findIndex((known) => known === severity);
  return [
    ...fields.map((field) => ({ field, message: 'is stated by the raising side: it is taken from the record' })),
    ...(rank(asked) < rank(stated) ? [{ field: 'severity', message: `the raising side stated ${stated.severity}: only it opens the CAPA as less severe` }] : []),
  ];
}
