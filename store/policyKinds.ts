import type { Model } from 'mongoose';
import type { PolicyContent, PolicyContents, PolicyOf, PolicyVersion } from '../contracts/policyKinds';
import type { PolicyNaming } from '../contracts/policyScope';
import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { PolicyDraftDoc, PolicyVersionDoc } from './schemas/policies';

/** One kind of policy: where its versions and drafts lie. What is done with them is the same for all kinds (policies.ts, policyDrafts.ts). */
export interface PolicyKind<Name extends PolicyContent> {
  /** What a version holds: ladders of issues, timings of CAPAs. */
  readonly holds: Name;
  /** A version's audit stream is `<stream>/<line>`, a draft's `<stream>-draft/<id>`. */
  readonly stream: 'policy' | 'capa-policy';
  readonly versions: (store: Store) => Model<PolicyVersionDoc<Name>>;
  readonly drafts: AdministeredKind<PolicyDraftDoc<Name>>;
}

export const LADDER_POLICIES: PolicyKind<'ladders'> = {
  holds: 'ladders', stream: 'policy', versions: ({ models }) => models.policies, drafts: { kind: 'policy-draft', model: ({ models }) => models.policyDrafts },
};
export const CAPA_POLICIES: PolicyKind<'timings'> = {
  holds: 'timings', stream: 'capa-policy', versions: ({ models }) => models.capaPolicies, drafts: { kind: 'capa-policy-draft', model: ({ models }) => models.capaPolicyDrafts },
};

/** What a version or draft holds. */
export function contentOf<Name extends PolicyContent>({ holds }: Pick<PolicyKind<Name>, 'holds'>, holder: { readonly [K in Name]: PolicyContents[K] }): PolicyContents[Name] {
  return holder[holds];
}

/** Fields together with what they hold, under the name of the kind. */
export function holding<Name extends PolicyContent, Fields extends object>(
  { holds }: Pick<PolicyKind<Name>, 'holds'>, fields: Fields, content: PolicyContents[Name],
): Fields & { readonly [K in Name]: PolicyContents[K] } {
  // The compiler widens a computed name to any string.
  return { ...fields, [holds]: content } as Fields & { readonly [K in Name]: PolicyContents[K] };
}

/** A stored version as records pin it; `named`: how the record came to it. */
export function policyOf<Name extends PolicyContent>(kind: Pick<PolicyKind<Name>, 'holds'>, doc: PolicyVersion & { readonly [K in Name]: PolicyContents[K] }, named?: PolicyNaming): PolicyOf<Name> {
  const { key, version, effectiveFrom, basis, scope } = doc;
  return holding(kind, { key, version, effectiveFrom, basis, ...(scope && { scope }), ...(named && { named }) }, contentOf(kind, doc));
}
