import { randomUUID } from 'node:crypto';
import { stringifySetCookie } from 'cookie';
import { z } from 'zod';
import { Failure, FAILURES } from '../../contracts/failures';
import { ROLES } from '../../contracts/people';
import { expiryAfter, revokeCredential, storeCredential } from '../../store/credentials';
import { loginLimits, type Lock } from '../../store/limits';
import { canonicalEmail, changePassword, personByEmail } from '../../store/people';
import { recordRefusal } from '../../store/refusals';
import type { PersonDoc } from '../../store/schemas/people';
import { signerOf } from '../../store/signers';
import { ruleBroken } from '../administer';
import { requireGoodPassword } from '../commands/chosenPassword';
import { noteAccess, noteFailedSignIn, noteSignIn } from '../commands/noteAccess';
import type { ApiDeps } from '../deps';
import { SESSION_COOKIE } from '../doorkeeper';
import { hashPassword, passwordSchema, verifyPassword } from '../../platform/passwords';
import { defineRoute, type Route } from '../route';
import { randomSecret } from '../secrets';

/** A session ends after this long, however busy (defaults: 12 h), ms. */
const SESSION_MS = 12 * 3_600_000;

const membership = z.object({ id: z.string(), organisationId: z.string(), role: z.enum(ROLES), studyId: z.string().nullable(), systemIds: z.array(z.string()), from: z.string(), until: z.string().nullable() });
const sessionSchema = z.object({
  csrfToken: z.string().optional(), expiresAt: z.string(),
  person: z.object({ id: z.string(), name: z.string(), email: z.string(), organisationId: z.string() }),
  memberships: z.array(membership),
  unsettledSince: z.string().optional().describe('Somebody else set the password: roles that administer are not among the memberships until somebody independent has verified the person again.'),
});

/** Signing in, out, and who am I. */
export function sessionRoutes(deps: ApiDeps): Route[] {
  const limits = loginLimits(deps.store);
  const cookie = (value: string, maxAge: number) => stringifySetCookie({
    name: SESSION_COOKIE, value, path: '/', httpOnly: true, sameSite: 'strict', secure: deps.settings.publicUrl.startsWith('https:'), maxAge,
  });
  const lockedOut = async ({ locking, lockedForSeconds }: Lock, personId: string | undefined, correlationId: string): Promise<never> => {
    if (locking && personId !== undefined) {
      // 21 CFR 11.300(d): attempts at unauthorised use are detected and kept.
      await recordRefusal(deps.store, {
        recordId: `person/${personId}`, actor: { kind: 'system', name: 'sign-in' }, act: 'POST /api/v1/sessions', failureType: 'locked_out',
        reason: FAILURES.locked_out.meaning, correlationId, at: deps.now(),
      });
    }
    throw new Failure('locked_out', FAILURES.locked_out.meaning, { retryAfterSeconds: lockedForSeconds });
  };

  const signIn = defineRoute({
    method: 'post', path: '/api/v1/sessions', tags: ['sessions'], access: 'public', scope: 'read',
    summary: 'Sign in; with a password that somebody else gave, `newPassword` replaces it at the same time',
    body: z.strictObject({ email: z.string().min(3).max(254), password: z.string().min(1).max(200), newPassword: passwordSchema.optional() }),
    answers: { 201: { description: 'Signed in; the cookie holds the session.', schema: sessionSchema.pick({ csrfToken: true, expiresAt: true }).extend({ personId: z.string() }) } },
    handler: async ({ body, req, correlationId }) => {
      const email = canonicalEmail(body.email);
      const who = { email, address: req.ip ?? 'unknown' };
      const locked = await limits.attempt(who);
      const person = await personByEmail(deps.store, email);
      if (locked) return lockedOut(locked, person?._id, correlationId);
      if (!(await verifyPassword(person?.active ? person.passwordHash : undefined, body.password)) || !person) {
        if (person) await noteFailedSignIn(deps, { person, correlationId });
        throw new Failure('bad_credentials', FAILURES.bad_credentials.meaning);
      }
      await limits.forgive(who);
      await replaceGiven(deps, { person, ...body, correlationId });
      const [secret, csrfToken, now] = [randomSecret(), randomSecret(), deps.now()];
      const expiresAt = expiryAfter(now, SESSION_MS);
      const publicId = randomUUID();
      await storeCredential(deps.store, secret, {
        publicId, kind: 'session', personId: person._id, csrfToken, name: null, scopes: [], createdAt: now, lastSeenAt: now, expiresAt, revokedAt: null,
      });
      await noteSignIn(deps, { person, correlationId, action: 'session.started', detail: { session: publicId } });
      return { status: 201, body: { csrfToken, expiresAt, personId: person._id }, headers: { 'Set-Cookie': cookie(secret, SESSION_MS / 1000) } };
    },
  });

  const signOut = defineRoute({
    method: 'delete', path: '/api/v1/sessions', summary: 'Sign out', tags: ['sessions'], access: 'signed_in', scope: 'read',
    answers: { 204: { description: 'The session has ended.' } },
    handler: async ({ caller, correlationId }) => {
      await revokeCredential(deps.store, { personId: caller.personId, publicId: caller.credential.id, at: deps.now() });
      await noteAccess(deps, { caller, correlationId, action: `${caller.credential.kind}.ended`, detail: { [caller.credential.kind]: caller.credential.id } });
      return { status: 204, headers: { 'Set-Cookie': cookie('', 0) } };
    },
  });

  const whoAmI = defineRoute({
    method: 'get', path: '/api/v1/sessions', summary: 'Who is signed in, as what', tags: ['sessions'], access: 'signed_in', scope: 'read',
    answers: { 200: { description: 'The person, the memberships in force and, for a session, its CSRF token.', schema: sessionSchema } },
    handler: ({ caller }) => {
      const { csrf, expiresAt } = caller.credential;
      const memberships = caller.memberships.map(({ personId: _own, ...rest }) => rest);
      return {
        status: 200,
        body: { ...(csrf && { csrfToken: csrf }), expiresAt, person: { id: caller.personId, name: caller.name, email: caller.email, organisationId: caller.organisationId }, memberships, ...(caller.unsettledSince !== undefined && { unsettledSince: caller.unsettledSince }) },
      };
    },
  });
  return [signIn, signOut, whoAmI];
}

interface SigningIn {
  readonly person: PersonDoc;
  readonly password: string;
  readonly newPassword?: string | undefined;
  readonly correlationId: string;
}

/** A password that somebody else gave opens nothing but the way to one's own (21 CFR 11.200(a)(3)). Throws Failure `password_change_required`, `rule_broken`. */
async function replaceGiven(deps: ApiDeps, { person, password, newPassword, correlationId }: SigningIn): Promise<void> {
  const signer = await signerOf(deps.store, person._id);
  const isGiven = signer !== undefined && !signer.passwordOwn && signer.passwordGivenBy !== null;
  if (!isGiven && newPassword === undefined) return;
  if (newPassword === undefined) throw new Failure('password_change_required', FAILURES.password_change_required.meaning);
  if (!isGiven) throw ruleBroken('The password is your own; change it once you are signed in.', { errors: [{ field: 'newPassword', message: 'not expected' }] });
  if (newPassword === password) throw ruleBroken('Choose another password than the one that was given to you.', { errors: [{ field: 'newPassword', message: 'the same as the password given' }] });
  requireGoodPassword(newPassword, person, 'newPassword');
  const actor = { kind: 'person', personId: person._id, name: person.name, role: 'none', organisationId: person.organisationId } as const;
  const by = { actor, at: deps.now(), correlationId };
  await changePassword(deps.store, { id: person._id, passwordHash: await hashPassword(newPassword), givenBy: null, reason: 'own password at first sign-in', by });
}
