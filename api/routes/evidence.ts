import { Readable } from 'node:stream';
import { z } from 'zod';
import { CONTENT_HASH_HEADER, linkEvidenceSchema, unlinkEvidenceSchema } from '../../contracts/evidence';
import { Failure } from '../../contracts/failures';
import { ALLOWED_MEDIA_TYPES } from '../../domain/evidence/mediaTypes';
import { disposalRefusal } from '../../domain/evidence/retention';
import { createFileCipher } from '../../platform/fileCipher';
import { evidenceById, evidenceOfRecord } from '../../store/evidence';
import { linkEvidence, withdrawalsOf, withdrawLink } from '../../store/evidenceLinks';
import { plainBytes, requireIntact } from '../../store/evidenceFiles';
import { progressOf } from '../../store/evidenceUploads';
import { found, instanceSeat, notFound, notPermitted } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, pageOf, pageQuery, reasonBody } from '../schemas';
import { decodeCursor, encodeCursor } from '../views/cursor';
import { wholeRecord } from '../views/readers';
import { planLink, requireConsents, withdrawableLink } from '../commands/evidenceLinking';
import { actorOf, ownUpload, seenEvidence } from './evidenceAccess';
import { attachmentOf, evidenceSchema, evidenceSummarySchema, holdIdsOf, linkSchema, shownEvidence, shownLink, shownSummary, shownUpload, shownWithdrawal, uploadSchema, withdrawalSchema } from './evidenceViews';

const tags = ['evidence'];
const path = '/api/v1/evidence';
const refusalSubject = ({ id }: { id: string }) => `evidence/${id}`;
const placeSchema = z.tuple([z.string(), z.string()]);
/** A file is answered as the type that it was declared as. */
const [firstType, ...otherTypes] = ALLOWED_MEDIA_TYPES;
const bytes = z.string().meta({ format: 'binary' });
const asStored = { ...(firstType !== undefined && { contentType: firstType }), schema: bytes, otherTypes: Object.fromEntries(otherTypes.map((type) => [type, bytes])) };

/** Evidence (B11, P17): files kept by hash, read by whoever reads a record that they are linked to. */
export function evidenceRoutes(deps: ApiDeps): Route[] {
  const cipher = createFileCipher(deps.ring);

  const read = defineRoute({
    method: 'get', path: `${path}/{id}`, summary: 'Evidence with its versions and links, or an upload with the chunks that are there', tags, access: 'signed_in', scope: 'read', params: idParam, refusalSubject,
    answers: found('The evidence, or the upload.', z.union([evidenceSchema, uploadSchema])),
    handler: async ({ params, caller }) => {
      const stored = await evidenceById(deps.store, params.id);
      if (!stored) return { status: 200, body: shownUpload(await progressOf(deps.store, await ownUpload(deps, caller, params.id))) };
      return { status: 200, body: await shownEvidence(deps, caller, await seenEvidence(deps, caller, params.id)) };
    },
  });

  const content = defineRoute({
    method: 'get', path: `${path}/{id}/content`, summary: 'The file; read and checked as a whole before its first byte is sent', tags, access: 'signed_in', scope: 'read', params: idParam, refusalSubject,
    answers: { 200: { description: `The bytes, as attachment; their SHA-256 is in \`${CONTENT_HASH_HEADER}\`.`, ...asStored } },
    handler: async ({ params, caller }) => {
      const { evidence } = await seenEvidence(deps, caller, params.id);
      const { fileName, mediaType, sizeBytes, sha256 } = evidence;
      await requireIntact(deps.store, evidence, cipher);
      return {
        status: 200, stream: Readable.from(plainBytes(deps.store, evidence, cipher), { objectMode: false, highWaterMark: 1 }),
        headers: {
          'Content-Type': mediaType, 'Content-Length': String(sizeBytes), 'Content-Disposition': attachmentOf(fileName), 'X-Content-Type-Options': 'nosniff',
          [CONTENT_HASH_HEADER]: sha256, 'Repr-Digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
        },
      };
    },
  });

  const link = defineRoute({
    method: 'post', path: `${path}/{id}/links`, summary: 'Link the evidence to a record, once; with the consent of whoever it shows to somebody new', tags, access: 'signed_in', scope: 'act', params: idParam, body: linkEvidenceSchema, refusalSubject,
    answers: found('The evidence.', evidenceSchema),
    handler: async (incoming) => {
      const { params, body, caller } = incoming;
      const { seat, wanted } = await planLink(deps, caller, { evidenceId: params.id, recordId: body.recordId });
      const consentIds = (await requireConsents(deps, wanted)).map(({ _id }) => _id);
      await linkEvidence(deps.store, { evidenceId: params.id, recordId: body.recordId, consentIds, actor: actorOf(deps, incoming, seat) });
      return { status: 200, body: await shownEvidence(deps, caller, await seenEvidence(deps, caller, params.id)) };
    },
  });

  const unlink = defineRoute({
    method: 'post', path: `${path}/{id}/links/withdraw`, summary: 'Take a link back; both acts stay', tags, access: 'signed_in', scope: 'act', params: idParam, body: unlinkEvidenceSchema, refusalSubject,
    answers: { 204: { description: 'The link counts no more.' } },
    handler: async (incoming) => {
      const { params, body, caller } = incoming;
      const { recordId, readers, reason } = body;
      const link = await withdrawableLink(deps, caller, { evidenceId: params.id, recordId, readers });
      await withdrawLink(deps.store, { evidenceId: params.id, recordId: link.recordId, reason, actor: actorOf(deps, incoming, link.seat) });
      return { status: 204 };
    },
  });

  const ofRecord = defineRoute({
    method: 'get', path: '/api/v1/records/{id}/evidence', summary: 'Evidence of a record of any kind, latest link first', tags, access: 'signed_in', scope: 'read', params: idParam, query: z.strictObject(pageQuery),
    answers: found('A page; `withdrawn`: links that were taken back.', pageOf(evidenceSummarySchema.extend({ link: linkSchema })).extend({ withdrawn: z.array(withdrawalSchema) })),
    handler: async ({ params, query, caller }) => {
      await wholeRecord(deps, { recordId: params.id, caller });
      const place = decodeCursor(query.cursor, placeSchema);
      const { items, next } = await evidenceOfRecord(deps.store, { recordId: params.id, limit: query.limit, after: place && { linkedAt: place[0], id: place[1] } });
      const withdrawn = await withdrawalsOf(deps.store, { recordId: params.id });
      return { status: 200, body: { items: items.map(({ evidence, link: linked }) => ({ ...shownSummary(evidence), link: shownLink(linked) })), next: next ? encodeCursor([next.linkedAt, next.id]) : null, withdrawn: withdrawn.map(shownWithdrawal) } };
    },
  });

  const dispose = defineRoute({
    method: 'post', path: `${path}/{id}/disposal`, summary: 'Ask for disposal: always refused, with the legal hold or the retention date', tags, access: 'signed_in', scope: 'administer', params: idParam, body: reasonBody, refusalSubject,
    answers: {},
    handler: async ({ params, caller }) => {
      const evidence = await evidenceById(deps.store, params.id);
      if (!instanceSeat(caller, deps.now())) {
        await seenEvidence(deps, caller, params.id);
        throw notPermitted();
      }
      if (!evidence) throw notFound();
      const holdIds = await holdIdsOf(deps, evidence._id);
      const { type, reason } = disposalRefusal({ retention: evidence.retention, holdIds, now: deps.now() });
      throw new Failure(type, reason, { holdIds, retainUntil: evidence.retention.until });
    },
  });
  return [read, content, link, unlink, ofRecord, dispose];
}
