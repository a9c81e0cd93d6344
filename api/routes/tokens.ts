import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { tokenScopeSchema } from '../../contracts/people';
import { expiryAfter, revokeCredential, storeCredential, tokensOf } from '../../store/credentials';
import type { CredentialDoc } from '../../store/schemas/people';
import { notFound, notPermitted } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, nameSchema } from '../schemas';
import { newToken } from '../secrets';

const DAY_MS = 24 * 3_600_000;
const tokenSchema = z.object({
  id: z.string(), name: z.string(), scopes: z.array(tokenScopeSchema), createdAt: z.string(), lastSeenAt: z.string(), expiresAt: z.string(), revokedAt: z.string().nullable(),
});
const shown = ({ publicId, name, scopes, createdAt, lastSeenAt, expiresAt, revokedAt }: CredentialDoc) => ({ id: publicId, name, scopes, createdAt, lastSeenAt, expiresAt, revokedAt });

/** API tokens: for machines that act as a person. */
export function tokenRoutes(deps: ApiDeps): Route[] {
  const create = defineRoute({
    method: 'post', path: '/api/v1/tokens', summary: 'Make an API token; its secret is shown once', tags: ['tokens'], access: 'signed_in', scope: 'administer',
    body: z.strictObject({ name: nameSchema, scopes: z.array(tokenScopeSchema).min(1).max(4), expiresInDays: z.int().min(1).max(365) }),
    answers: { 201: { description: 'The token; `secret` is not kept.', schema: tokenSchema.extend({ secret: z.string() }) } },
    handler: async ({ body, caller }) => {
      const scopes = [...new Set(body.scopes)];
      if (scopes.some((scope) => !caller.credential.scopes.includes(scope))) throw notPermitted('A token cannot give more than the credential that makes it.');
      const [secret, now] = [newToken(), deps.now()];
      const credential: Omit<CredentialDoc, '_id'> = {
        publicId: randomUUID(), kind: 'token', personId: caller.personId, csrfToken: null, name: body.name, scopes,
        createdAt: now, lastSeenAt: now, expiresAt: expiryAfter(now, body.expiresInDays * DAY_MS), revokedAt: null,
      };
      await storeCredential(deps.store, secret, credential);
      return { status: 201, body: { ...shown({ ...credential, _id: '' }), secret } };
    },
  });

  const list = defineRoute({
    method: 'get', path: '/api/v1/tokens', summary: 'Own API tokens', tags: ['tokens'], access: 'signed_in', scope: 'read',
    answers: { 200: { description: 'Newest first; ended ones too.', schema: z.object({ items: z.array(tokenSchema) }) } },
    handler: async ({ caller }) => ({ status: 200, body: { items: (await tokensOf(deps.store, caller.personId)).map(shown) } }),
  });

  const revoke = defineRoute({
    method: 'delete', path: '/api/v1/tokens/{id}', summary: 'Revoke an own API token', tags: ['tokens'], access: 'signed_in', scope: 'administer',
    params: idParam, answers: { 204: { description: 'The token no longer works.' } },
    refusalSubject: ({ id }) => `token/${id}`,
    handler: async ({ params, caller }) => {
      if (!(await revokeCredential(deps.store, { personId: caller.personId, publicId: params.id, at: deps.now() }))) throw notFound();
      return { status: 204 };
    },
  });
  return [create, list, revoke];
}
