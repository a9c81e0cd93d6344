import { z } from 'zod';
import type { PolicyContent } from '../../contracts/policyKinds';
import type { PolicyVersionDoc } from '../../store/schemas/policies';
import { found, notFound } from '../administer';
import type { ApiDeps } from '../deps';
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

function versionRoutes<Name extends PolicyContent>(deps: ApiDeps, offered: OfferedPolicies<Name>): Route[] {
  const { path, noun, schemaId, kind, stored, policy } = offered;
  const route = { method: 'get', tags: ['policies'], access: 'signed_in', scope: 'read', refusalSubject: ({ key }: { key: string }) => `${kind.stream}/${key}` } as const;
  const shownSchema = policy.extend({
    signatures: z.array(appliedSignatureSchema).describe('Of its publishing; none: provisioning put it in, or it was published before that was signed.'),
  }).meta({ id: `${schemaId}Version` });
  const shown = (docs: readonly PolicyVersionDoc<Name>[]) => shownPolicies(deps.store, kind, docs);
  const one = async (doc: PolicyVersionDoc<Name> | undefined) => {
    if (!doc) throw notFound();
    return { status: 200, body: (await shown([doc]))[0] };
  };

  const { refusalSubject: _none, ...ofAll } = route;
  const list = defineRoute({
    ...ofAll, path, summary: `Each ${noun} in the version in force`,
    answers: found('All of them.', z.object({ items: z.array(shownSchema) })),
    handler: async () => {
      const inForce = await Promise.all((await stored.keys(deps.store)).map((key) => stored.inForce(deps.store, key, deps.now())));
      return { status: 200, body: { items: await shown(inForce.filter((doc) => doc !== undefined)) } };
    },
  });
  const read = defineRoute({
    ...route, path: `${path}/{key}`, summary: `One ${noun} in the version in force`, params: keyParam, answers: found(`The ${noun}.`, shownSchema),
    handler: async ({ params }) => one(await stored.inForce(deps.store, params.key, deps.now())),
  });
  const versions = defineRoute({
    ...route, path: `${path}/{key}/versions`, summary: `All versions of a ${noun}`, params: keyParam, answers: found('Newest first.', z.object({ items: z.array(shownSchema) })),
    handler: async ({ params }) => {
      const docs = await stored.versions(deps.store, params.key);
      if (docs.length === 0) throw notFound();
      return { status: 200, body: { items: await shown(docs) } };
    },
  });
  const version = defineRoute({
    ...route, path: `${path}/{key}/versions/{version}`, summary: `One version of a ${noun}`, answers: found('The version; it never changes.', shownSchema),
    params: z.strictObject({ key: keyText, version: z.coerce.number().int().min(1) }),
    handler: async ({ params }) => one(await stored.version(deps.store, params.key, params.version)),
  });
  return [list, read, versions, version];
}
