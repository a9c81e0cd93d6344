import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { Policy } from '../contracts/policy';
import { changeRecord, type AdministeredKind, type By } from './administration';
import { inTransaction, type Store } from './connection';
import { addPolicy, policyVersions } from './policies';
import type { PolicyDraftDoc } from './schemas/policies';

export const policyDraftKind: AdministeredKind<PolicyDraftDoc> = { kind: 'policy-draft', model: (store) => store.models.policyDrafts };

/** A draft, whatever became of it; undefined: there is none of this id. */
export async function policyDraft(store: Store, id: string): Promise<PolicyDraftDoc | undefined> {
  return (await store.models.policyDrafts.findById(id).lean<PolicyDraftDoc>()) ?? undefined;
}

/**
 * Makes a draft the next version of its policy, in one transaction with the end of the draft. Throws
 * Failure `wrong_state` when it is a draft no more, `rev_mismatch`, or `exists` when somebody published at the same moment.
 */
export async function publishDraft(
  store: Store,
  input: { draft: PolicyDraftDoc; rev?: number | undefined; effectiveFrom: Instant; reason: string; by: By },
): Promise<{ readonly draft: PolicyDraftDoc; readonly policy: Policy }> {
  const { draft, rev, effectiveFrom, reason, by } = input;
  if (draft.status !== 'draft') throw new Failure('wrong_state', `The draft is ${draft.status}.`, { rev: draft.rev });
  const [latest] = await policyVersions(store, draft.key);
  const version = (latest?.version ?? 0) + 1;
  const policy: Policy = { key: draft.key, version, effectiveFrom, basis: draft.basis, ladders: draft.ladders };
  const changes = { status: 'published', version, effectiveFrom, active: false } as const;
  return inTransaction(store, async (session) => {
    const published = await changeRecord(store, { kind: policyDraftKind, id: draft._id, rev: rev ?? draft.rev, changes, reason, by, session });
    await addPolicy(store, { policy, reason, by, session });
    return { draft: published, policy };
  });
}
