import { z } from 'zod';
import { RETENTION_CLASSES } from '../../contracts/retention';
import { CHUNK_BYTES, chunksOf } from '../../domain/evidence/framing';
import { versionsOf } from '../../store/evidence';
import type { UploadProgress } from '../../store/evidenceUploads';
import { holdsOn } from '../../store/legalHolds';
import { linksOf } from '../../store/evidenceLinks';
import type { EvidenceDoc, EvidenceLinkDoc, EvidenceWithdrawalDoc } from '../../store/schemas/evidence';
import type { ApiDeps, Caller } from '../deps';
import { seenAmong, type SeenEvidence, type SeenLink } from './evidenceAccess';

const person = z.object({ personId: z.string(), name: z.string(), role: z.string(), organisationId: z.string() });
const instant = z.iso.datetime();
const file = { id: z.string(), fileName: z.string(), mediaType: z.string(), sizeBytes: z.int(), sha256: z.string() };

export const uploadSchema = z.object({
  ...file, status: z.literal('uploading'), recordId: z.string().nullable(), replaces: z.string().nullable(), retentionClass: z.enum(RETENTION_CLASSES),
  chunkBytes: z.int().meta({ description: 'Length of every chunk but the last.' }), chunks: z.int(),
  received: z.array(z.object({ n: z.int(), sha256: z.string() })), missing: z.array(z.int()), openedAt: instant, expiresAt: instant,
}).meta({ id: 'EvidenceUpload' });

const link = { linkedBy: person, linkedAt: instant, inheritedFrom: z.string().nullable(), consentIds: z.array(z.string()).meta({ description: 'What allowed it, where it shows the file to somebody new.' }) };
export const linkSchema = z.object({ recordId: z.string(), ...link });
const knownLinkSchema = z.object({
  recordId: z.string().nullable().meta({ description: 'null: the file is your organisation\'s, the record is none of yours.' }), ...link,
  readers: z.array(z.string()).meta({ description: 'Organisations that read the file by this link.' }),
});
export const withdrawalSchema = z.object({ evidenceId: z.string(), reason: z.string(), withdrawnBy: person, withdrawnAt: instant });

export const evidenceSummarySchema = z.object({
  ...file, status: z.literal('stored'), lineId: z.string().nullable().describe('Id of the first version; null: not shared.'), version: z.int(), replaces: z.string().nullable().describe('null: the first version, or the one before is not shared.'), storedBy: person, storedAt: instant,
  retention: z.object({ class: z.enum(RETENTION_CLASSES), years: z.int(), from: z.enum(['study_end', 'stored']), basis: z.string(), until: instant.nullable() }),
});
export const evidenceSchema = evidenceSummarySchema.extend({
  links: z.array(knownLinkSchema).meta({ description: 'To records that are shared whole with the caller; to whoever owns the file, all.' }),
  versions: z.array(z.object({ ...file, version: z.int(), storedAt: instant })).meta({ description: 'Those that the caller may read, oldest first.' }),
  replacedBy: z.string().nullable().meta({ description: 'The next version; null: this is the latest, or the next is not shared.' }),
  legalHold: z.boolean(),
}).meta({ id: 'Evidence' });

export function shownUpload({ upload, received, missing }: UploadProgress): Record<string, unknown> {
  const { _id, fileName, mediaType, sizeBytes, sha256, recordId, replaces, retentionClass, openedAt, expiresAt } = upload;
  return {
    id: _id, status: 'uploading', fileName, mediaType, sizeBytes, sha256, recordId, replaces, retentionClass,
    chunkBytes: CHUNK_BYTES, chunks: chunksOf(sizeBytes), received, missing, openedAt, expiresAt,
  };
}

/** Evidence in a list; the wrapped key stays here. */
export function shownSummary({ _id, sealedKey: _sealedKey, ...rest }: EvidenceDoc): Record<string, unknown> {
  return { id: _id, status: 'stored', ...rest };
}

export function shownLink({ recordId, linkedBy, linkedAt, inheritedFrom, consentIds = [] }: EvidenceLinkDoc): Record<string, unknown> {
  return { recordId, linkedBy, linkedAt, inheritedFrom, consentIds };
}

export function shownWithdrawal({ evidenceId, reason, withdrawnBy, withdrawnAt }: EvidenceWithdrawalDoc): Record<string, unknown> {
  return { evidenceId, reason, withdrawnBy, withdrawnAt };
}

const shownSeenLink = (seen: SeenLink): Record<string, unknown> => ({ ...shownLink(seen), recordId: seen.known ? seen.recordId : null, readers: seen.readers });

/** One piece of evidence, with its versions and links as the caller may know of them. */
export async function shownEvidence(deps: ApiDeps, caller: Caller, { evidence, links }: SeenEvidence): Promise<Record<string, unknown>> {
  const [line, holdIds] = await Promise.all([versionsOf(deps.store, evidence.lineId), holdIdsOf(deps, evidence._id)]);
  const versions = await seenAmong(deps, caller, line);
  return {
    ...shownSummary(evidence), links: links.map(shownSeenLink),
    versions: versions.map(({ evidence: { _id, version, fileName, mediaType, sizeBytes, sha256, storedAt } }) => ({ id: _id, version, fileName, mediaType, sizeBytes, sha256, storedAt })),
    replacedBy: versions.find((other) => other.evidence.replaces === evidence._id)?.evidence._id ?? null,
    legalHold: holdIds.length > 0,
  };
}

/** Holds in force on any record that the evidence is linked to, whoever may know of it. */
export async function holdIdsOf({ store }: ApiDeps, evidenceId: string): Promise<readonly string[]> {
  const links = await linksOf(store, [evidenceId]);
  return holdsOn(store, links.map(({ recordId }) => recordId));
}

/** `Content-Disposition` of a download (RFC 6266): the name for readers of ASCII, and the whole name. */
export function attachmentOf(fileName: string): string {
  const plain = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(fileName).replaceAll(/['()*!]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
