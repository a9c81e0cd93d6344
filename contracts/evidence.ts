import { z } from 'zod';
import { RETENTION_CLASSES } from './retention';

/** Largest file unless the installation says otherwise (`CRO_EVIDENCE_MAX_MB`), MiB. */
export const DEFAULT_MAX_MB = 100;
/** An upload that is not completed is removed after this, ms. */
export const UPLOAD_KEPT_MS = 24 * 3_600_000;
/** Uploads that one person may have under way at once. */
export const UPLOADS_AT_ONCE = 20;
/** Carries the SHA-256 of a chunk, or of a whole file, in hex. */
export const CHUNK_HASH_HEADER = 'x-chunk-sha256';
export const CONTENT_HASH_HEADER = 'X-Content-SHA256';

export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 in hex, lower case');
const id = z.string().min(1).max(64);

/** Without separators of folders and without characters that nobody sees, such as those that turn the reading direction. */
const fileName = z.string().trim().min(1).max(200).regex(/^[^\p{C}/\\]+$/u, 'a file name, without folders and invisible characters');

/** `POST /api/v1/evidence`: what will be uploaded. */
export const openUploadSchema = z.strictObject({
  recordId: id.optional().meta({ description: 'The record that it is evidence for; without one only the uploader sees it until it is linked.' }),
  fileName,
  mediaType: z.string().trim().toLowerCase().min(3).max(100),
  sizeBytes: z.int().min(1),
  sha256: sha256Schema.meta({ description: 'Of the whole file, hex.' }),
  retentionClass: z.enum(RETENTION_CLASSES).default('trial_master_file').meta({ description: 'How long it is kept at least. Default: the longest.' }),
  replaces: id.optional().meta({ description: 'The evidence whose next version this is; the old one stays readable.' }),
});
export type OpenUpload = z.infer<typeof openUploadSchema>;

export const linkEvidenceSchema = z.strictObject({ recordId: id });

/** `POST /api/v1/evidence/{id}/links/withdraw`. */
export const unlinkEvidenceSchema = z.strictObject({
  recordId: id.optional().meta({ description: 'The record whose link is taken back.' }),
  readers: z.array(id).min(1).max(20).optional().meta({ description: 'Instead, for its owner: the link by which these organisations read it, to a record that the owner does not know.' }),
  reason: z.string().trim().min(1).max(2000),
});

/** The key of one file. Frames are sealed with their place: one that was moved, cut off or swapped does not open. */
export interface FileKey {
  seal(n: number, plain: Uint8Array): Uint8Array;
  /** Throws Failure `damaged`. */
  open(n: number, frame: Uint8Array): Uint8Array;
}

/** Encrypts files before the store sees them; `platform/fileCipher.ts` implements it. */
export interface FileCipher {
  /** A new data key for one file, wrapped with the key ring. */
  newKey(fileId: string): string;
  keyOf(file: { readonly id: string; readonly sealedKey: string; readonly frames: number }): FileKey;
}

/** What a record's signed content says of evidence: the hash binds the very version. */
export interface EvidenceRef {
  readonly id: string;
  readonly sha256: string;
}
