import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { tokenScopeSchema } from '../../contracts/people';
import { countTokens, expiryAfter, revokeCredential, storeCredential, tokenOf, tokensOf } from '../../store/credentials';
import type { CredentialDoc } from '../../store/schemas/people';
import { notFound, notPermitted, ruleBroken } from '../administer';
import { noteAccess } from '../commands/noteAccess';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, nameSchema } from '../schemas';
import { newToken } from '../secrets';

const DAY_MS = 24 * 3_600_000;
/** Tokens of one person that work at a time (defaults: 10). */
const MOST_TOKENS = 10;
const tokenSchema = z.object({
  id: z.string(), name: z.string(), scopes: z.array(tokenScopeSchema), createdAt: z.string(), lastSeenAt: z.string(), expiresAt: z.string(), revokedAt: z.string().nullable(),
});
const shown = ({ publicId, name, scopes, createdAt, lastSeenAt, expiresAt, revokedAt }: CredentialDoc) => ({ id: publicId, name, scopes, createdAt, lastSeenAt, expiresAt, revokedAt });

/** API tokens: for machines that act as a person. */
export function tokenRoutes(deps: ApiDeps): Route[] {
  const create = defineRoute({
    method: 'post', path: '/api/v1/tokens', summary: 'Make an API token; its secret is shown once. One that a token makes ends with it, and not after it', tags: ['tokens'], access: 'signed_in', scope: 'administer',
    body: z.strictObject({ name: nameSchema, scopes: z.array(tokenScopeSchema).min(1).max(4), expiresInDays: z.int().min(1).max(365) }),
    answers: { 201: { description: 'The token; `secret` is not kept.', schema: tokenSchema.extend({ secret: z.string() }) } },
    handler: async ({ body, caller, correlationId }) => {
      const scopes = [...new Set(body.scopes)];
      if (scopes.some((scope) => !caller.credential.scopes.includes(scope))) throw notPermitted('A token cannot give more than the credential that makes it.');
      const [secret, now] = [newToken(), deps.now()];
      const maker = caller.credential.kind === 'token' ? await tokenOf(deps.store, caller.credential.id) : undefined;
      if (await countTokens(deps.store, { personId: caller.personId, at: now }) >= MOST_TOKENS) throw ruleBroken(`A person has at most ${String(MOST_TOKENS)} tokens that work: revoke one first.`, { most: MOST_TOKENS });
      // A token makes none that outlives it, whatever was asked for.
      const asked = expiryAfter(now, body.expiresInDays * DAY_MS);
      const expiresAt = maker && maker.expiresAt < asked ? maker.expiresAt : asked;
      const credential: Omit<CredentialDoc, '_id'> = {
        publicId: randomUUID(), kind: 'token', personId: caller.personId, csrfToken: null, name: body.name, scopes,
        createdAt: now, lastSeenAt: now, expiresAt, revokedAt: null, firstUsedAt: null, lineage: maker ? [...(maker.lineage ?? []), maker.publicId] : [],
      };
      await storeCredential(deps.store, secret, credential);
      await noteAccess(deps, { caller, correlationId, action: 'token.made', detail: { token: credential.publicId, name: body.name, scopes, expiresAt, ...(maker && { madeBy: maker.publicId }) } });
      return { status: 201, body: { ...shown({ ...credential, _id: '' }), secret } };
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/tokens', summary: 'Own API tokens', tags: ['tokens'], access: 'signed_in', scope: 'read',
    answers: { 200: { description: 'Newest first; ended ones too.', schema: z.object({ items: z.array(tokenSchema) }) } },
    handler: async ({ caller }) => ({ status: 200, body: { items: (await tokensOf(deps.store, caller.personId)).map(shown) } }),
  });

  const revoke = defineRoute({
    method: 'delete', path: '/api/v1/tokens/{id}', summary: 'Revoke an own API token, and those that come from it', tags: ['tokens'], access: 'signed_in', scope: 'administer',
    params: idParam, answers: { 204: { description: 'The token no longer works.' } },
    refusalSubject: ({ id }) => `token/${id}`,
    handler: async ({ params, caller, correlationId }) => {
      if (!(await revokeCredential(deps.store, { personId: caller.personId, publicId: params.id, at: deps.now() }))) throw notFound();
      await noteAccess(deps, { caller, correlationId, action: 'token.revoked', detail: { token: params.id } });
      return { status: 204 };
    },
  });
  return [create, list, revoke];
}
