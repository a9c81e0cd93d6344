import type { Measurement } from '../contracts/capaSections';
import type { CapaState } from '../contracts/capaState';
import type { CountedSource } from '../contracts/capaWords';
import type { DrillState } from '../contracts/drill';
import type { EscalationState } from '../contracts/escalation';
import type { Instant } from '../contracts/instant';
import { countedSourceOf, measurementOf, windowOf, type Counted } from '../domain/capa/measured';
import { systemCauses } from '../domain/capa/rootCause';
import { partiesOf } from '../domain/capa/seats';
import type { Store } from './connection';
import { capa } from '../domain/capa/machine';
import type { RecordDoc, StepDoc } from './schemas/records';
import type { SlotDoc } from './schemas/slots';

interface Window { readonly from: Instant; readonly to: Instant }

/** What the records say of the effect of a CAPA whose window is over; null: people measure it, or the window goes on. Counted anew by commit, so that nobody brings a figure of their own. */
export async function measureEffect(store: Store, state: CapaState): Promise<Measurement | null> {
  const source = countedSourceOf(state.plan?.effectiveness);
  const window = windowOf(state);
  if (source === undefined || !window) return null;
  return measurementOf(source, await COUNT[source](store, state, window), window);
}

const COUNT: Readonly<Record<CountedSource, (store: Store, state: CapaState, window: Window) => Promise<readonly Counted[]>>> = {
  escalation_drills: drillsIn,
  deadline_lateness: dueDatesIn,
  contact_slots: slotsIn,
  recurrences: recurrencesIn,
  issues_on_topic: issuesIn,
};

async function drillsIn(store: Store, state: CapaState, { from, to }: Window): Promise<readonly Counted[]> {
  const parties = partiesOf(state);
  const found = await store.models.records.find({
    capability: 'drill', raisingOrganisationId: { $in: parties }, accountableOrganisationId: { $in: parties }, topic: { $in: [state.topic, '*'] }, studyId: state.studyId, status: 'reported',
    'state.endedAt': { $gte: from, $lte: to },
  }, { state: 1 }).lean<Pick<RecordDoc, '_id' | 'state'>[]>();
  const drills = found.map(({ state: of }) => of as unknown as DrillState);
  const issueIds = drills.flatMap(({ issue }) => issue?.recordId ?? []);
  const issues = await store.models.records.find({ _id: { $in: issueIds } }, { state: 1 }).lean<Pick<RecordDoc, '_id' | 'state'>[]>();
  const answered = new Set(issues.filter(({ state: of }) => (of as unknown as EscalationState).tracks.every(({ acknowledgedBy, level, round }) => acknowledgedBy !== null && level === 1 && round === 1)).map(({ _id }) => _id));
  return drills.map(({ id, kind, issue, answers }) => ({ recordId: id, met: kind === 'escalation' ? answered.has(issue?.recordId ?? '') : answers.length > 0 && answers.every(({ confirmedAt }) => confirmedAt !== null) }));
}

async function dueDatesIn(store: Store, state: CapaState, { from, to }: Window): Promise<readonly Counted[]> {
  const { id, raisingOrganisationId, accountableOrganisationId } = state;
  const others = await store.models.records.find({ capability: 'capa', raisingOrganisationId, accountableOrganisationId, _id: { $ne: id } }, { _id: 1 }).lean<Pick<RecordDoc, '_id'>[]>();
  const steps = await store.models.steps.find({ recordId: { $in: others.map(({ _id }) => _id) }, at: { $gte: from, $lte: to } }, { recordId: 1, ended: 1 }).lean<Pick<StepDoc, 'recordId' | 'ended'>[]>();
  return steps.flatMap(({ recordId, ended }) => ended
    .filter(({ name, outcome }) => /^(stage|action)\/[^#]+$/u.test(name) && (outcome === 'met' || outcome === 'fired' || outcome === 'missed'))
    .map(({ outcome }) => ({ recordId, met: outcome === 'met' })));
}

async function slotsIn(store: Store, state: CapaState, { from, to }: Window): Promise<readonly Counted[]> {
  const parties = partiesOf(state);
  const controls = await store.models.records.find({
    capability: 'control', raisingOrganisationId: { $in: parties }, accountableOrganisationId: { $in: parties }, topic: { $in: [state.topic, '*'] }, studyId: state.studyId,
  }, { _id: 1 }).lean<Pick<RecordDoc, '_id'>[]>();
  const slots = await store.models.slots.find({ controlId: { $in: controls.map(({ _id }) => _id) }, fate: { $ne: 'waived' }, until: { $gte: from, $lte: to } }, { controlId: 1, fate: 1 }).lean<Pick<SlotDoc, 'controlId' | 'fate'>[]>();
  return slots.map(({ controlId, fate }) => ({ recordId: controlId, met: fate === 'held' }));
}

async function recurrencesIn(store: Store, state: CapaState, { from, to }: Window): Promise<readonly Counted[]> {
  const { id, systemId, raisingOrganisationId, accountableOrganisationId } = state;
  const causes = systemCauses(state.rootCause);
  const found = await store.models.records.find({
    capability: 'capa', systemId, raisingOrganisationId, accountableOrganisationId, _id: { $ne: id }, status: { $nin: ['rejected', 'cancelled'] }, openedAt: { $gte: from, $lte: to },
  }, { state: 1, stateVersion: 1, openedAt: 1 }).lean<Pick<RecordDoc, '_id' | 'state' | 'stateVersion' | 'openedAt'>[]>();
  return found.filter((other) => systemCauses(capa.migrate(other.state, other.stateVersion).rootCause).some((cause) => causes.includes(cause))).map(({ _id, openedAt }) => ({ recordId: _id, met: false, at: openedAt }));
}

async function issuesIn(store: Store, state: CapaState, { from, to }: Window): Promise<readonly Counted[]> {
  const { raisingOrganisationId, accountableOrganisationId, topic, studyId } = state;
  const found = await store.models.records.find({
    capability: 'escalation', raisingOrganisationId, accountableOrganisationId, topic, studyId, drill: false, openedAt: { $gte: from, $lte: to },
  }, { openedAt: 1 }).lean<Pick<RecordDoc, '_id' | 'openedAt'>[]>();
  return found.map(({ _id, openedAt }) => ({ recordId: _id, met: false, at: openedAt }));
}
