import { z } from 'zod';
import { CHUNK_HASH_HEADER, DEFAULT_MAX_MB, openUploadSchema, sha256Schema } from '../../contracts/evidence';
import { Failure } from '../../contracts/failures';
import { roleSchema } from '../../contracts/people';
import { DEFAULT_RETENTION } from '../../contracts/retention';
import { createFileCipher } from '../../platform/fileCipher';
import { completeUpload, evidenceById } from '../../store/evidence';
import { cancelUpload, openUpload, progressOf, putChunk } from '../../store/evidenceUploads';
import { byOf, created } from '../administer';
import type { ApiDeps } from '../deps';
import { octetsOf } from '../octets';
import { defineRoute, type Route } from '../route';
import { idParam, idSchema } from '../schemas';
import { requireUpload } from '../commands/evidenceLinking';
import { actorOf, ownUpload, seenEvidence } from './evidenceAccess';
import { evidenceSchema, shownEvidence, shownUpload, uploadSchema } from './evidenceViews';

const tags = ['evidence'];
const path = '/api/v1/evidence';
const refusalSubject = ({ id }: { id: string }) => `evidence/${id}`;
const base = { tags, access: 'signed_in', scope: 'act' } as const;
const chunkParams = z.strictObject({ id: idSchema, n: z.coerce.number().int().min(0).max(100_000) });

/** The way of a file into the evidence (B11): opened, sent in chunks, completed when everything is what was declared. */
export function evidenceUploadRoutes(deps: ApiDeps): Route[] {
  const cipher = createFileCipher(deps.ring);
  const { maxBytes, retention } = deps.settings.evidence ?? { maxBytes: DEFAULT_MAX_MB * 1024 * 1024, retention: DEFAULT_RETENTION };

  const open = defineRoute({
    ...base, method: 'post', path, summary: 'Open an upload; it ends after 24 hours', body: openUploadSchema,
    answers: created('The upload: send its chunks, then complete it.', uploadSchema),
    handler: async (incoming) => {
      const { body, caller } = incoming;
      const { seat } = await requireUpload(deps, caller, { recordId: body.recordId ?? null, replaces: body.replaces ?? null });
      const { person, by } = actorOf(deps, incoming, seat);
      const upload = await openUpload(deps.store, { asked: body, by: person, at: by.at, maxBytes, cipher });
      return { status: 201, body: shownUpload(await progressOf(deps.store, upload)), headers: { Location: `${path}/${upload._id}` } };
    },
  });

  const chunk = defineRoute({
    ...base, method: 'put', path: `${path}/{id}/chunks/{n}`, summary: 'Send one chunk, counted from 0; the same again changes nothing', params: chunkParams, refusalSubject,
    headers: z.object({ [CHUNK_HASH_HEADER]: sha256Schema }), bodyType: 'application/octet-stream', rawBody: z.string().meta({ format: 'binary' }),
    answers: { 200: { description: 'The chunk is there.', schema: z.object({ n: z.int(), sha256: z.string() }) } },
    handler: async ({ params, headers, caller, req }) => {
      const upload = await ownUpload(deps, caller, params.id);
      const declared = headers[CHUNK_HASH_HEADER];
      await putChunk(deps.store, { upload, n: params.n, bytes: await octetsOf(req), declared, at: deps.now(), cipher });
      return { status: 200, body: { n: params.n, sha256: declared } };
    },
  });

  const complete = defineRoute({
    ...base, method: 'post', path: `${path}/{id}/complete`, summary: 'Make the upload evidence; a repetition answers the same', params: idParam, refusalSubject, body: z.strictObject({}).optional(),
    answers: { 200: { description: 'The evidence.', schema: evidenceSchema } },
    handler: async (incoming) => {
      const { params, caller } = incoming;
      if (!(await evidenceById(deps.store, params.id))) {
        const upload = await ownUpload(deps, caller, params.id);
        // Hours may lie between opening and completing.
        const { seat, inherits } = await requireUpload(deps, caller, upload);
        await completeUpload(deps.store, { upload, inherits, actor: actorOf(deps, incoming, seat), cipher, rules: retention });
      }
      return { status: 200, body: await shownEvidence(deps, caller, await seenEvidence(deps, caller, params.id)) };
    },
  });

  const cancel = defineRoute({
    ...base, method: 'delete', path: '/api/v1/uploads/{id}', summary: 'Cancel an upload, by who began it; what is evidence already stays', params: idParam, refusalSubject,
    answers: { 204: { description: 'The upload has ended, its chunks are gone.' } },
    handler: async (incoming) => {
      const { params, caller } = incoming;
      if (await evidenceById(deps.store, params.id)) {
        await seenEvidence(deps, caller, params.id);
        throw new Failure('wrong_state', 'The upload is complete: evidence stays.');
      }
      const upload = await ownUpload(deps, caller, params.id);
      const { role, organisationId } = upload.openedBy;
      await cancelUpload(deps.store, { upload, by: byOf(deps, incoming, { role: roleSchema.parse(role), organisationId }) });
      return { status: 204 };
    },
  });
  return [open, chunk, complete, cancel];
}
