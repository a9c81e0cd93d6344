import { parseCookie } from 'cookie';
import type { Request } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure, FAILURES } from '../contracts/failures';
import { TOKEN_SCOPES } from '../contracts/people';
import { authenticate, type Authenticated } from '../store/credentials';
import { recordBounded } from '../store/refusalBounds';
import { noteAccess } from './commands/noteAccess';
import type { ApiDeps, Caller } from './deps';
import type { Doorkeeper, Route } from './route';
import { isTokenShaped, sameSecret } from './secrets';
import { withKnownLinks } from './views/knownLinks';

export const SESSION_COOKIE = 'session';
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
/** Requests a minute unless the settings say otherwise. */
const PER_MINUTE = { signedIn: 600, anonymous: 60 };

/** Authentication, token scopes, CSRF and request limits in front of every route; refusals become evidence. */
export function createDoorkeeper(deps: ApiDeps): Doorkeeper {
  const limits = deps.settings.requestsPerMinute ?? PER_MINUTE;
  const signedIn = new RateLimiterMemory({ points: limits.signedIn, duration: 60 });
  const anonymous = new RateLimiterMemory({ points: limits.anonymous, duration: 60 });
  return {
    identify: async (req, route) => {
      requireSameOrigin(req, deps.settings.publicUrl);
      const presented = presentedSecret(req);
      if (presented === undefined) {
        if (route.limited) await spend(anonymous, req.ip ?? 'unknown');
        if (route.access === 'signed_in') throw notSignedIn();
        return undefined;
      }
      const found = presented.wellFormed ? await authenticate(deps.store, presented.secret, deps.now()) : undefined;
      if (!found || found.credential.kind !== presented.kind) {
        if (route.limited) await spend(anonymous, req.ip ?? 'unknown');
        if (route.access === 'public') return undefined;
        throw notSignedIn();
      }
      // Per person: many tokens are no way round it.
      await spend(signedIn, found.person._id);
      const caller = callerOf(found);
      if (found.isFirstUse) await noteAccess(deps, { caller, correlationId: 'first-use', action: 'token.first_used', detail: { token: caller.credential.id } });
      return caller;
    },
    clear: (req, route, caller) => {
      if (caller.credential.kind === 'session') requireCsrfToken(req, caller);
      requireScope(caller, route);
    },
    show: (caller, body) => withKnownLinks(deps, caller, body),
    refused: async ({ caller, subject, route, failure, correlationId }) => {
      const hidden = FAILURES[failure.type].status === 404;
      try {
        await recordBounded(deps.store, {
          // Beside the trail of whoever tried: a place left out of the record's own would tell how often others ask for it.
          recordId: hidden ? `person/${caller.personId}` : subject, ...(hidden && { about: subject }),
          actor: { kind: 'person', personId: caller.personId, name: caller.name, role: caller.memberships[0]?.role ?? 'none', organisationId: caller.organisationId },
          act: `${route.method.toUpperCase()} ${route.path}`,
          failureType: failure.type, reason: failure.message, correlationId, at: deps.now(),
          // What is not theirs must not learn of them either.
          ...(hidden && { visibleTo: [caller.organisationId] }),
        });
      } catch (err) {
        deps.logger.error({ err, correlationId, subject }, 'a refusal could not be recorded');
      }
    },
  };
}

export const notSignedIn = (): Failure => new Failure('not_signed_in', FAILURES.not_signed_in.meaning);

interface Presented { readonly kind: 'session' | 'token'; readonly secret: string; readonly wellFormed: boolean }

function presentedSecret(req: Request): Presented | undefined {
  const [scheme, token] = (req.headers.authorization ?? '').split(' ');
  // A bearer token wins over a cookie: whoever sends one does not act by the browser's habit.
  if (scheme?.toLowerCase() === 'bearer' && token) return { kind: 'token', secret: token, wellFormed: isTokenShaped(token) };
  const secret = req.headers.cookie === undefined ? undefined : parseCookie(req.headers.cookie)[SESSION_COOKIE];
  return secret ? { kind: 'session', secret, wellFormed: /^[A-Za-z0-9_-]{43}$/.test(secret) } : undefined;
}

function callerOf({ credential, person, memberships, unsettledSince }: Authenticated): Caller {
  const { publicId, kind, scopes, expiresAt, csrfToken } = credential;
  return {
    personId: person._id, name: person.name, email: person.email, organisationId: person.organisationId, memberships, ...(unsettledSince !== undefined && { unsettledSince }),
    credential: { id: publicId, kind, scopes: kind === 'session' ? TOKEN_SCOPES : scopes, expiresAt, csrf: csrfToken },
  };
}

function requireScope(caller: Caller, route: Route): void {
  if (caller.credential.scopes.includes(route.scope)) return;
  throw new Failure('not_permitted', `The token lacks the scope \`${route.scope}\`.`, { scope: route.scope });
}

function requireCsrfToken(req: Request, { credential }: Caller): void {
  if (SAFE_METHODS.includes(req.method)) return;
  const given = req.headers['x-csrf-token'];
  if (typeof given === 'string' && credential.csrf && sameSecret(given, credential.csrf)) return;
  throw new Failure('csrf', FAILURES.csrf.meaning);
}

/** A browser that names another origin sends what another site made it send. */
function requireSameOrigin(req: Request, publicUrl: string): void {
  const { origin } = req.headers;
  if (SAFE_METHODS.includes(req.method) || origin === undefined) return;
  // Not with `Host`: who sends the request, or a name that is made to lead here, chooses that.
  if (URL.canParse(origin) && new URL(origin).origin === new URL(publicUrl).origin) return;
  throw new Failure('csrf', 'The request comes from another origin.');
}

async function spend(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw new Failure('too_many_requests', FAILURES.too_many_requests.meaning, { retryAfterSeconds: Math.ceil(error.msBeforeNext / 1000) });
  }
}
