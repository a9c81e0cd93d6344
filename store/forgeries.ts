import { randomUUID } from 'node:crypto';
import type { AuditActor } from '../contracts/audit';
import type { Forgery } from '../contracts/forgery';
import { recordOf, refusalStreamOf } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import { appendToStream } from './auditLog';
import type { DeliveryDeps } from './commandDelivery';
import type { Store } from './connection';
import { findRecord } from './records';
import { raiseAlarm, type Alarm } from './securityAlarms';

/** A forgery that is said, with how many were only counted before it. */
export interface SaidForgery extends Forgery {
  readonly before: number;
  /** It stands for those of many runs. */
  readonly beyond: boolean;
}

const PORT: AuditActor = { kind: 'system', name: 'engine-port' };

/**
 * Keeps a refused forgery as evidence, where those whom it concerns can read it, and tells them by a security issue of
 * each organisation; one that is open is not opened again.
 */
export async function keepForgery(deps: DeliveryDeps, said: SaidForgery): Promise<void> {
  const { store, now } = deps;
  const at = now();
  const named = said.beyond ? undefined : recordOf(said.workflowId);
  const record = named && (await findRecord(store, named.recordId));
  const guardians = await guardiansOf(store);
  const streams = record ? [record._id] : guardians.map((id) => `organisation/${id}`);
  for (const recordId of streams) await append(store, { streamId: refusalStreamOf(recordId), said, at });
  const concerned = record ? [record.raisingOrganisationId, record.accountableOrganisationId] : [];
  for (const organisationId of new Set([...concerned, ...guardians])) await raiseAlarm(deps, alarmOf({ organisationId, said, number: record?.number }));
}

/** Nothing can keep those who reach the port from ending or holding up a run. */
function happened({ what, because }: SaidForgery, number: string | undefined): string {
  return what === 'run'
    ? `The run of ${number ?? 'a record'} was stopped at the workflow engine (${because}) and was made anew from its record.`
    : `What this installation did not make came ${number === undefined ? 'to the workflow engine' : `for ${number}`} and was refused: ${because} (${what}).`;
}

async function append(store: Store, { streamId, said, at }: { streamId: string; said: SaidForgery; at: Instant }): Promise<void> {
  const { what, workflowId, because, before, beyond } = said;
  await appendToStream(store, { streamId, drafts: [{
    streamId, at, zone: 'UTC', actor: PORT, action: 'forgery.refused', reason: because, correlationId: randomUUID(),
    detail: { what, ...(beyond ? { runs: 'many' } : { workflowId }), ...(before > 0 && { countedBefore: before }) },
  }] });
}

/** Organisations of those who run the installation: the engine's port is theirs to close. */
async function guardiansOf(store: Store): Promise<readonly string[]> {
  return store.models.memberships.distinct('organisationId', { role: 'instance_admin', active: true });
}

function alarmOf({ organisationId, said, number }: { organisationId: string; said: SaidForgery; number: string | undefined }): Alarm {
  return {
    organisationId, dedupeKey: `forged-commands/${organisationId}`, by: 'engine-port', title: 'Somebody forges commands',
    description: `${happened(said, number)} Nothing was changed. `
      + 'Somebody reaches the port of the workflow engine, or writes into the database. The trail of refusals has every case; whoever runs the installation closes the port (docs/operations.md).',
  };
}
