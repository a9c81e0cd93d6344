import { z } from 'zod';
import { meaningSchema, signingGrantSchema } from '../../contracts/signature';
import { SIGNABLE_CAPABILITIES, type SignableCapabilities } from '../../domain/signature/registry';
import { createSigningLock } from '../commands/signingLock';
import { giveGrant } from '../commands/signing';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { shownSignatures, signatureSchema, statementSchema } from '../views/signature';
import { wholeRecord } from '../views/readers';
import { recordParams } from './pathway';

const tags = ['signatures'];
const PATH = '/api/v1/signing-grants';

const givenSchema = z.object({
  id: z.string().describe('What the act names in its body as `signature`.'), expiresAt: z.iso.datetime(),
  recordId: z.string(), act: z.string(), subject: z.string(), version: z.int(), contentHash: z.string(), content: z.unknown().describe('What is signed.'),
  meaning: meaningSchema, printedName: z.string(), role: z.string(), organisationId: z.string(), organisationName: z.string(),
  signedAt: z.iso.datetime(), zone: z.string(), statement: statementSchema,
});

/** Electronic signatures (21 CFR 11.50, 11.70, 11.200): the right to sign once, and the signatures of a record. */
export function signingRoutes(deps: ApiDeps, signables: SignableCapabilities = SIGNABLE_CAPABILITIES): Route[] {
  const parts = { deps, signables, lock: createSigningLock(deps) };

  const grant = defineRoute({
    method: 'post', path: PATH, tags, access: 'signed_in', scope: 'act',
    summary: 'Enter the credentials again and get the right to sign one act once, within 60 seconds',
    body: signingGrantSchema,
    answers: { 201: { description: 'What will be signed, and the id to name in the act.', schema: givenSchema } },
    handler: async ({ body, caller, correlationId, req }) => {
      const { grant: given, statement } = await giveGrant(parts, { body, caller, correlationId, route: `POST ${PATH}`, address: req.ip ?? 'unknown' });
      const { personId: _own, sessionId: _session, usedAt: _usedAt, statementVersion: _version, ...shown } = given;
      return { status: 201, body: { ...shown, statement } };
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/records/{id}/signatures', summary: 'The signatures of a record of any pathway, in order, and how each stands now', tags, access: 'signed_in', scope: 'read',
    params: recordParams,
    answers: { 200: { description: 'Each signature with its standing.', schema: z.object({ items: z.array(signatureSchema) }) } },
    handler: async ({ params, caller }) => {
      const { record } = await wholeRecord(deps, { recordId: params.id, caller });
      return { status: 200, body: { items: await shownSignatures(deps.store, record, signables) } };
    },
  });
  return [grant, list];
}
