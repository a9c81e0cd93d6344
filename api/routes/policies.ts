import { z } from 'zod';
import type { PolicyContent } from '../../contracts/policyKinds';
import type { PolicyVersionDoc } from '../../store/schemas/policies';
import { policyScopeSchema, scopeKeySchema } from '../../contracts/policyScope';
import { ORDER_OF_SCOPES } from '../../domain/policy/because';
import { inForceAt } from '../../domain/policy/inForce';
import { mayReadPolicy } from '../../domain/policy/readers';
import { groupedBy } from '../../store/grouped';
import { found, notFound, organisationIdsOf } from '../administer';
import { readingSeatsOf } from '../commands/policySeats';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { appliedSignatureSchema } from '../views/appliedSignatures';
import { shownPolicies } from '../views/policy';
import { OFFERED_LADDERS, OFFERED_TIMINGS, type OfferedPolicies } from './policyKinds';

const keyText = z.string().min(1).max(60);
const keyParam = z.strictObject({ key: keyText });

/** Policies of every kind: read here; records pin the version that they run under. */
export function policyRoutes(deps: ApiDeps): Route[] {
  return [...versionRoutes(deps, OFFERED_LADDERS), ...versionRoutes(deps, OFFERED_TIMINGS)];
}

const byScope = z.strictObject({ scope: scopeKeySchema.optional().describe('`scopeKey` of the version; default: the installation\'s.') });

function versionRoutes<Name extends PolicyContent>(deps: ApiDeps, offered: OfferedPolicies<Name>): Route[] {
  const { path, noun, schemaId, kind, stored, policy } = offered;
  const route = { method: 'get', tags: ['policies'], access: 'signed_in', scope: 'read', refusalSubject: ({ key }: { key: string }) => `${kind.stream}/${key}` } as const;
  const shownSchema = policy.extend({
    scope: policyScopeSchema, scopeKey: z.string().nullable().describe('How addresses name the scope; null: the installation.'), binds: z.string().describe('Whom it binds.'),
    signatures: z.array(appliedSignatureSchema).describe('Of its publishing; none: provisioning put it in, or it was published before that was signed.'),
  }).meta({ id: `${schemaId}Version` });
  const listSchema = z.object({ items: z.array(shownSchema), order: z.string().describe('In which order the version that counts is looked for.') });
  /** Of these versions those that the caller reads. */
  const readable = async (caller: Caller, docs: readonly PolicyVersionDoc<Name>[]) => {
    const seats = await readingSeatsOf(deps, caller);
    return docs.filter((doc) => mayReadPolicy(doc, seats));
  };
  const ofCaller = async (caller: Caller, key?: string) => readable(caller, await stored.ofOrganisations(deps.store, organisationIdsOf(caller), key));
  const listed = async (docs: readonly PolicyVersionDoc<Name>[]) => ({ status: 200, body: { items: await shownPolicies(deps.store, kind, docs), order: ORDER_OF_SCOPES } });
  const lineIn = (docs: readonly PolicyVersionDoc<Name>[], scopeKey: string | undefined) => docs.filter((doc) => (doc.scopeKey ?? 'installation') === (scopeKey ?? 'installation'));
  const one = async (doc: PolicyVersionDoc<Name> | undefined) => {
    if (!doc) throw notFound();
    return { status: 200, body: (await shownPolicies(deps.store, kind, [doc]))[0] };
  };

  const { refusalSubject: _none, ...ofAll } = route;
  const list = defineRoute({
    ...ofAll, path, summary: `Each ${noun} that one may read, in the version in force of each scope`, answers: found('All of them.', listSchema),
    handler: async ({ caller }) => {
      const lines = groupedBy(await ofCaller(caller), ({ key, scopeKey = null }) => JSON.stringify([key, scopeKey]));
      return listed([...lines.values()].flatMap((versions) => inForceAt(versions, deps.now()) ?? []));
    },
  });
  const read = defineRoute({
    ...route, path: `${path}/{key}`, summary: `One ${noun} in the version in force of a scope`, params: keyParam, query: byScope, answers: found(`The ${noun}.`, shownSchema),
    handler: async ({ params, query, caller }) => one(inForceAt(lineIn(await ofCaller(caller, params.key), query.scope), deps.now())),
  });
  const versions = defineRoute({
    ...route, path: `${path}/{key}/versions`, summary: `All versions of a ${noun} that one may read`, params: keyParam, query: byScope.extend({ scope: scopeKeySchema.optional().describe('Only of this scope.') }),
    answers: found('By scope, newest first.', listSchema),
    handler: async ({ params, query, caller }) => {
      const docs = await ofCaller(caller, params.key);
      if (docs.length === 0) throw notFound();
      return listed(query.scope === undefined ? docs : lineIn(docs, query.scope));
    },
  });
  const version = defineRoute({
    ...route, path: `${path}/{key}/versions/{version}`, summary: `One version of a ${noun}`, query: byScope, answers: found('The version; it never changes.', shownSchema),
    params: z.strictObject({ key: keyText, version: z.coerce.number().int().min(1) }),
    handler: async ({ params, query, caller }) => one(lineIn(await ofCaller(caller, params.key), query.scope).find((doc) => doc.version === params.version)),
  });
  return [list, read, versions, version];
}
