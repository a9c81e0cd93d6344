import type { Capability } from '../../contracts/ids';
import type { Signable } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import type { RecordAct } from '../access/roles';
import { capa } from '../capa/machine';
import { capaRightOf } from '../capa/rights';
import type { Machine } from '../machine';

/** What a record is asked for before somebody signs it. */
export interface SignableRecord {
  readonly capability: Capability;
  readonly state: Json;
  readonly stateVersion: number;
}

/** What signing must know of a capability. */
export interface SignableCapability {
  /** What the act signs on the record as it is now; undefined: nothing. */
  readonly signable: (record: Pick<SignableRecord, 'state' | 'stateVersion'>, act: string, said?: Json) => Signable | undefined;
  /** The right of the role table that the act needs. */
  readonly rightOf: (act: string) => RecordAct | undefined;
}
export type SignableCapabilities = Readonly<Partial<Record<Capability, SignableCapability>>>;

/** The entry of a machine that has `signable`. */
export function signableCapability<State, Command, Opening>(machine: Machine<State, Command, Opening>, rightOf: SignableCapability['rightOf']): SignableCapability {
  return { rightOf, signable: ({ state, stateVersion }, act, said) => machine.signable?.(machine.migrate(state, stateVersion), act, said) };
}

/** Capabilities with signed acts; the others sign nothing. */
export const SIGNABLE_CAPABILITIES: SignableCapabilities = {
  capa: signableCapability(capa, capaRightOf),
};
