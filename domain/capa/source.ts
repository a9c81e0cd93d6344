import type { SOURCE_TYPES } from '../../contracts/capaWords';
import type { Capability } from '../../contracts/ids';

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
