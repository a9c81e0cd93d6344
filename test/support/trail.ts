import type { AuditDraft } from '../../contracts/audit';
import { instantOf } from '../../contracts/instant';
import { appendToStream } from '../../store/auditLog';
import type { Store } from '../../store/connection';

/** A draft of a system act; only what a test is about need be said. */
export function draftOf(streamId: string, over: Partial<AuditDraft> = {}): AuditDraft {
  return { streamId, at: instantOf(0), zone: 'UTC', actor: { kind: 'system', name: 'timer' }, action: 'issue.changed', correlationId: 'c', ...over };
}

/** Appends one entry per action to a stream. */
export async function grow(store: Store, streamId: string, actions: readonly string[]): Promise<void> {
  await appendToStream(store, { streamId, drafts: actions.map((action) => draftOf(streamId, { action })) });
}

/** An organisation as seeding leaves it, without its audit entry. */
export async function addOrganisation(store: Store, id: string, active = true): Promise<void> {
  await store.connection.collection<{ _id: string }>('organisations').insertOne({ _id: id, active, name: id, kind: 'cro', zone: 'UTC', receiptAddress: null, rev: 1 } as never);
}

/** The least of an issue that receipts need: who may see it. */
export async function addIssue(store: Store, id: string, visibleTo: readonly string[]): Promise<void> {
  await store.connection.collection<{ _id: string }>('records').insertOne({ _id: id, visibleTo, number: id, raisingOrganisationId: 'x' } as never);
}
