import type { Instant } from '../../contracts/instant';
import type { Retention, RetentionClass } from '../../contracts/retention';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, integer, nullableText, text } from './definition';

/** Who stored, linked or held, as of that moment. */
export interface ByPerson {
  readonly personId: string;
  readonly name: string;
  readonly role: string;
  readonly organisationId: string;
}

/** A file on its way: not a record yet. Its chunks lie in `evidence_upload_chunks`, encrypted. */
export interface EvidenceUploadDoc {
  /** Becomes the id of the evidence. */
  readonly _id: string;
  readonly recordId: string | null;
  readonly replaces: string | null;
  readonly fileName: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly retentionClass: RetentionClass;
  readonly sealedKey: string;
  /** Counts up when the whole file was not what was declared: chunks of earlier attempts may be replaced. */
  readonly attempt: number;
  readonly openedBy: ByPerson;
  readonly openedAt: Instant;
  readonly expiresAt: Instant;
}
export const evidenceUploadSchema = defineSchema<EvidenceUploadDoc>('evidence_uploads', {
  _id: text, recordId: nullableText, replaces: nullableText, fileName: text, mediaType: text, sizeBytes: integer, sha256: text, retentionClass: text,
  sealedKey: text, attempt: integer, openedBy: anything, openedAt: text, expiresAt: text,
});

/** One chunk that arrived, as an encrypted frame; `_id` is `<upload>/<n>`. */
export interface EvidenceUploadChunkDoc {
  readonly _id: string;
  readonly uploadId: string;
  readonly n: number;
  readonly attempt: number;
  /** Of the plain bytes. */
  readonly sha256: string;
  readonly data: Buffer;
  /** The upload's. */
  readonly expiresAt: Instant;
}
export const evidenceUploadChunkSchema = defineSchema<EvidenceUploadChunkDoc>('evidence_upload_chunks', {
  _id: text, uploadId: text, n: integer, attempt: integer, sha256: text, data: { type: Buffer, required: true }, expiresAt: text,
});

/**
 * A file kept by hash; written once. Its bytes are the GridFS file of the same id in the bucket
 * `evidence`. Both lie in the audit database, where the application may insert and read, nothing else.
 */
export interface EvidenceDoc {
  readonly _id: string;
  /** Id of the first version: what the versions are versions of. */
  readonly lineId: string;
  readonly version: number;
  readonly replaces: string | null;
  readonly fileName: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly retention: Retention;
  readonly sealedKey: string;
  readonly storedBy: ByPerson;
  readonly storedAt: Instant;
}
export const evidenceSchema = defineSchema<EvidenceDoc>('evidence', {
  _id: text, lineId: text, version: integer, replaces: nullableText, fileName: text, mediaType: text, sizeBytes: integer, sha256: text,
  retention: anything, sealedKey: text, storedBy: anything, storedAt: text,
});

/** That evidence belongs to a record; `_id` is `<evidence>/<record>`, with `/2` and so on where it was linked again. Written once: a withdrawal is a document of its own. */
export interface EvidenceLinkDoc {
  readonly _id: string;
  readonly evidenceId: string;
  readonly recordId: string;
  /** The version whose link was taken over; null: somebody linked it. */
  readonly inheritedFrom: string | null;
  /** What allowed it where it shows the file to somebody new; it holds for this version alone. */
  readonly consentIds?: readonly string[];
  readonly linkedBy: ByPerson;
  readonly linkedAt: Instant;
}
export const evidenceLinkSchema = defineSchema<EvidenceLinkDoc>('evidence_links', {
  _id: text, evidenceId: text, recordId: text, inheritedFrom: nullableText, consentIds: { type: [String], default: undefined }, linkedBy: anything, linkedAt: text,
});

/** That a link counts no more; `_id` is the link's. Both stay. */
export interface EvidenceWithdrawalDoc {
  readonly _id: string;
  readonly evidenceId: string;
  readonly recordId: string;
  readonly reason: string;
  readonly withdrawnBy: ByPerson;
  readonly withdrawnAt: Instant;
}
export const evidenceWithdrawalSchema = defineSchema<EvidenceWithdrawalDoc>('evidence_link_withdrawals', {
  _id: text, evidenceId: text, recordId: text, reason: text, withdrawnBy: anything, withdrawnAt: text,
});

/** Keeps everything about a record, or about a study, beyond its retention (P17). `active` until it is released; never deleted. */
export interface LegalHoldDoc extends AdministeredDoc {
  /** Which set it, and releases it. */
  readonly organisationId: string;
  /** One of the two is set. */
  readonly recordId: string | null;
  readonly studyId: string | null;
  readonly reason: string;
  readonly setBy: ByPerson;
  readonly released: { readonly by: ByPerson; readonly at: Instant; readonly reason: string } | null;
}
export const legalHoldSchema = defineSchema<LegalHoldDoc>('legal_holds', {
  ...administered, organisationId: text, recordId: nullableText, studyId: nullableText, reason: text, setBy: anything, released: anything,
});
