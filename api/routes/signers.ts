import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { documentKindSchema } from '../../contracts/signature';
import { refuseVerifying } from '../../domain/signature/identity';
import { peopleByIds } from '../../store/people';
import type { PersonDoc } from '../../store/schemas/people';
import type { SignerDoc } from '../../store/schemas/signatures';
import { endLostTotp, passwordGiverOf, signerOf, verifyIdentity } from '../../store/signers';
import { byOf, found, isOf, notFound, requireOrganisationSeat } from '../administer';
import { requireSession } from '../commands/signing';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { idParam, reasonBody, reasonSchema } from '../schemas';

const tags = ['signatures'];
const subject = ({ id }: { id: string }) => `person/${id}`;
const identitySchema = z.object({ verifiedBy: z.string(), verifiedByName: z.string(), organisationId: z.string(), at: z.iso.datetime(), documentKind: documentKindSchema });
const signerSchema = z.object({
  personId: z.string(), passwordOwn: z.boolean(), identity: identitySchema.nullable(),
  acceptedStatement: z.object({ version: z.int(), at: z.iso.datetime() }).nullable(), secondFactor: z.boolean(),
});

/** Who may sign: identities verified before the first signature (21 CFR 11.100(b)). */
export function signerRoutes(deps: ApiDeps): Route[] {
  const personOf = async (caller: Caller, id: string): Promise<PersonDoc> => {
    const [person] = await peopleByIds(deps.store, [id]);
    if (!person || !isOf(caller, person.organisationId)) throw notFound();
    return person;
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

  const verify = defineRoute({
    method: 'post', path: '/api/v1/people/{id}/verify-identity', tags, access: 'signed_in', scope: 'administer',
    summary: 'Vouch for who a person is, having seen a document; of its number nothing is kept',
    params: idParam, refusalSubject: subject, body: z.strictObject({ documentKind: documentKindSchema, reason: reasonSchema.default('identity verified') }),
    answers: found('The signer.', signerSchema),
    handler: async (incoming) => {
      const { params, body, caller } = incoming;
      const person = await personOf(caller, params.id);
      requireSession(caller);
      const seat = requireOrganisationSeat(caller, person.organisationId, deps.now());
      if (!person.active) throw new Failure('wrong_state', 'The person is not active any more.');
      const [signer, giver] = await Promise.all([signerOf(deps.store, person._id), passwordGiverOf(deps.store, person._id)]);
      const known = signer && { ...signer, passwordGivenBy: signer.passwordGivenBy ?? giver ?? null };
      const refusal = refuseVerifying(known, { personId: person._id, verifierId: caller.personId });
      if (refusal) throw new Failure(refusal.type, refusal.reason);
      const by = byOf(deps, incoming, seat);
      const identity = { verifiedBy: caller.personId, verifiedByName: caller.name, organisationId: seat.organisationId, at: by.at, documentKind: body.documentKind };
      return answer(person._id, await verifyIdentity(deps.store, { personId: person._id, identity, reason: body.reason, by }));
    },
  });

  const lost = defineRoute({
    method: 'post', path: '/api/v1/people/{id}/end-second-factor', tags, access: 'signed_in', scope: 'administer',
    summary: 'End the second factor of somebody who lost it; their identity is to be verified again',
    params: idParam, refusalSubject: subject, body: reasonBody, answers: found('The signer.', signerSchema),
    handler: async (incoming) => {
      const { params, body, caller } = incoming;
      const person = await personOf(caller, params.id);
      const seat = requireOrganisationSeat(caller, person.organisationId, deps.now());
      if (person._id === caller.personId) throw new Failure('separation_of_duties', 'Another administrator ends your second factor; you can disable it with its code.');
      return answer(person._id, await endLostTotp(deps.store, { personId: person._id, reason: body.reason, by: byOf(deps, incoming, seat) }));
    },
  });
  return [read, verify, lost];
}

function shown(personId: string, signer: SignerDoc | undefined) {
  const { passwordOwn = false, identity = null, acceptedStatement = null, totp = null } = signer ?? {};
  return {
    personId, passwordOwn, identity, secondFactor: totp?.confirmedAt != null,
    acceptedStatement: acceptedStatement && { version: acceptedStatement.version, at: acceptedStatement.at },
  };
}
