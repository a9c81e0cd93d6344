import type { PolicyContent, PolicyContents } from '../../contracts/policyKinds';
import type { Instant } from '../../contracts/instant';
import type { PolicyScope } from '../../contracts/policyScope';
import type { Signable } from '../../contracts/signature';
import type { Json } from '../../contracts/step';

/** A draft, as far as its publishing signs it. */
export interface SignedDraft {
  readonly key: string;
  readonly basis: string;
  readonly effectiveFrom: Instant | null;
  readonly contentVersion?: number | undefined;
  /** Absent: drafted before scopes. */
  readonly scope?: PolicyScope | undefined;
}

/** What publishing a draft signs (P19, 21 CFR 11.70): key, whom it binds, basis, from when it is meant to count, and what it holds. */
export function draftSignable<Name extends PolicyContent>(draft: SignedDraft, held: { readonly name: Name; readonly content: PolicyContents[Name] }, act: string): Signable | undefined {
  if (act !== 'publish') return undefined;
  const { key, scope, basis, effectiveFrom, contentVersion = 1 } = draft;
  return { subject: 'policy', version: contentVersion, content: { key, ...(scope && { scope }), basis, effectiveFrom, [held.name]: held.content } as unknown as Json, meanings: scope && scope.organisationIds.length > 1 ? ['approval', 'agreement'] : ['approval'] };
}
