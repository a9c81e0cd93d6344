import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { newTotpSecret, base32Of, totpUri } from '../../platform/totp';
import { sealSecret } from '../../platform/secretBox';
import { setTotp, signerOf } from '../../store/signers';
import { byOf } from '../administer';
import { areOwn, isOwnCode, sealedTotpOf } from '../commands/credentialCheck';
import { requireSession } from '../commands/signing';
import { createSigningLock } from '../commands/signingLock';
import type { ApiDeps } from '../deps';
import { ownSeat } from '../ownSeat';
import { defineRoute, type Incoming, type Route } from '../route';

const PATH = '/api/v1/me/second-factor';
const ISSUER = 'cro-oversight';
const tags = ['signatures'];
const password = z.string().min(1).max(200);
const code = z.string().regex(/^\d{6}$/, 'six digits');
type Own = Pick<Incoming<undefined, undefined, undefined, undefined, 'signed_in'>, 'caller' | 'correlationId' | 'req'>;

/** The second factor of signing: a time-based code (RFC 6238). A stolen session changes nothing of it. */
export function totpRoutes(deps: ApiDeps): Route[] {
  const lock = createSigningLock(deps);
  const guard = async ({ caller, correlationId, req }: Own, check: () => Promise<boolean>): Promise<void> =>
    lock.guard({ caller, correlationId, route: `${req.method} ${req.path}`, address: req.ip ?? 'unknown' }, check);

  const enrol = defineRoute({
    method: 'post', path: PATH, summary: 'Begin to enrol an authenticator app; signing asks for it once a code has confirmed it', tags, access: 'signed_in', scope: 'act',
    body: z.strictObject({ password }),
    answers: { 201: { description: 'The secret, shown this once, and the address that apps read as a QR code.', schema: z.object({ secret: z.string(), uri: z.string() }) } },
    handler: async (incoming) => {
      const { caller, body } = incoming;
      requireSession(caller);
      const signer = await signerOf(deps.store, caller.personId);
      if (signer?.totp?.confirmedAt != null) throw new Failure('wrong_state', 'A second factor is enrolled; disable it first.');
      await guard(incoming, () => areOwn(deps, { caller, signer, presented: { password: body.password } }));
      const secret = newTotpSecret();
      const totp = { sealed: sealSecret(deps.ring, secret.toString('base64'), sealedTotpOf(caller.personId)), confirmedAt: null };
      await setTotp(deps.store, { personId: caller.personId, totp, reason: 'enrolment begun', by: byOf(deps, incoming, ownSeat(caller)) });
      return { status: 201, body: { secret: base32Of(secret), uri: totpUri(secret, { issuer: ISSUER, account: caller.email }) } };
    },
  });

  const confirm = defineRoute({
    method: 'post', path: `${PATH}/confirm`, summary: 'Confirm the enrolment with a code', tags, access: 'signed_in', scope: 'act',
    body: z.strictObject({ code }), answers: { 204: { description: 'Signing asks for the second factor from now on.' } },
    handler: async (incoming) => {
      const { caller, body } = incoming;
      requireSession(caller);
      const signer = await signerOf(deps.store, caller.personId);
      if (!signer?.totp || signer.totp.confirmedAt !== null) throw new Failure('wrong_state', 'There is no enrolment to confirm.');
      await guard(incoming, () => isOwnCode(deps, { signer, code: body.code }));
      const by = byOf(deps, incoming, ownSeat(caller));
      await setTotp(deps.store, { personId: caller.personId, totp: { ...signer.totp, confirmedAt: by.at }, reason: 'enrolment confirmed', by });
      return { status: 204 };
    },
  });

  const disable = defineRoute({
    method: 'post', path: `${PATH}/disable`, summary: 'End one\'s second factor, with password and code', tags, access: 'signed_in', scope: 'act',
    body: z.strictObject({ password, code }), answers: { 204: { description: 'Signing asks for it no more.' } },
    handler: async (incoming) => {
      const { caller, body } = incoming;
      requireSession(caller);
      const signer = await signerOf(deps.store, caller.personId);
      if (signer?.totp?.confirmedAt == null) throw new Failure('wrong_state', 'No second factor is enrolled.');
      await guard(incoming, () => areOwn(deps, { caller, signer, presented: { password: body.password, totp: body.code } }));
      await setTotp(deps.store, { personId: caller.personId, totp: null, reason: 'disabled', by: byOf(deps, incoming, ownSeat(caller)) });
      return { status: 204 };
    },
  });
  return [enrol, confirm, disable];
}
