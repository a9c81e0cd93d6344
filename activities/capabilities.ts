import { OPEN_ACT } from '../contracts/entity';
import type { EscalationState } from '../contracts/escalation';
import { CAPABILITIES, type Capability } from '../contracts/ids';
import type { Ladder } from '../contracts/policy';
import type { Json } from '../contracts/step';
import { ISSUE_ACTS, type RecordAct } from '../domain/access/roles';
import { escalation } from '../domain/escalation/machine';
import { ladderOf } from '../domain/escalation/plan';
import { project } from '../domain/escalation/projection';
import type { RecordDoc } from '../store/schemas/records';

/** What lists and rights look at. */
type Projection = Pick<RecordDoc, 'status' | 'severity' | 'topic' | 'level' | 'studyId' | 'systemId' | 'raisingOrganisationId' | 'accountableOrganisationId' | 'assigneeIds' | 'visibleTo' | 'drill'>;

/** What the shell's activities must know of a capability beside its machine. */
interface CapabilityRecord {
  readonly stateVersion: number;
  readonly project: (state: Json) => Projection;
  readonly policyVersionOf: (state: Json) => string;
  /** The right in the role table that an act of a person needs; undefined: nobody has it. */
  readonly rightOf: (act: string) => RecordAct | undefined;
  /** Asked for notices to a level. */
  readonly ladderOf?: (state: Json) => Ladder;
  /** How a notice calls the record. */
  readonly noun: string;
}

const escalationOf = (state: Json): EscalationState => state as unknown as EscalationState;

export const CAPABILITY_RECORDS: Readonly<Record<Capability, CapabilityRecord>> = {
  escalation: {
    stateVersion: escalation.version,
    project: (state) => project(escalationOf(state)),
    policyVersionOf: (state) => `${escalationOf(state).policy.key}/${escalationOf(state).policy.version}`,
    rightOf: (act) => ISSUE_ACTS.find((known) => known === (act === OPEN_ACT ? 'raise' : act)),
    ladderOf: (state) => ladderOf(escalationOf(state)),
    noun: 'Issue',
  },
};

/** The capability of this name; throws RangeError for one that this release does not know. */
export function capabilityOf(name: string): Capability {
  const found = CAPABILITIES.find((capability) => capability === name);
  if (!found) throw new RangeError(`no capability is called ${name}`);
  return found;
}

/** The capability's part; throws RangeError for a name that this release does not know. */
export function capabilityRecord(name: string): CapabilityRecord {
  return CAPABILITY_RECORDS[capabilityOf(name)];
}
