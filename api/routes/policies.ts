import { z } from 'zod';
import { policySchema } from '../../contracts/policy';
import { policyInForce, policyKeys, policyVersion, policyVersions } from '../../store/policies';
import { found, notFound } from '../administer';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';

const keyParam = z.strictObject({ key: z.string().min(1).max(60) });
const tags = ['policies'];

/** Escalation policies: read here; records pin the version that they run under. */
export function policyRoutes(deps: ApiDeps): Route[] {
  const list = defineRoute({
    method: 'get', path: '/api/v1/policies', summary: 'Policies, each in the version in force', tags, access: 'signed_in', scope: 'read',
    answers: found('All policies.', z.object({ items: z.array(policySchema) })),
    handler: async () => {
      const inForce = await Promise.all((await policyKeys(deps.store)).map((key) => policyInForce(deps.store, key, deps.now())));
      return { status: 200, body: { items: inForce.filter((policy) => policy !== undefined) } };
    },
  });
  const read = defineRoute({
    method: 'get', path: '/api/v1/policies/{key}', summary: 'One policy in the version in force', tags, access: 'signed_in', scope: 'read',
    params: keyParam, answers: found('The policy.', policySchema), refusalSubject: ({ key }) => `policy/${key}`,
    handler: async ({ params }) => {
      const policy = await policyInForce(deps.store, params.key, deps.now());
      if (!policy) throw notFound();
      return { status: 200, body: policy };
    },
  });
  const versions = defineRoute({
    method: 'get', path: '/api/v1/policies/{key}/versions', summary: 'All versions of a policy', tags, access: 'signed_in', scope: 'read',
    params: keyParam, answers: found('Newest first.', z.object({ items: z.array(policySchema) })), refusalSubject: ({ key }) => `policy/${key}`,
    handler: async ({ params }) => {
      const items = await policyVersions(deps.store, params.key);
      if (items.length === 0) throw notFound();
      return { status: 200, body: { items } };
    },
  });
  const version = defineRoute({
    method: 'get', path: '/api/v1/policies/{key}/versions/{version}', summary: 'One version of a policy', tags, access: 'signed_in', scope: 'read',
    params: z.strictObject({ key: z.string().min(1).max(60), version: z.coerce.number().int().min(1) }), answers: found('The version; it never changes.', policySchema), refusalSubject: ({ key }) => `policy/${key}`,
    handler: async ({ params }) => {
      const policy = await policyVersion(deps.store, params.key, params.version);
      if (!policy) throw notFound();
      return { status: 200, body: policy };
    },
  });
  return [list, read, versions, version];
}
