import type { ClientSession } from 'mongoose';
import type { AuditDraft } from '../contracts/audit';
import type { EvidenceRef } from '../contracts/evidence';
import { Failure, FAILURES } from '../contracts/failures';
import { documentsHash } from '../domain/audit/documents';
import { administrativeStreamOf } from '../domain/audit/streams';
import type { By } from './administration';
import { appendToStream } from './auditLog';
import { inTransaction, type Store } from './connection';
import { useConsent } from './consents';
import { isDuplicateKey } from './duplicateKey';
import type { ByPerson, EvidenceDoc, EvidenceLinkDoc, EvidenceWithdrawalDoc } from './schemas/evidence';
import type { RecordDoc } from './schemas/records';
import { storedForm } from './storedForm';
import { partOf } from './vouching';

/** Who links or stores, for the document and for the trail. */
export interface EvidenceActor {
  readonly person: ByPerson;
  readonly by: By;
}

/** Links of these that count, in the order in which they were made. */
export async function linksOf(store: Store, evidenceIds: readonly string[], session?: ClientSession): Promise<readonly EvidenceLinkDoc[]> {
  // One after the other: a transaction takes one operation at a time.
  const links = await everyLinkOf(store, evidenceIds, session);
  return inForce(links, await withdrawalsOf(store, { evidenceId: { $in: [...evidenceIds] } }, session));
}

/** Links of these, the withdrawn ones too. */
export function everyLinkOf(store: Store, evidenceIds: readonly string[], session?: ClientSession): Promise<readonly EvidenceLinkDoc[]> {
  return store.models.evidenceLinks.find({ evidenceId: { $in: [...evidenceIds] } }).session(session ?? null).sort({ linkedAt: 1, _id: 1 }).lean<EvidenceLinkDoc[]>();
}

/** Which links were taken back, of some evidence or of a record. */
export function withdrawalsOf(store: Store, of: { readonly evidenceId: { readonly $in: string[] } } | { readonly recordId: string }, session?: ClientSession): Promise<readonly EvidenceWithdrawalDoc[]> {
  return store.models.evidenceWithdrawals.find(of).session(session ?? null).sort({ withdrawnAt: 1, _id: 1 }).lean<EvidenceWithdrawalDoc[]>();
}

/** A record's links that count, oldest first. */
export async function linksOfRecord(store: Store, recordId: string): Promise<readonly EvidenceLinkDoc[]> {
  const [links, withdrawn] = await Promise.all([store.models.evidenceLinks.find({ recordId }).sort({ linkedAt: 1, _id: 1 }).lean<EvidenceLinkDoc[]>(), withdrawalsOf(store, { recordId })]);
  return inForce(links, withdrawn);
}

function inForce(links: readonly EvidenceLinkDoc[], withdrawn: readonly EvidenceWithdrawalDoc[]): readonly EvidenceLinkDoc[] {
  const over = new Set(withdrawn.map(({ _id }) => _id));
  return links.filter(({ _id }) => !over.has(_id));
}

/** Those of these ids that are evidence of the record, with their hashes, for what a signature covers. */
export async function evidenceRefs(store: Store, { recordId, evidenceIds }: { readonly recordId: string; readonly evidenceIds: readonly string[] }): Promise<readonly EvidenceRef[]> {
  const linked = (await linksOf(store, evidenceIds)).filter((link) => link.recordId === recordId).map(({ evidenceId }) => evidenceId);
  const docs = await store.models.evidence.find({ _id: { $in: linked } }, { sha256: 1 }).lean<Pick<EvidenceDoc, '_id' | 'sha256'>[]>();
  return docs.map(({ _id, sha256 }) => ({ id: _id, sha256 }));
}

/** Organisations that have files on a record: what is linked there and counts. */
export async function filesOf(store: Store, recordId: string): Promise<readonly string[]> {
  const links = await linksOfRecord(store, recordId);
  const docs = await store.models.evidence.find({ _id: { $in: links.map(({ evidenceId }) => evidenceId) } }, { storedBy: 1 }).lean<Pick<EvidenceDoc, 'storedBy'>[]>();
  return [...new Set(docs.map(({ storedBy }) => storedBy.organisationId))];
}

/**
 * Links evidence to a record that the same transaction has promised: its opening is stored and will be carried out.
 * Throws the driver's duplicate key error when the link exists.
 */
export async function linkToComing(store: Store, link: { readonly evidenceId: string; readonly recordId: string; readonly capability: string; readonly visibleTo: readonly string[]; readonly actor: EvidenceActor }, session: ClientSession): Promise<void> {
  const { evidenceId, recordId, capability, visibleTo, actor } = link;
  const doc: EvidenceLinkDoc = { _id: linkIdOf({ evidenceId, recordId }, 1), evidenceId, recordId, inheritedFrom: null, linkedBy: actor.person, linkedAt: actor.by.at };
  await store.models.evidenceLinks.create([doc], { session });
  await appendEvidence(store, { evidenceId, actor, session }, { action: 'evidence.linked', detail: { recordId, capability, inheritedFrom: null }, visibleTo, documents: linkHash(store, doc) });
}

/** A link to make; `consentIds`: what allows it. */
export interface NewLink {
  readonly evidenceId: string;
  readonly recordId: string;
  readonly inheritedFrom: string | null;
  readonly consentIds?: readonly string[];
  readonly actor: EvidenceActor;
}

/** Links evidence to a record, once, and uses up the consents that allow it; false when it is linked already. Throws Failure `not_found` or `consent_needed`. */
export async function linkEvidence(store: Store, link: Omit<NewLink, 'inheritedFrom'>): Promise<boolean> {
  try {
    return await inTransaction(store, async (session) => {
      if ((await linksOf(store, [link.evidenceId], session)).some(({ recordId }) => recordId === link.recordId)) return false;
      for (const id of link.consentIds ?? []) await useConsent(store, { id, by: link.actor.by }, session);
      await insertLink(store, { ...link, inheritedFrom: null }, session);
      return true;
    });
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** In the transaction of what it belongs to. Throws Failure `not_found`. */
export async function insertLink(store: Store, { evidenceId, recordId, inheritedFrom, consentIds = [], actor }: NewLink, session: ClientSession): Promise<void> {
  const record = await store.models.records.findById(recordId, { visibleTo: 1, capability: 1 }).session(session).lean<Pick<RecordDoc, 'visibleTo' | 'capability'>>();
  if (!record) throw new Failure('not_found', FAILURES.not_found.meaning);
  const times = await store.models.evidenceLinks.countDocuments({ evidenceId, recordId }).session(session);
  const allowed = consentIds.length === 0 ? {} : { consentIds: [...consentIds] };
  const doc: EvidenceLinkDoc = { _id: linkIdOf({ evidenceId, recordId }, times + 1), evidenceId, recordId, inheritedFrom, ...allowed, linkedBy: actor.person, linkedAt: actor.by.at };
  await store.models.evidenceLinks.create([doc], { session });
  // Organisations that share the evidence through one record need not know of the other; its owner knows of every link.
  const visibleTo = await knowingOf(store, { evidenceId, readers: record.visibleTo, session });
  await appendEvidence(store, { evidenceId, actor, session }, { action: 'evidence.linked', detail: { recordId, capability: record.capability, inheritedFrom, ...allowed }, visibleTo, documents: linkHash(store, doc) });
}

/** Takes a link back: it counts no more, and both acts stay. Throws Failure `not_found` when there is none that counts. */
export async function withdrawLink(
  store: Store, { evidenceId, recordId, reason, actor }: { readonly evidenceId: string; readonly recordId: string; readonly reason: string; readonly actor: EvidenceActor }, given?: ClientSession,
): Promise<void> {
  const work = async (session: ClientSession): Promise<void> => {
    const link = (await linksOf(store, [evidenceId], session)).find((one) => one.recordId === recordId);
    if (!link) throw new Failure('not_found', FAILURES.not_found.meaning);
    const doc: EvidenceWithdrawalDoc = { _id: link._id, evidenceId, recordId, reason, withdrawnBy: actor.person, withdrawnAt: actor.by.at };
    await store.models.evidenceWithdrawals.create([doc], { session });
    const record = await store.models.records.findById(recordId, { visibleTo: 1 }).session(session).lean<Pick<RecordDoc, 'visibleTo'>>();
    const visibleTo = await knowingOf(store, { evidenceId, readers: record?.visibleTo ?? [], session });
    await appendEvidence(store, { evidenceId, actor, session }, { action: 'evidence.link_withdrawn', detail: { recordId, linkId: link._id }, reason, visibleTo, documents: { [partOf('withdrawal', doc._id)]: documentsHash([doc]) } });
  };
  try {
    await (given ? work(given) : inTransaction(store, work));
  } catch (error) {
    if (isDuplicateKey(error)) throw new Failure('not_found', FAILURES.not_found.meaning);
    throw error;
  }
}

async function knowingOf(store: Store, { evidenceId, readers, session }: { readonly evidenceId: string; readonly readers: readonly string[]; readonly session: ClientSession }): Promise<readonly string[]> {
  const owner = await store.models.evidence.findById(evidenceId, { storedBy: 1 }).session(session).lean<Pick<EvidenceDoc, 'storedBy'>>();
  return [...new Set([...readers, ...(owner ? [owner.storedBy.organisationId] : [])])];
}

const linkHash = (store: Store, doc: EvidenceLinkDoc) => ({ [partOf('link', doc._id)]: documentsHash([storedForm(store.models.evidenceLinks, doc)]) });

const linkIdOf = ({ evidenceId, recordId }: Pick<EvidenceLinkDoc, 'evidenceId' | 'recordId'>, time: number): string => `${evidenceId}/${recordId}${time === 1 ? '' : `/${String(time)}`}`;

/** Adds to the chain of one piece of evidence, in the transaction of what it says. */
export async function appendEvidence(
  store: Store, { evidenceId, actor, session }: { readonly evidenceId: string; readonly actor: EvidenceActor; readonly session: ClientSession },
  what: Pick<AuditDraft, 'action' | 'detail' | 'visibleTo' | 'reason' | 'documents'>,
): Promise<void> {
  const { by } = actor;
  const streamId = administrativeStreamOf('evidence', evidenceId);
  await appendToStream(store, { streamId, drafts: [{ streamId, at: by.at, zone: 'UTC', actor: by.actor, correlationId: by.correlationId, ...what }] }, session);
}
