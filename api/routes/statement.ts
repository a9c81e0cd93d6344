import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { mustAccept, statementHashOf } from '../../domain/signature/statement';
import { acceptStatement, addStatement, signerOf, statementInForce } from '../../store/signers';
import { byOf, found, requireInstanceSeat } from '../administer';
import { ownSeat } from '../ownSeat';
import { requireSession } from '../commands/signing';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';
import { reasonSchema } from '../schemas';
import { statementSchema } from '../views/signature';

const PATH = '/api/v1/accountability-statement';
const tags = ['signatures'];
const shownSchema = statementSchema.extend({ accepted: z.boolean().describe('Whether the caller has accepted this version.'), acceptedAt: z.iso.datetime().nullable() });

/** What signers accept before they sign, and again after every change (21 CFR 11.10(j)). */
export function statementRoutes(deps: ApiDeps): Route[] {
  const shown = async (personId: string) => {
    const [statement, signer] = await Promise.all([statementInForce(deps.store), signerOf(deps.store, personId)]);
    const acceptedStatement = signer?.acceptedStatement ?? null;
    const accepted = !mustAccept(statement, acceptedStatement);
    return { ...statement, accepted, acceptedAt: accepted ? (acceptedStatement?.at ?? null) : null };
  };

  const read = defineRoute({
    method: 'get', path: PATH, summary: 'The accountability statement in force, and whether one has accepted it', tags, access: 'signed_in', scope: 'read',
    answers: found('The statement.', shownSchema),
    handler: async ({ caller }) => ({ status: 200, body: await shown(caller.personId) }),
  });

  const accept = defineRoute({
    method: 'post', path: `${PATH}/acceptances`, summary: 'Accept the version in force', tags, access: 'signed_in', scope: 'act',
    body: z.strictObject({ version: z.int().min(1) }),
    answers: found('The statement, accepted.', shownSchema),
    handler: async (incoming) => {
      const { body, caller } = incoming;
      requireSession(caller);
      const statement = await statementInForce(deps.store);
      if (statement.version !== body.version) throw new Failure('wrong_state', `Version ${String(statement.version)} is in force; read it first.`, { version: statement.version });
      const by = byOf(deps, incoming, ownSeat(caller));
      await acceptStatement(deps.store, { personId: caller.personId, accepted: { version: statement.version, textHash: statementHashOf(statement), at: by.at }, by });
      return { status: 200, body: await shown(caller.personId) };
    },
  });

  const add = defineRoute({
    method: 'post', path: PATH, summary: 'Put another wording in force; everybody accepts it before the next signature', tags, access: 'signed_in', scope: 'administer',
    body: z.strictObject({ text: z.string().trim().min(40).max(10_000), reason: reasonSchema }),
    answers: { 201: { description: 'The new version.', schema: statementSchema } },
    handler: async (incoming) => {
      const seat = requireInstanceSeat(incoming.caller, deps.now());
      return { status: 201, body: await addStatement(deps.store, { ...incoming.body, by: byOf(deps, incoming, seat) }) };
    },
  });
  return [read, accept, add];
}
