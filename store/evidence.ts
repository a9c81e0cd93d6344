import type { ClientSession } from 'mongoose';
import type { AuditDraft } from '../contracts/audit';
import type { EvidenceRef, FileCipher } from '../contracts/evidence';
import { Failure, FAILURES } from '../contracts/failures';
import type { RetentionRules } from '../contracts/retention';
import { administrativeStreamOf } from '../domain/audit/streams';
import { retentionOf } from '../domain/evidence/retention';
import type { By } from './administration';
import { appendToStream } from './auditLog';
import { inTransaction, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import { arrived, keepFile, keepFrames } from './evidenceFiles';
import { progressOf, requireOpen } from './evidenceUploads';
import type { ByPerson, EvidenceDoc, EvidenceLinkDoc, EvidenceUploadDoc } from './schemas/evidence';
import type { RecordDoc } from './schemas/records';

/** Who links or stores, for the document and for the trail. */
export interface EvidenceActor {
  readonly person: ByPerson;
  readonly by: By;
}

const linkIdOf = (evidenceId: string, recordId: string): string => `${evidenceId}/${recordId}`;

/** Evidence by id, or undefined. */
export async function evidenceById(store: Store, id: string, session?: ClientSession): Promise<EvidenceDoc | undefined> {
  return (await store.models.evidence.findById(id).session(session ?? null).lean<EvidenceDoc>()) ?? undefined;
}

/** Every version of what this is a version of, oldest first. */
export function versionsOf(store: Store, lineId: string): Promise<readonly EvidenceDoc[]> {
  return store.models.evidence.find({ lineId }).sort({ version: 1 }).lean<EvidenceDoc[]>();
}

/** Links of these, in the order in which they were made. */
export function linksOf(store: Store, evidenceIds: readonly string[], session?: ClientSession): Promise<readonly EvidenceLinkDoc[]> {
  return store.models.evidenceLinks.find({ evidenceId: { $in: [...evidenceIds] } }).session(session ?? null).sort({ linkedAt: 1, _id: 1 }).lean<EvidenceLinkDoc[]>();
}

/** A record's evidence, latest link first. */
export async function evidenceOfRecord(
  store: Store,
  { recordId, after, limit }: { readonly recordId: string; readonly after?: { readonly linkedAt: string; readonly id: string } | undefined; readonly limit: number },
): Promise<{ readonly items: readonly { readonly evidence: EvidenceDoc; readonly link: EvidenceLinkDoc }[]; readonly next?: { readonly linkedAt: string; readonly id: string } }> {
  const beyond = after && { $or: [{ linkedAt: { $lt: after.linkedAt } }, { linkedAt: after.linkedAt, _id: { $lt: after.id } }] };
  const found = await store.models.evidenceLinks.find({ $and: [{ recordId }, ...(beyond ? [beyond] : [])] } as never).sort({ linkedAt: -1, _id: -1 }).limit(limit + 1).lean<EvidenceLinkDoc[]>();
  const links = found.slice(0, limit);
  const docs = await store.models.evidence.find({ _id: { $in: links.map(({ evidenceId }) => evidenceId) } }).lean<EvidenceDoc[]>();
  const items = links.flatMap((link) => docs.filter(({ _id }) => _id === link.evidenceId).map((evidence) => ({ evidence, link })));
  const last = links.at(-1);
  return found.length > limit && last ? { items, next: { linkedAt: last.linkedAt, id: last._id } } : { items };
}

/** Those of these ids that are evidence of the record, with their hashes, for what a signature covers. */
export async function evidenceRefs(store: Store, { recordId, evidenceIds }: { readonly recordId: string; readonly evidenceIds: readonly string[] }): Promise<readonly EvidenceRef[]> {
  const linked = await store.models.evidenceLinks.find({ _id: { $in: evidenceIds.map((id) => linkIdOf(id, recordId)) } }, { evidenceId: 1 }).lean<Pick<EvidenceLinkDoc, 'evidenceId'>[]>();
  const docs = await store.models.evidence.find({ _id: { $in: linked.map(({ evidenceId }) => evidenceId) } }, { sha256: 1 }).lean<Pick<EvidenceDoc, '_id' | 'sha256'>[]>();
  return docs.map(({ _id, sha256 }) => ({ id: _id, sha256 }));
}

/**
 * Makes an upload evidence: everything that arrived is read and compared with what was declared, and only then kept. Throws
 * Failure `wrong_state` while chunks are missing, `rule_broken` when size or hash differ: the upload stays, and chunks may be replaced.
 */
export async function completeUpload(
  store: Store,
  { upload, actor, cipher, rules }: { readonly upload: EvidenceUploadDoc; readonly actor: EvidenceActor; readonly cipher: FileCipher; readonly rules: RetentionRules },
): Promise<EvidenceDoc> {
  requireOpen(upload, actor.by.at);
  const { missing } = await progressOf(store, upload);
  if (missing.length > 0) throw new Failure('wrong_state', `${String(missing.length)} chunks have not arrived.`, { missing: missing.slice(0, 100), missingTotal: missing.length });
  await requireDeclared(store, upload, cipher);
  await keepFrames(store, upload, cipher);
  try {
    await inTransaction(store, (session) => makeEvidence(store, { upload, actor, rules }, session));
  } catch (error) {
    if (isDuplicateKey(error)) throw new Failure('wrong_state', 'Another version was stored meanwhile; this one would replace what is not the latest.', { replaces: upload.replaces });
    throw error;
  }
  const stored = await evidenceById(store, upload._id);
  if (!stored) throw new Failure('wrong_state', 'The upload is not open any more.');
  // What is left behind here expires.
  await store.models.evidenceUploadChunks.deleteMany({ uploadId: upload._id });
  return stored;
}

async function requireDeclared(store: Store, upload: EvidenceUploadDoc, cipher: FileCipher): Promise<void> {
  const found = await arrived(store, upload, cipher);
  if (found.sha256 === upload.sha256 && found.sizeBytes === upload.sizeBytes) return;
  await store.models.evidenceUploads.updateOne({ _id: upload._id, attempt: upload.attempt }, { $inc: { attempt: 1 } });
  const errors = [{ field: 'sha256', message: 'not that of what arrived' }];
  throw new Failure('rule_broken', 'What arrived is not the file that was declared; nothing was stored, chunks may be sent again.', {
    errors, declared: { sha256: upload.sha256, sizeBytes: upload.sizeBytes }, found,
  });
}

interface Making { readonly upload: EvidenceUploadDoc; readonly actor: EvidenceActor; readonly rules: RetentionRules }

async function makeEvidence(store: Store, { upload, actor, rules }: Making, session: ClientSession): Promise<void> {
  const removed = await store.models.evidenceUploads.deleteOne({ _id: upload._id, attempt: upload.attempt }, { session });
  // Another request has completed it.
  if (removed.deletedCount !== 1) return;
  const { person, by } = actor;
  const before = upload.replaces === null ? undefined : await evidenceById(store, upload.replaces, session);
  const doc: EvidenceDoc = {
    _id: upload._id, lineId: before?.lineId ?? upload._id, version: (before?.version ?? 0) + 1, replaces: upload.replaces,
    fileName: upload.fileName, mediaType: upload.mediaType, sizeBytes: upload.sizeBytes, sha256: upload.sha256,
    retention: retentionOf(rules, upload.retentionClass, by.at), sealedKey: upload.sealedKey, storedBy: person, storedAt: by.at,
  };
  await keepFile(store, upload, session);
  await store.models.evidence.create([doc], { session });
  const { lineId, version, replaces, fileName, mediaType, sizeBytes, sha256, retention } = doc;
  await append(store, { evidenceId: doc._id, actor, session }, { action: 'evidence.stored', detail: { lineId, version, replaces, fileName, mediaType, sizeBytes, sha256, retention: { ...retention } } });
  if (before) await append(store, { evidenceId: before._id, actor, session }, { action: 'evidence.replaced', detail: { by: doc._id, version, sha256 } });
  // Whoever could read the version before reads this one too.
  const inherited = before ? await linksOf(store, [before._id], session) : [];
  for (const { recordId, evidenceId } of inherited) await insertLink(store, { evidenceId: doc._id, recordId, inheritedFrom: evidenceId, actor }, session);
  if (upload.recordId !== null && !inherited.some(({ recordId }) => recordId === upload.recordId)) {
    await insertLink(store, { evidenceId: doc._id, recordId: upload.recordId, inheritedFrom: null, actor }, session);
  }
}

/**
 * Links evidence to a record that the same transaction has promised: its opening is stored and will be carried out.
 * Throws the driver's duplicate key error when the link exists.
 */
export async function linkToComing(store: Store, link: { readonly evidenceId: string; readonly recordId: string; readonly capability: string; readonly visibleTo: readonly string[]; readonly actor: EvidenceActor }, session: ClientSession): Promise<void> {
  const { evidenceId, recordId, capability, visibleTo, actor } = link;
  await store.models.evidenceLinks.create([{ _id: linkIdOf(evidenceId, recordId), evidenceId, recordId, inheritedFrom: null, linkedBy: actor.person, linkedAt: actor.by.at }], { session });
  await append(store, { evidenceId, actor, session }, { action: 'evidence.linked', detail: { recordId, capability, inheritedFrom: null }, visibleTo });
}

/** Links evidence to a record, once; false when it was linked before. Throws Failure `not_found`. */
export async function linkEvidence(store: Store, { evidenceId, recordId, actor }: { readonly evidenceId: string; readonly recordId: string; readonly actor: EvidenceActor }): Promise<boolean> {
  try {
    return await inTransaction(store, async (session) => {
      if (await store.models.evidenceLinks.exists({ _id: linkIdOf(evidenceId, recordId) }).session(session)) return false;
      await insertLink(store, { evidenceId, recordId, inheritedFrom: null, actor }, session);
      return true;
    });
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

interface NewLink { readonly evidenceId: string; readonly recordId: string; readonly inheritedFrom: string | null; readonly actor: EvidenceActor }

async function insertLink(store: Store, { evidenceId, recordId, inheritedFrom, actor }: NewLink, session: ClientSession): Promise<void> {
  const record = await store.models.records.findById(recordId, { visibleTo: 1, capability: 1 }).session(session).lean<Pick<RecordDoc, 'visibleTo' | 'capability'>>();
  if (!record) throw new Failure('not_found', FAILURES.not_found.meaning);
  await store.models.evidenceLinks.create([{ _id: linkIdOf(evidenceId, recordId), evidenceId, recordId, inheritedFrom, linkedBy: actor.person, linkedAt: actor.by.at }], { session });
  // Organisations that share the evidence through one record need not know of the other.
  await append(store, { evidenceId, actor, session }, { action: 'evidence.linked', detail: { recordId, capability: record.capability, inheritedFrom }, visibleTo: record.visibleTo });
}

async function append(
  store: Store, { evidenceId, actor, session }: { readonly evidenceId: string; readonly actor: EvidenceActor; readonly session: ClientSession },
  what: Pick<AuditDraft, 'action' | 'detail' | 'visibleTo'>,
): Promise<void> {
  const { by } = actor;
  const streamId = administrativeStreamOf('evidence', evidenceId);
  await appendToStream(store, { streamId, drafts: [{ streamId, at: by.at, zone: 'UTC', actor: by.actor, correlationId: by.correlationId, ...what }] }, session);
}
