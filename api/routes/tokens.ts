import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { tokenScopeSchema, type TokenScope } from '../../contracts/people';
import { inTransaction } from '../../store/connection';
import { countTokens, expiryAfter, holdCredential, revokeCredential, secretHashOf, storeToken, tokensOf } from '../../store/credentials';
import type { CredentialDoc } from '../../store/schemas/people';
import { notFound, notPermitted, ruleBroken } from '../administer';
import { noteAccess } from '../commands/noteAccess';
import type { ApiDeps, Caller } from '../deps';
import { notSignedIn } from '../doorkeeper';
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

interface By {
  readonly caller: Caller;
  readonly correlationId: string;
}

interface Wanted {
  readonly secret: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly lifeMs: number;
}

/** API tokens: for machines that act as a person. */
export function tokenRoutes(deps: ApiDeps): Route[] {
  /**
   * Its maker is held, and its entry is the next of the person's trail: so no two are made at once, nor one beside the end of what makes it.
   * Throws Failure `not_signed_in` when the maker has ended meanwhile, `rule_broken` when there are enough.
   */
  const mint = ({ caller, correlationId }: By, { secret, name, scopes, lifeMs }: Wanted): Promise<CredentialDoc> => inTransaction(deps.store, async (session) => {
    const [now, { personId }] = [deps.now(), caller];
    const maker = await holdCredential(deps.store, { publicId: caller.credential.id, at: now }, session);
    if (!maker) throw notSignedIn();
    if (await countTokens(deps.store, { personId, at: now }, session) >= MOST_TOKENS) throw ruleBroken(`A person has at most ${String(MOST_TOKENS)} tokens that work: revoke one first.`, { most: MOST_TOKENS });
    const parent = maker.kind === 'token' ? maker : undefined;
    // A token makes none that outlives it, whatever was asked for.
    const asked = expiryAfter(now, lifeMs);
    const expiresAt = parent && parent.expiresAt < asked ? parent.expiresAt : asked;
    const token: CredentialDoc = {
      _id: secretHashOf(secret), publicId: randomUUID(), kind: 'token', personId, csrfToken: null, name, scopes,
      createdAt: now, lastSeenAt: now, expiresAt, revokedAt: null, firstUsedAt: null, lineage: parent ? [...(parent.lineage ?? []), parent.publicId] : [],
    };
    await storeToken(deps.store, token, session);
    await noteAccess(deps, { caller, correlationId, action: 'token.made', detail: { token: token.publicId, name, scopes, expiresAt, ...(parent && { madeBy: parent.publicId }) } }, session);
    return token;
  });

  const create = defineRoute({
    method: 'post', path: '/api/v1/tokens', summary: 'Make an API token; its secret is shown once. One that a token makes ends with it, and not after it', tags: ['tokens'], access: 'signed_in', scope: 'administer',
    body: z.strictObject({ name: nameSchema, scopes: z.array(tokenScopeSchema).min(1).max(4), expiresInDays: z.int().min(1).max(365) }),
    answers: { 201: { description: 'The token; `secret` is not kept.', schema: tokenSchema.extend({ secret: z.string() }) } },
    handler: async ({ body, caller, correlationId }) => {
      const scopes = [...new Set(body.scopes)];
      if (scopes.some((scope) => !caller.credential.scopes.includes(scope))) throw notPermitted('A token cannot give more than the credential that makes it.');
      const secret = newToken();
      const made = await mint({ caller, correlationId }, { secret, name: body.name, scopes, lifeMs: body.expiresInDays * DAY_MS });
      return { status: 201, body: { ...shown(made), secret } };
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
      await inTransaction(deps.store, async (session) => {
        if (!(await revokeCredential(deps.store, { personId: caller.personId, publicId: params.id, at: deps.now() }, session))) throw notFound();
        await noteAccess(deps, { caller, correlationId, action: 'token.revoked', detail: { token: params.id } }, session);
      });
      return { status: 204 };
    },
  });
  return [create, list, revoke];
}
