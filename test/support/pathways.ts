import { randomUUID } from 'node:crypto';
import type { Capability } from '../../contracts/ids';
import type { Instant } from '../../contracts/instant';
import type { GivenMatrixRow } from '../../contracts/matrix';
import { matrixRowSchema } from '../../contracts/matrix';
import type { Json } from '../../contracts/step';
import type { PreparedOpening } from '../../store/preparedOpening';
import { deliverCommand, type DeliveryDeps } from '../../store/commandDelivery';
import { receiveCommand, type CommandResult } from '../../store/commands';
import { addMatrixVersion } from '../../store/matrix';
import type { RecordDoc } from '../../store/schemas/records';
import { CRO, personOf, SPONSOR, STUDY } from './cast';
import { actorFor, type World } from './world';

const ANSWER_WITHIN_MS = 20_000;

/** Contacts of both sides at level 1 and of the CRO at level 2, on one study. */
export const ROW: GivenMatrixRow = {
  studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], policyKey: 'default',
  contacts: [
    { organisationId: SPONSOR, level: 1, personId: personOf(SPONSOR, 'study_lead'), deputyId: personOf(SPONSOR, 'quality'), channel: 'email' },
    { organisationId: CRO, level: 1, personId: personOf(CRO, 'project_manager'), deputyId: personOf(CRO, 'study_lead'), channel: 'email' },
    { organisationId: CRO, level: 2, personId: personOf(CRO, 'study_lead'), deputyId: personOf(CRO, 'quality_head'), channel: 'email' },
  ],
};

/** Puts a version of a row in force, as an approved proposal would. */
export async function putRow(world: World, more: Partial<GivenMatrixRow>, effectiveFrom: Instant): Promise<void> {
  const row = matrixRowSchema.parse({ ...ROW, ...more });
  const by = { actor: { kind: 'system', name: 'provisioning' }, at: effectiveFrom, correlationId: 'test' } as const;
  await addMatrixVersion(world.fresh.store, { row, effectiveFrom, approvals: [], proposalId: null, reason: 'test', by });
}

export const deliveryOf = (world: World, now: Instant): DeliveryDeps => ({ store: world.fresh.store, send: world.send, now: () => now });

/** Sends a prepared opening and answers its result. */
export async function openPrepared(world: World, prepared: PreparedOpening, now: Instant): Promise<CommandResult> {
  const command = 'known' in prepared ? prepared.known : (await receiveCommand(world.fresh.store, prepared.fresh)).command;
  const delivered = await deliverCommand(deliveryOf(world, now), command, ANSWER_WITHIN_MS);
  if (delivered.outcome !== 'answered') throw new Error('the opening has no answer');
  return delivered.answer;
}

/** A person's act on a record of any pathway; a refusal throws its Failure. */
export async function actOn(world: World, record: { capability: Capability; id: string; by: string }, command: { act: string; body: Json }): Promise<void> {
  await world.send({ _id: randomUUID(), capability: record.capability, recordId: record.id, ...command, actor: actorFor(record.by) }, ANSWER_WITHIN_MS);
}

/** The records of a capability, oldest first. */
export function recordsOf(world: World, capability: Capability): Promise<RecordDoc[]> {
  return world.fresh.store.models.records.find({ capability }).sort({ openedAt: 1 }).lean<RecordDoc[]>();
}
