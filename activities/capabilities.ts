import type { EscalationState } from '../contracts/escalation';
import type { Capability } from '../contracts/ids';
import type { Json } from '../contracts/step';
import { escalation } from '../domain/escalation/machine';
import { project } from '../domain/escalation/projection';

type Projection = ReturnType<typeof project>;

/** What the shell's activities must know of a capability beside its machine. */
interface CapabilityRecord {
  readonly stateVersion: number;
  readonly project: (state: Json) => Projection;
  readonly policyVersionOf: (state: Json) => string;
  readonly numberOf: (state: Json) => string;
}

const escalationOf = (state: Json): EscalationState => state as unknown as EscalationState;

export const CAPABILITY_RECORDS: Readonly<Record<Capability, CapabilityRecord>> = {
  escalation: {
    stateVersion: escalation.version,
    project: (state) => project(escalationOf(state)),
    policyVersionOf: (state) => `${escalationOf(state).policy.key}/${escalationOf(state).policy.version}`,
    numberOf: (state) => escalationOf(state).number,
  },
};

/** The capability's part; throws RangeError for a name that this release does not know. */
export function capabilityRecord(name: string): CapabilityRecord {
  const found = Object.entries(CAPABILITY_RECORDS).find(([capability]) => capability === name);
  if (!found) throw new RangeError(`no capability is called ${name}`);
  return found[1];
}
