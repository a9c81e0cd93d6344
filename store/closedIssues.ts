import { ESCALATION, type EscalationState } from '../contracts/escalation';
import type { Effect, Json } from '../contracts/step';
import type { VisibilityFilter } from '../domain/access/ability';
import { escalation } from '../domain/escalation/machine';
import type { RecordedIssue, RecordedStep } from '../domain/simulation/backtest';
import type { Store } from './connection';
import { groupedBy } from './grouped';
import type { CommandDoc, RecordDoc, StepDoc } from './schemas/records';

/** Which closed issues: by when they were raised (`from` inclusive, `to` exclusive), and what they were about. */
export interface ClosedFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly topic?: string | undefined;
  readonly severity?: string | undefined;
  readonly studyId?: string | undefined;
  /** A party: raising or accountable. */
  readonly organisationId?: string | undefined;
}

export interface ClosedPlace {
  readonly openedAt: string;
  readonly id: string;
}

type Listed = Pick<RecordDoc, '_id' | 'state' | 'stateVersion' | 'openedAt'>;

/** Issues that are over, drills apart, newest first, each with every step and what its acts said. */
export async function closedIssues(
  store: Store,
  list: { readonly visibility: VisibilityFilter; readonly filter: ClosedFilter; readonly after?: ClosedPlace | undefined; readonly limit: number },
): Promise<{ readonly items: readonly RecordedIssue[]; readonly next?: ClosedPlace }> {
  const { visibility, filter, after, limit } = list;
  const beyond = after ? [{ $or: [{ openedAt: { $lt: after.openedAt } }, { openedAt: after.openedAt, _id: { $lt: after.id } }] }] : [];
  const found = await store.models.records
    .find({ $and: [{ capability: ESCALATION.capability, done: true, drill: false }, visibility, conditionsOf(filter), ...beyond] } as never, { state: 1, stateVersion: 1, openedAt: 1 })
    .sort({ openedAt: -1, _id: -1 }).limit(limit + 1).lean<Listed[]>();
  const records = found.slice(0, limit);
  const steps = await stepsOf(store, records.map(({ _id }) => _id));
  const items = records.map((record): RecordedIssue => ({ state: stateOf(record), steps: steps.get(record._id) ?? [] }));
  const last = records.at(-1);
  return found.length > limit && last ? { items, next: { openedAt: last.openedAt, id: last._id } } : { items };
}

/** An issue's state in today's shape. */
export function stateOf({ state, stateVersion }: Pick<RecordDoc, 'state' | 'stateVersion'>): EscalationState {
  return escalation.migrate(state, stateVersion);
}

function conditionsOf({ from, to, topic, severity, studyId, organisationId }: ClosedFilter): object {
  const opened = { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lt: to }) };
  return {
    ...(topic !== undefined && { topic }), ...(severity !== undefined && { severity }), ...(studyId !== undefined && { studyId }),
    ...(Object.keys(opened).length > 0 && { openedAt: opened }),
    ...(organisationId !== undefined && { $or: [{ raisingOrganisationId: organisationId }, { accountableOrganisationId: organisationId }] }),
  };
}

async function stepsOf(store: Store, recordIds: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedStep[]>> {
  const found = await store.models.steps
    .find({ recordId: { $in: [...recordIds] } }, { recordId: 1, rev: 1, key: 1, act: 1, actor: 1, at: 1, effects: 1, ended: 1 })
    .sort({ recordId: 1, rev: 1 }).lean<StepDoc[]>();
  const bodies = await bodiesOf(store, found.filter(({ actor, act }) => actor.kind === 'person' || !OWN.includes(act)).map(({ key }) => key));
  const steps = found.map(({ recordId, key, act, actor, at, effects, ended }) => ({ recordId, step: { act, actor, at, effects: [...effects] as readonly Effect[], ended: [...ended], body: bodies.get(key) } }));
  return new Map([...groupedBy(steps, ({ recordId }) => recordId)].map(([recordId, of]) => [recordId, of.map(({ step }) => step)]));
}

/** What the shell does by itself: no command stands behind it. */
const OWN: readonly string[] = ['lapse', 'settle', 'rebuild'];

async function bodiesOf(store: Store, commandIds: readonly string[]): Promise<ReadonlyMap<string, Json>> {
  const found = await store.models.commands.find({ _id: { $in: [...commandIds] } }, { body: 1 }).lean<Pick<CommandDoc, '_id' | 'body'>[]>();
  return new Map(found.map(({ _id, body }) => [_id, body]));
}
