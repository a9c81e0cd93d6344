import type { PersonActor } from '../contracts/actor';
import type { CapaState } from '../contracts/capaState';
import type { ClosedSlot, ControlState } from '../contracts/control';
import type { DrillState } from '../contracts/drill';
import { OPEN_ACT } from '../contracts/entity';
import type { EscalationState } from '../contracts/escalation';
import type { Refusal } from '../contracts/failures';
import { CAPABILITIES, type Capability } from '../contracts/ids';
import type { Ladder } from '../contracts/policy';
import type { Instant } from '../contracts/instant';
import type { ArmedDeadline, EndedDeadline, Fact, Json } from '../contracts/step';
import { ACTS, ISSUE_ACTS, type RecordAct } from '../domain/access/roles';
import { refuseStep } from '../domain/capa/deeds';
import { capa } from '../domain/capa/machine';
import { project as projectCapa } from '../domain/capa/projection';
import { capaRightOf } from '../domain/capa/rights';
import { control } from '../domain/control/machine';
import { closedSlots, project as projectControl } from '../domain/control/projection';
import { drill } from '../domain/drill/machine';
import { project as projectDrill } from '../domain/drill/projection';
import { agendaChangeOf, type AgendaChange } from '../domain/escalation/agenda';
import { CLINICAL_DEFAULT } from '../domain/escalation/defaults';
import { escalation } from '../domain/escalation/machine';
import { ladderOf } from '../domain/escalation/plan';
import { project } from '../domain/escalation/projection';
import { contentOf } from '../domain/records/content';
import type { ContentReading } from '../domain/audit/contentFacts';
import { canonicalText } from '../domain/audit/chain';
import type { Store } from '../store/connection';
import { measureEffect } from '../store/effectMeasurement';
import type { RecordDoc } from '../store/schemas/records';
import { policyNameOf } from '../domain/policy/scope';

/** What lists and rights look at. */
type Projection = Pick<RecordDoc, 'status' | 'severity' | 'topic' | 'level' | 'studyId' | 'systemId' | 'raisingOrganisationId' | 'accountableOrganisationId' | 'assigneeIds' | 'visibleTo' | 'drill'> & { readonly dedupeKey?: null };

/** What the shell's activities must know of a capability beside its machine. */
interface CapabilityRecord {
  readonly stateVersion: number;
  readonly project: (state: Json) => Projection;
  readonly policyVersionOf: (state: Json) => string;
  /** The right in the role table that an act of a person needs; undefined: nobody has it. */
  readonly rightOf: (act: string) => RecordAct | undefined;
  /** Asked for notices to a level. */
  readonly ladderOf?: (state: Json) => Ladder | undefined;
  /** Asked of recurring obligations: the slots that a step closed; `armed` are the deadlines before it. */
  readonly slotsOf?: (step: { readonly facts: readonly Fact[]; readonly armed: readonly ArmedDeadline[]; readonly at: Instant }) => readonly ClosedSlot[];
  /** What a step means for governance's agenda; asked of capabilities that go there. */
  readonly agendaOf?: (step: { readonly state: Json; readonly facts: readonly Fact[]; readonly waits: readonly ArmedDeadline[]; readonly ended: readonly EndedDeadline[] }) => AgendaChange | undefined;
  /** Why a figure that a step brings is not what the records say now; undefined: it is, or the step brings none. */
  readonly refuseFigure?: (store: Store, step: { readonly act: string; readonly state: Json; readonly facts: readonly Fact[] }) => Promise<string | undefined>;
  /** Why a person's step is another side's to make, or lacks its signature; undefined: it is fine. `state`: after it. */
  readonly refuseStep?: (step: { readonly act: string; readonly state: Json; readonly facts: readonly Fact[]; readonly signed: boolean; readonly actor: PersonActor }) => Refusal | undefined;
  /** How a notice calls the record. */
  readonly noun: string;
}

const escalationOf = (state: Json): EscalationState => state as unknown as EscalationState;
const controlOf = (state: Json): ControlState => state as unknown as ControlState;
const capaOf = (state: Json): CapaState => state as unknown as CapaState;
const drillOf = (state: Json): DrillState => state as unknown as DrillState;
/** `control:waive` for the act `waive` of a control. */
const named = (prefix: string, act: string): RecordAct | undefined => PATHWAY_RIGHTS.find((known) => known === `${prefix}:${act}`);
const PATHWAY_RIGHTS = ACTS.filter((act): act is Extract<RecordAct, `${string}:${string}`> => act.includes(':'));

export const CAPABILITY_RECORDS: Readonly<Record<Capability, CapabilityRecord>> = {
  escalation: {
    stateVersion: escalation.version,
    project: (state) => project(escalationOf(state)),
    policyVersionOf: (state) => policyNameOf(escalationOf(state).policy),
    rightOf: (act) => ISSUE_ACTS.find((known) => known === (act === OPEN_ACT ? 'raise' : act)),
    ladderOf: (state) => ladderOf(escalationOf(state)),
    agendaOf: ({ state, ...taken }) => agendaChangeOf({ state: escalationOf(state), ...taken }),
    noun: 'Issue',
  },
  control: {
    stateVersion: control.version,
    project: (state) => projectControl(controlOf(state)),
    policyVersionOf: (state) => {
      const { row } = controlOf(state);
      return row ? `matrix/${row.key}/${row.version}` : 'by hand';
    },
    rightOf: (act) => named('control', act),
    // Without a matrix row the default ladder says which role is told.
    ladderOf: () => CLINICAL_DEFAULT.ladders.minor,
    slotsOf: closedSlots,
    noun: 'Control',
  },
  drill: {
    stateVersion: drill.version,
    project: (state) => projectDrill(drillOf(state)),
    policyVersionOf: (state) => `drill/${drillOf(state).kind}`,
    rightOf: (act) => named('drill', act === OPEN_ACT ? 'start' : act),
    noun: 'Drill',
  },
  capa: {
    stateVersion: capa.version,
    project: (state) => projectCapa(capaOf(state)),
    policyVersionOf: (state) => policyNameOf(capaOf(state).policy),
    rightOf: capaRightOf,
    refuseFigure: async (store, { act, state, facts }) => {
      const assessed = act === 'assess' && capaOf(state).status === 'closure_review';
      if (!assessed && !facts.some(({ action }) => action === 'effect.measured')) return undefined;
      const { measurement } = capaOf(state);
      if (!measurement) return undefined;
      const again = await measureEffect(store, capaOf(state));
      return canonicalText(again) === canonicalText(measurement) ? undefined : 'the records say another figure than the one that was counted: save the result again';
    },
    refuseStep: ({ state, actor, ...step }) => refuseStep(capaOf(state), step, actor),
    noun: 'CAPA',
  },
};

/** The capability of this name; throws RangeError for one that this release does not know. */
export function capabilityOf(name: string): Capability {
  const found = CAPABILITIES.find((capability) => capability === name);
  if (!found) throw new RangeError(`no capability is called ${name}`);
  return found;
}

const LIFTS: Readonly<Record<Capability, (state: Json, stateVersion: number) => unknown>> = {
  escalation: (state, from) => escalation.migrate(state, from), control: (state, from) => control.migrate(state, from), drill: (state, from) => drill.migrate(state, from), capa: (state, from) => capa.migrate(state, from),
};

/** How this release reads the content of a capability's states. Throws RangeError for a name that it does not know. */
export function contentReading(name: string): ContentReading {
  const capability = capabilityOf(name);
  return { stateVersion: capabilityRecord(name).stateVersion, contentOf: (state) => contentOf(capability, state), lifted: (state, stateVersion) => LIFTS[capability](state, stateVersion) as Json };
}

/** The capability's part; throws RangeError for a name that this release does not know. */
export function capabilityRecord(name: string): CapabilityRecord {
  return CAPABILITY_RECORDS[capabilityOf(name)];
}
