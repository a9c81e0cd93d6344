import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import type { AnnouncedWhat } from '../../contracts/announcement';
import { documentKindSchema, type VerifiedIdentity } from '../../contracts/signature';
import { isSettled, signsFrom } from '../../domain/access/window';
import type { By } from '../../store/administration';
import { announce } from '../../store/announcements';
import { inTransaction, type Session } from '../../store/connection';
import { peopleByIds } from '../../store/people';
import type { PersonDoc } from '../../store/schemas/people';
import type { SignerDoc } from '../../store/schemas/signatures';
import { endLostTotp, signerOf, verifyIdentity } from '../../store/signers';
import { byOf, found, instanceSeat, isOf, notFound, requireOrganisationSeat } from '../administer';
import { requireAccountSeat } from '../commands/accountSeat';
import { codeOfPerson, requireCode } from '../commands/identityCode';
import { noteUse, requireInsideSeat } from '../commands/insideSeat';
import { noteAccess } from '../commands/noteAccess';
import { requireSession } from '../commands/signing';
import { requireConsenter, requireVoucher } from '../commands/whoMakesWhom';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, reasonBody, reasonSchema } from '../schemas';

const tags = ['signatures'];
const subject = ({ id }: { id: string }) => `person/${id}`;
const identitySchema = z.object({ verifiedBy: z.string(), verifiedByName: z.string(), organisationId: z.string(), at: z.iso.datetime(), documentKind: documentKindSchema,
  signsFrom: z.iso.datetime().optional().describe('The person signs nothing before.'), consentedBy: z.string().optional(), provisioned: z.boolean().optional().describe('By provisioning, outside the product.') });
const signerSchema = z.object({
  personId: z.string(), passwordOwn: z.boolean(), identity: identitySchema.nullable(),
  unsettledSince: z.iso.datetime().nullable().describe('Since then the person administers nothing, consents to nothing and signs nothing: somebody else set their password, and nobody has verified them again.'),
  acceptedStatement: z.object({ version: z.int(), at: z.iso.datetime() }).nullable(), secondFactor: z.boolean(),
});

/** Who may sign: identities verified before the first signature (21 CFR 11.100(b)). */
export function signerRoutes(deps: ApiDeps): Route[] {
  const personOf = async (caller: Caller, id: string): Promise<PersonDoc> => {
    const [person] = await peopleByIds(deps.store, [id]);
    if (!person || !(isOf(caller, person.organisationId) || instanceSeat(caller, deps.now()))) throw notFound();
    return person;
  };
  /** What an identity rests on changes, and the organisation is told, or neither. */
  const change = ({ person, identity, reason, by, what }: { person: PersonDoc; identity: VerifiedIdentity | null; reason: string; by: By; what: AnnouncedWhat }, also?: (session: Session) => Promise<void>): Promise<SignerDoc> =>
    inTransaction(deps.store, async (session) => {
      const signer = await verifyIdentity(deps.store, { personId: person._id, identity, reason, by }, session);
      await also?.(session);
      await announce(deps.store, { what, about: `signer/${person._id}`, organisationIds: [person.organisationId], subject: person.name, until: identity?.signsFrom, by }, session);
      return signer;
    });
  /** An administrator of the organisation and one of its people. */
  const within = async (incoming: { readonly params: { readonly id: string }; readonly caller: Caller; readonly correlationId: string }) => {
    const person = await personOf(incoming.caller, incoming.params.id);
    const by = byOf(deps, incoming, requireOrganisationSeat(incoming.caller, person.organisationId, deps.now()));
    return { person, by, identity: (await signerOf(deps.store, person._id))?.identity };
  };
  const answer = (personId: string, signer: SignerDoc | undefined) => ({ status: 200, body: shown(personId, signer) });

  const read = defineRoute({
    method: 'get', path: '/api/v1/people/{id}/signer', summary: 'What a person still needs in order to sign', tags, access: 'signed_in', scope: 'read',
    params: idParam, refusalSubject: subject, answers: found('The signer.', signerSchema),
    handler: async ({ params, caller }) => {
      const person = await personOf(caller, params.id);
      if (person._id !== caller.personId) requireOrganisationSeat(caller, person.organisationId, deps.now());
      return answer(person._id, await signerOf(deps.store, person._id));
    },
  });

  const code = defineRoute({
    method: 'post', path: '/api/v1/me/identity-code', tags, access: 'signed_in', scope: 'act', body: z.strictObject({}),
    summary: 'See the code that shows to whoever verifies one\'s identity that the account is in one\'s own hands: say it to them, in person, and to nobody else',
    answers: found('It counts once, for an hour or two, until the next password.', z.object({ code: z.string(), until: z.iso.datetime() })),
    handler: async ({ caller, correlationId }) => {
      requireSession(caller);
      const shownCode = await codeOfPerson(deps, await personOf(caller, caller.personId));
      await noteAccess(deps, { caller, correlationId, action: 'identity_code.shown', detail: { until: shownCode.until } });
      return { status: 200, body: shownCode };
    },
  });

  const verify = defineRoute({
    method: 'post', path: '/api/v1/people/{id}/verify-identity', tags, access: 'signed_in', scope: 'administer',
    summary: 'Vouch for who a person is, having seen a document and been told the code that they see in their session; of the document\'s number nothing is kept',
    params: idParam, refusalSubject: subject, body: z.strictObject({ documentKind: documentKindSchema, code: z.string().min(1).max(40).describe('`POST /api/v1/me/identity-code`, in the session of the person.'), reason: reasonSchema.default('identity verified') }),
    answers: found('The signer.', signerSchema),
    handler: async (incoming) => {
      const { params, body, caller } = incoming;
      const person = await personOf(caller, params.id);
      requireSession(caller);
      const inside = await requireInsideSeat(deps, caller, { organisationId: person.organisationId, act: 'verify_identity' });
      if (!person.active) throw new Failure('wrong_state', 'The person is not active any more.');
      await requireVoucher(deps, { actorId: caller.personId, personId: person._id });
      await requireCode(deps, person, body.code);
      const by = byOf(deps, incoming, inside.seat);
      const identity = { verifiedBy: caller.personId, verifiedByName: caller.name, organisationId: inside.seat.organisationId, at: by.at, documentKind: body.documentKind, signsFrom: signsFrom(by.at) };
      return answer(person._id, await change({ person, identity, reason: body.reason, by, what: 'signer' }, (session) => noteUse(deps, { ...inside, act: 'verify_identity', about: `signer/${person._id}`, by }, session)));
    },
  });

  const consent = defineRoute({
    method: 'post', path: '/api/v1/people/{id}/verify-identity/consent', tags, access: 'signed_in', scope: 'administer',
    summary: 'A second administrator consents: the person may sign before the window is over',
    params: idParam, refusalSubject: subject, body: reasonBody, answers: found('The signer.', signerSchema),
    handler: async (incoming) => {
      const { body, caller } = incoming;
      const { person, by, identity } = await within(incoming);
      requireSession(caller);
      if (!identity || isSettled(identity, by.at)) throw new Failure('wrong_state', 'There is nothing to consent to: the person is not verified, or may sign already.');
      await requireConsenter(deps, { actorId: caller.personId, personId: person._id }, identity.verifiedBy);
      return answer(person._id, await change({ person, identity: { ...identity, signsFrom: by.at, consentedBy: caller.personId }, reason: body.reason, by, what: 'consented' }));
    },
  });

  const withdraw = defineRoute({
    method: 'post', path: '/api/v1/people/{id}/verify-identity/withdraw', tags, access: 'signed_in', scope: 'administer',
    summary: 'Object: the person signs no more until somebody verifies who they are again',
    params: idParam, refusalSubject: subject, body: reasonBody, answers: found('The signer.', signerSchema),
    handler: async (incoming) => {
      const { person, by, identity } = await within(incoming);
      if (!identity) throw new Failure('wrong_state', 'The person is not verified.');
      return answer(person._id, await change({ person, identity: null, reason: incoming.body.reason, by, what: 'withdrawn' }));
    },
  });

  const lost = defineRoute({
    method: 'post', path: '/api/v1/people/{id}/end-second-factor', tags, access: 'signed_in', scope: 'administer',
    summary: 'End the second factor of somebody who lost it; their identity is to be verified again',
    params: idParam, refusalSubject: subject, body: reasonBody, answers: found('The signer.', signerSchema),
    handler: async (incoming) => {
      const person = await personOf(incoming.caller, incoming.params.id);
      const by = byOf(deps, incoming, await requireAccountSeat(deps, incoming.caller, person));
      if (person._id === incoming.caller.personId) throw new Failure('separation_of_duties', 'Another administrator ends your second factor; you can disable it with its code.');
      return answer(person._id, await inTransaction(deps.store, async (session) => {
        const signer = await endLostTotp(deps.store, { personId: person._id, reason: incoming.body.reason, by }, session);
        await announce(deps.store, { what: 'second_factor_ended', about: `signer/${person._id}`, organisationIds: [person.organisationId], subject: person.name, person, by }, session);
        return signer;
      }));
    },
  });
  return [read, code, verify, consent, withdraw, lost];
}

function shown(personId: string, signer: SignerDoc | undefined) {
  const { passwordOwn = false, identity = null, unsettledSince = null, acceptedStatement = null, totp = null } = signer ?? {};
  return {
    personId, passwordOwn, identity, unsettledSince, secondFactor: totp?.confirmedAt != null,
    acceptedStatement: acceptedStatement && { version: acceptedStatement.version, at: acceptedStatement.at },
  };
}
