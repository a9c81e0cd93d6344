import { OPEN_ACT } from '../contracts/entity';
import { ESCALATION, type EscalationState } from '../contracts/escalation';
import type { Instant } from '../contracts/instant';
import { escalation } from '../domain/escalation/machine';
import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { RecordDoc } from './schemas/records';
import type { SourceDoc, SourceSecret, TriggerDoc } from './schemas/sources';

export const sourceKind: AdministeredKind<SourceDoc> = { kind: 'source', model: (store) => store.models.sources, secret: ['secrets'] };

/** One source, inactive ones too; undefined: there is none. */
export async function sourceById(store: Store, id: string): Promise<SourceDoc | undefined> {
  return (await store.models.sources.findById(id).lean<SourceDoc>()) ?? undefined;
}

/** The secrets that count at `now`: the current one, and the one before while it overlaps. */
export function secretsInForce({ secrets }: Pick<SourceDoc, 'secrets'>, now: Instant): readonly SourceSecret[] {
  return secrets.filter(({ until }) => until === null || now < until);
}

/** The open issue that a trouble has, with what its machine keeps. */
export async function openIssueOf(store: Store, trouble: { readonly organisationId: string; readonly dedupeKey: string }): Promise<{ readonly record: RecordDoc; readonly state: EscalationState } | undefined> {
  const { organisationId, dedupeKey } = trouble;
  const record = await store.models.records
    .findOne({ capability: ESCALATION.capability, raisingOrganisationId: organisationId, dedupeKey, done: false })
    .lean<RecordDoc>();
  return record ? { record, state: escalation.migrate(record.state, record.stateVersion) } : undefined;
}

/** Whether an opening of this trouble is stored and has no answer yet: the engine is away. */
export async function isOpening(store: Store, dedupeKey: string): Promise<boolean> {
  return (await store.models.commands.exists({ status: 'received', act: OPEN_ACT, 'opening.opening.request.dedupeKey': dedupeKey })) !== null;
}

/** What was last said of a trouble; undefined: nothing. */
export async function lastTrigger(store: Store, dedupeKey: string): Promise<TriggerDoc | undefined> {
  return (await store.models.triggers.findById(dedupeKey).lean<TriggerDoc>()) ?? undefined;
}

/** Remembers what was said of a trouble. */
export async function rememberTrigger(store: Store, { _id, recordId, alerts }: TriggerDoc): Promise<void> {
  await store.models.triggers.updateOne({ _id }, { $set: { recordId, alerts: [...alerts] } }, { upsert: true });
}
