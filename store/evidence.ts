import type { ClientSession } from 'mongoose';
import type { FileCipher } from '../contracts/evidence';
import { Failure } from '../contracts/failures';
import type { RetentionRules } from '../contracts/retention';
import { documentsHash } from '../domain/audit/documents';
import { retentionOf } from '../domain/evidence/retention';
import { inTransaction, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import { arrived, keepFile, keepFrames } from './evidenceFiles';
import { appendEvidence, insertLink, linksOf, withdrawalsOf, type EvidenceActor } from './evidenceLinks';
import { progressOf, requireOpen } from './evidenceUploads';
import type { EvidenceDoc, EvidenceLinkDoc, EvidenceUploadDoc } from './schemas/evidence';
import { storedForm } from './storedForm';
import { partOf } from './vouching';

/** Evidence by id, or undefined. */
export async function evidenceById(store: Store, id: string, session?: ClientSession): Promise<EvidenceDoc | undefined> {
  return (await store.models.evidence.findById(id).session(session ?? null).lean<EvidenceDoc>()) ?? undefined;
}

/** Every version of what this is a version of, oldest first. */
export function versionsOf(store: Store, lineId: string): Promise<readonly EvidenceDoc[]> {
  return store.models.evidence.find({ lineId }).sort({ version: 1 }).lean<EvidenceDoc[]>();
}

/** A record's evidence by the links that count, latest link first. */
export async function evidenceOfRecord(
  store: Store,
  { recordId, after, limit }: { readonly recordId: string; readonly after?: { readonly linkedAt: string; readonly id: string } | undefined; readonly limit: number },
): Promise<{ readonly items: readonly { readonly evidence: EvidenceDoc; readonly link: EvidenceLinkDoc }[]; readonly next?: { readonly linkedAt: string; readonly id: string } }> {
  const over = (await withdrawalsOf(store, { recordId })).map(({ _id }) => _id);
  const beyond = after && { $or: [{ linkedAt: { $lt: after.linkedAt } }, { linkedAt: after.linkedAt, _id: { $lt: after.id } }] };
  const found = await store.models.evidenceLinks.find({ $and: [{ recordId, _id: { $nin: over } }, ...(beyond ? [beyond] : [])] } as never).sort({ linkedAt: -1, _id: -1 }).limit(limit + 1).lean<EvidenceLinkDoc[]>();
  const links = found.slice(0, limit);
  const docs = await store.models.evidence.find({ _id: { $in: links.map(({ evidenceId }) => evidenceId) } }).lean<EvidenceDoc[]>();
  const items = links.flatMap((link) => docs.filter(({ _id }) => _id === link.evidenceId).map((evidence) => ({ evidence, link })));
  const last = links.at(-1);
  return found.length > limit && last ? { items, next: { linkedAt: last.linkedAt, id: last._id } } : { items };
}

/**
 * Makes an upload evidence: everything that arrived is read and compared with what was declared, and only then kept. Throws
 * Failure `wrong_state` while chunks are missing, `rule_broken` when size or hash differ: the upload stays, and chunks may be replaced.
 */
export async function completeUpload(
  store: Store,
  { upload, actor, cipher, rules, inherits = [] }: Making & { readonly cipher: FileCipher },
): Promise<EvidenceDoc> {
  requireOpen(upload, actor.by.at);
  const { missing } = await progressOf(store, upload);
  if (missing.length > 0) throw new Failure('wrong_state', `${String(missing.length)} chunks have not arrived.`, { missing: missing.slice(0, 100), missingTotal: missing.length });
  await requireDeclared(store, upload, cipher);
  await keepFrames(store, upload, cipher);
  try {
    await inTransaction(store, (session) => makeEvidence(store, { upload, actor, rules, inherits }, session));
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

interface Making {
  readonly upload: EvidenceUploadDoc;
  readonly actor: EvidenceActor;
  readonly rules: RetentionRules;
  /** Records to which the actor may add evidence: a next version is linked to those of them that the one before hangs on without a consent, which was given to what could be seen. */
  readonly inherits?: readonly string[];
}

async function makeEvidence(store: Store, { upload, actor, rules, inherits = [] }: Making, session: ClientSession): Promise<void> {
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
  await appendEvidence(store, { evidenceId: doc._id, actor, session }, { action: 'evidence.stored', detail: { lineId, version, replaces, fileName, mediaType, sizeBytes, sha256, retention: { ...retention } }, documents: { [partOf('evidence', doc._id)]: documentsHash([storedForm(store.models.evidence, doc)]) } });
  if (before) await appendEvidence(store, { evidenceId: before._id, actor, session }, { action: 'evidence.replaced', detail: { by: doc._id, version, sha256 } });
  // Whoever could read the version before reads this one too, where its owner may add evidence and needed no consent.
  const inherited = before ? (await linksOf(store, [before._id], session)).filter(({ recordId }) => inherits.includes(recordId)) : [];
  for (const { recordId, evidenceId } of inherited) await insertLink(store, { evidenceId: doc._id, recordId, inheritedFrom: evidenceId, actor }, session);
  if (upload.recordId !== null && !inherited.some(({ recordId }) => recordId === upload.recordId)) {
    await insertLink(store, { evidenceId: doc._id, recordId: upload.recordId, inheritedFrom: null, actor }, session);
  }
}
