import type { PolicyContent } from '../../contracts/policyKinds';
import { administrativeStreamOf } from '../../domain/audit/streams';
import { bindsWhom } from '../../domain/policy/because';
import { scopeKeyOf, scopeOf } from '../../domain/policy/scope';
import { draftSignable } from '../../domain/policy/signable';
import type { Store } from '../../store/connection';
import { contentOf, policyOf, type PolicyKind } from '../../store/policyKinds';
import type { PolicyDraftDoc, PolicyVersionDoc } from '../../store/schemas/policies';
import { appliedSignatures } from './appliedSignatures';

/** Versions as the API shows them: as records pin them, with the signatures of their publishing. */
export async function shownPolicies<Name extends PolicyContent>(store: Store, kind: PolicyKind<Name>, docs: readonly PolicyVersionDoc<Name>[]): Promise<readonly Record<string, unknown>[]> {
  const draftIds = docs.flatMap(({ draftId }) => draftId ?? []);
  const drafts = draftIds.length === 0 ? [] : await kind.drafts.model(store).find({ _id: { $in: draftIds } } as never).lean<PolicyDraftDoc<Name>[]>();
  const signatures = await appliedSignatures(store, docs.map((doc) => {
    const draft = drafts.find(({ _id }) => _id === doc.draftId);
    const { key, basis } = doc;
    return {
      streamId: draft ? administrativeStreamOf(kind.drafts.kind, draft._id) : null,
      signable: (act) => draft && draftSignable({ ...draft, key, basis }, { name: kind.holds, content: contentOf(kind, doc) }, act),
    };
  }));
  return docs.map((doc, index) => {
    const scope = scopeOf(doc);
    return { ...policyOf(kind, doc), scope, scopeKey: scopeKeyOf(scope), binds: bindsWhom(scope), signatures: signatures[index] ?? [] };
  });
}
