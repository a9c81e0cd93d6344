import type { AuditActor } from '../contracts/audit';
import { Failure, FAILURES } from '../contracts/failures';
import { refusalStreamOf } from '../contracts/ids';
import { alteredParts, recordHashes } from '../domain/audit/documents';
import { appendToStream } from './auditLog';
import { committedOf } from './chainEnd';
import type { DeliveryDeps } from './commandDelivery';
import type { RecordDoc } from './schemas/records';
import { raiseAlarm } from './securityAlarms';
import { alteredNow } from './verifyDocuments';

/** Entry with which it is said that something was asked for and not given, since what is stored is not what the trail says. */
const REFUSED = 'damage.refused';
/** So many findings are said with it; `verify` says all. */
const SAID = 20;

export interface Asked {
  /** What would have been made of it: `report`, `signature`, `view`. */
  readonly purpose: string;
  readonly actor: AuditActor;
  readonly correlationId: string;
}

/**
 * Before a person signs, or looks at the whole record: its state, what it was opened with and the rest are what its trail says. One look,
 * without reading the trail, as long as the end that the record keeps is sealed. Throws Failure `damaged`; then both
 * parties' security is told and the record's refusals say it (21 CFR 11.10(a), (e)). One from before hashes is what it is.
 */
export async function requireAsCommitted(deps: DeliveryDeps, record: RecordDoc, asked: Asked): Promise<void> {
  const known = await committedOf({ store: deps.store }, record._id, record.chain);
  if (!known) return;
  const parts = [...alteredParts(known.documents, recordHashes({ ...record })), ...(known.sound ? [] : ['chain'])];
  if (parts.length > 0) await refuse(deps, record, { ...asked, found: parts.map((part) => `${record._id}: ${part} is not what the trail says`) });
}

/** Before a document for an inspector is made: the record and all that lies beside its chain. A record that no entry knows of is none. Throws as {@link requireAsCommitted} does. */
export async function requireUndamaged(deps: DeliveryDeps, record: RecordDoc, asked: Asked): Promise<void> {
  const found: string[] = [];
  for await (const { message } of alteredNow(deps.store, record._id)) if (found.length < SAID) found.push(message);
  if (found.length > 0) await refuse(deps, record, { ...asked, found });
}

async function refuse(deps: DeliveryDeps, { _id, number, raisingOrganisationId, accountableOrganisationId }: RecordDoc, { purpose, actor, correlationId, found }: Asked & { readonly found: readonly string[] }): Promise<never> {
  const streamId = refusalStreamOf(_id);
  await appendToStream(deps.store, { streamId, drafts: [{ streamId, at: deps.now(), zone: 'UTC', actor, action: REFUSED, reason: FAILURES.damaged.meaning, correlationId, detail: { purpose, found: [...found] } }] });
  const untold: string[] = [];
  for (const organisationId of new Set([raisingOrganisationId, accountableOrganisationId])) {
    const raised = raiseAlarm(deps, {
      organisationId, dedupeKey: `damaged-record/${_id}/${organisationId}`, by: 'store', title: `${number} is not what its trail says`,
      description: `What is stored of ${number} was changed past the product: it is neither shown whole, nor signed, nor printed. Somebody writes into the database. `
        + 'The trail of refusals says what differs; `verify` says more, and the last good revision (docs/operations.md).',
    });
    // An alarm that cannot be raised, for want of a policy, must not hide what was found; the log has the failure with it.
    await raised.catch((error: unknown) => { untold.push(`${organisationId}: ${error instanceof Error ? error.message : String(error)}`); });
  }
  throw new Failure('damaged', FAILURES.damaged.meaning, { recordId: _id, found: [...found], ...(untold.length > 0 && { untold }) });
}
