import { randomUUID } from 'node:crypto';
import { Failure, FAILURES } from '../../contracts/failures';
import { plusMs, type Instant } from '../../contracts/instant';
import { GRANT_MS, type AskForGrant, type SigningGrant } from '../../contracts/signature';
import { settledOf } from '../../domain/access/window';
import { contentHashOf } from '../../domain/signature/demand';
import { saidOf } from '../../domain/signature/grant';
import { refuseSigner } from '../../domain/signature/identity';
import type { SignableCapabilities } from '../../domain/signature/registry';
import { componentsNeeded } from '../../domain/signature/session';
import { mustAccept } from '../../domain/signature/statement';
import { isKnownZone } from '../../domain/time/zone';
import { organisationsByIds } from '../../store/organisations';
import type { SignerDoc } from '../../store/schemas/signatures';
import { createGrant, faultOfSession, lastSigning } from '../../store/signatures';
import { signerOf, statementInForce } from '../../store/signers';
import { notPermitted } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { invalid } from '../problem';
import { areOwn } from './credentialCheck';
import { keep, type SigningAttempt, type SigningLock } from './signingLock';
import { signingSubject, type SigningSubject } from './signingSubjects';

export interface GrantRequest extends SigningAttempt {
  readonly body: AskForGrant;
}

interface Parts {
  readonly deps: ApiDeps;
  readonly lock: SigningLock;
  readonly signables: SignableCapabilities;
}

/** What the signer is told that the grant signs. */
export interface GivenGrant {
  readonly grant: SigningGrant;
  readonly statement: { readonly version: number; readonly text: string };
}

/** A token is no signer: nobody is there to enter credentials. Throws Failure `not_permitted`. */
export function requireSession(caller: Caller): void {
  if (caller.credential.kind !== 'session') throw notPermitted('Signing needs a session of the person; API tokens never sign.');
}

/**
 * Checks the credentials again and gives the right to sign one act once, within 60 s. Throws Failure 400 for a meaning
 * that the act does not allow, 401, 403, 404, 422 for an act that needs no signature, 429.
 */
export async function giveGrant(parts: Parts, request: GrantRequest): Promise<GivenGrant> {
  const { deps, lock } = parts;
  const { body, caller } = request;
  requireSession(caller);
  const { signable, seat } = await signedBySettled(parts, request);
  const [signer, statement, last, [organisation]] = await Promise.all([
    signerOf(deps.store, caller.personId), statementInForce(deps.store), lastSigning(deps.store, caller.credential.id), organisationsByIds(deps.store, [seat.organisationId]),
  ]);
  const refusal = refuseSigner(signer, deps.now());
  if (refusal) throw new Failure(refusal.type, refusal.reason);
  if (mustAccept(statement, signer?.acceptedStatement ?? null)) throw new Failure('statement_not_accepted', FAILURES.statement_not_accepted.meaning, { version: statement.version });
  await requireCredentials({ deps, lock }, request, { signer, last });
  const now = deps.now();
  const grant: SigningGrant = {
    id: randomUUID(), recordId: body.recordId, act: body.act, subject: signable.subject, version: signable.version, content: signable.content,
    contentHash: contentHashOf(signable.content), meaning: body.meaning, personId: caller.personId, printedName: caller.name, role: seat.role,
    organisationId: seat.organisationId, organisationName: organisation?.name ?? seat.organisationId, signedAt: now, zone: body.zone,
    statementVersion: statement.version, sessionId: caller.credential.id, expiresAt: plusMs(now, GRANT_MS), usedAt: null,
  };
  await createGrant(deps.store, grant);
  return { grant, statement };
}

async function whatIsSigned(parts: Parts, { body, caller, correlationId }: GrantRequest): Promise<SigningSubject> {
  const subject = await signingSubject(parts, { id: body.recordId, act: body.act, caller, correlationId, ...(body.body && { said: body.body }) });
  const { meanings } = subject.signable;
  const errors = [
    ...(meanings.includes(body.meaning) ? [] : [{ field: 'meaning', message: `one of ${meanings.join(', ')}` }]),
    ...(isKnownZone(body.zone) ? [] : [{ field: 'zone', message: 'not a zone of the tz database, such as Europe/Zurich' }]),
  ];
  if (errors.length > 0) throw invalid(errors);
  return subject;
}

/**
 * What is signed, and the seat under which: of those only that may sign already. One that was given a moment ago signs nothing yet,
 * and takes nothing from an older one: the organisation was told, and may object. Throws Failure `signature_window`.
 */
async function signedBySettled(parts: Parts, request: GrantRequest): Promise<SigningSubject> {
  const { caller } = request;
  const memberships = settledOf(caller.memberships, parts.deps.now());
  try {
    return await whatIsSigned(parts, { ...request, caller: { ...caller, memberships } });
  } catch (error) {
    if (!(error instanceof Failure) || memberships.length === caller.memberships.length) throw error;
    // Throws its own reason where the new seats would not serve either.
    await whatIsSigned(parts, request);
    const until = caller.memberships.flatMap(({ signsFrom }) => signsFrom ?? []).toSorted()[0];
    throw new Failure('signature_window', `Your role was given a moment ago: you sign by it from ${String(until)} on, or once a second administrator consents.`, { until });
  }
}

/** Who acts with a signature: by the seats that may sign already, as the grant was given. */
export function asSigner(caller: Caller, signatures: readonly unknown[], now: Instant): Caller {
  const isSigned = signatures.some((signature) => typeof signature === 'string' && signature !== '');
  return isSigned ? { ...caller, memberships: settledOf(caller.memberships, now) } : caller;
}

interface Known {
  readonly signer: SignerDoc | undefined;
  readonly last: Awaited<ReturnType<typeof lastSigning>>;
}

/** The session alone signs nothing (21 CFR 11.200(a)(1)). What is missing is said, and costs no attempt. */
async function requireCredentials({ deps, lock }: Omit<Parts, 'signables'>, request: GrantRequest, { signer, last }: Known): Promise<void> {
  const { caller, body } = request;
  const totpEnrolled = signer?.totp?.confirmedAt != null;
  const needed = componentsNeeded({ sessionId: caller.credential.id, last, now: deps.now(), totpEnrolled });
  if (needed.some((component) => body[component] === undefined)) {
    const failure = new Failure('credentials_needed', FAILURES.credentials_needed.meaning, { components: needed });
    await keep(deps, request, failure);
    throw failure;
  }
  const { email, password, totp } = body;
  // A code that nobody asked for proves nothing; one of an enrolled signer is checked also where it was not needed.
  const presented = { email, password, ...(totpEnrolled && { totp }) };
  await lock.guard(request, () => areOwn(deps, { caller, signer, presented }));
}

/** A grant that a body names serves in the session in which it was given, by nobody else. Throws Failure `grant_invalid`; the door keeps it. */
export async function requireOwnGrant(deps: Pick<ApiDeps, 'store'>, { caller, body }: { readonly caller: Caller; readonly body: object }): Promise<void> {
  const { signature: grantId } = body as { readonly signature?: unknown };
  if (typeof grantId !== 'string' || grantId === '') return;
  const why = await faultOfSession(deps.store, { grantId, personId: caller.personId, sessionId: caller.credential.id });
  if (why !== undefined) throw new Failure('grant_invalid', saidOf(why), { why });
}
