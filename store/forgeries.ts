import { randomUUID } from 'node:crypto';
import type { AuditActor } from '../contracts/audit';
import type { OpenIssue } from '../contracts/escalation';
import type { Forgery } from '../contracts/forgery';
import { recordOf, refusalStreamOf } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import { appendToStream } from './auditLog';
import { deliverCommand, type DeliveryDeps } from './commandDelivery';
import { derivedCommandId, receiveCommand } from './commands';
import type { Store } from './connection';
import { prepareOpening } from './issueOpening';
import { findRecord } from './records';
import { isOpening, openIssueOf } from './sources';

/** A forgery that is said, with how many were only counted before it. */
export interface SaidForgery extends Forgery {
  readonly before: number;
  /** It stands for those of many runs. */
  readonly beyond: boolean;
}

const OPEN_WITHIN_MS = 3000;
const PORT: AuditActor = { kind: 'system', name: 'engine-port' };
const dedupeKeyOf = (organisationId: string): string => `forged-commands/${organisationId}`;

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
  for (const organisationId of new Set([...concerned, ...guardians])) await raiseAlarm(deps, { organisationId, said, number: record?.number });
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

async function raiseAlarm(deps: DeliveryDeps, { organisationId, said, number }: { organisationId: string; said: SaidForgery; number: string | undefined }): Promise<void> {
  const dedupeKey = dedupeKeyOf(organisationId);
  if (await openIssueOf(deps.store, { organisationId, dedupeKey }) || await isOpening(deps.store, dedupeKey)) return;
  const request: OpenIssue = {
    topic: 'security', severity: 'critical', raisingOrganisationId: organisationId, accountableOrganisationId: organisationId, dedupeKey,
    title: 'Somebody forges commands',
    description: `${happened(said, number)} Nothing was changed. `
      + 'Somebody reaches the port of the workflow engine, or writes into the database. The trail of refusals has every case; whoever runs the installation closes the port (docs/operations.md).',
  };
  const prepared = await prepareOpening(deps.store, {
    request, actor: { kind: 'system', name: 'engine-port', correlationId: dedupeKey }, commandId: derivedCommandId(dedupeKey, randomUUID()), at: deps.now(),
  });
  if (!('fresh' in prepared)) return;
  const { command } = await receiveCommand(deps.store, prepared.fresh);
  // It is stored: what is not answered the sentinel sends again.
  await deliverCommand(deps, command, OPEN_WITHIN_MS);
}
