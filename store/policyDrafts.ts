import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { PolicyContent, PolicyContents, PolicyOf } from '../contracts/policyKinds';
import type { Signable } from '../contracts/signature';
import { draftSignable } from '../domain/policy/signable';
import { contentVersionAfter } from '../domain/signature/contentVersion';
import { demandOf, refuseUnsigned } from '../domain/signature/demand';
import { changeRecord, createRecord, type By, type Changes, type NewFields } from './administration';
import { inTransaction, type Store } from './connection';
import { storedPolicies } from './policies';
import { CAPA_POLICIES, contentOf, holding, LADDER_POLICIES, type PolicyKind } from './policyKinds';
import type { DraftFields, PolicyDraftDoc } from './schemas/policies';

/** What one does with the drafts of one kind of policy. */
export interface PolicyDrafts<Name extends PolicyContent> {
  /** A draft, whatever became of it; undefined: there is none of this id. */
  readonly find: (store: Store, id: string) => Promise<PolicyDraftDoc<Name> | undefined>;
  readonly create: (store: Store, drafted: NewDraft<Name>) => Promise<PolicyDraftDoc<Name>>;
  /** Throws as changeRecord does. */
  readonly change: (store: Store, changed: ChangedDraft<Name>) => Promise<PolicyDraftDoc<Name>>;
  /** What an act on the draft signs; undefined: nothing. */
  readonly signable: (draft: PolicyDraftDoc<Name>, act: string) => Signable | undefined;
  /**
   * Makes a draft the next version of its policy, in one transaction with the end of the draft and its signature. Throws Failure
   * `wrong_state` when it is a draft no more, `signature_required`, `grant_invalid`, `rev_mismatch`, or `exists` when somebody published at the same moment.
   */
  readonly publish: (store: Store, published: PublishedDraft<Name>) => Promise<PolicyOf<Name>>;
}

export interface NewDraft<Name extends PolicyContent> {
  readonly fields: Pick<DraftFields, 'key' | 'basis' | 'effectiveFrom' | 'baseVersion' | 'organisationId'>;
  readonly content: PolicyContents[Name];
  readonly by: By;
  readonly authorId: string;
}

export interface ChangedDraft<Name extends PolicyContent> {
  readonly draft: PolicyDraftDoc<Name>;
  readonly rev: number | undefined;
  readonly fields: Partial<Pick<DraftFields, 'basis' | 'effectiveFrom' | 'authorIds' | 'status'>> & { readonly active?: boolean };
  /** Absent: it stays. */
  readonly content?: PolicyContents[Name];
  readonly reason: string;
  readonly by: By;
}

export interface PublishedDraft<Name extends PolicyContent> {
  readonly draft: PolicyDraftDoc<Name>;
  readonly rev: number | undefined;
  /** The signing grant. */
  readonly signature: string | undefined;
  readonly effectiveFrom: Instant;
  readonly reason: string;
  readonly by: By;
}

export function policyDrafts<Name extends PolicyContent>(kind: PolicyKind<Name>): PolicyDrafts<Name> {
  type Draft = PolicyDraftDoc<Name>;
  const stored = storedPolicies(kind);
  const signable = (draft: Draft, act: string): Signable | undefined => draftSignable(draft, { name: kind.holds, content: contentOf(kind, draft) }, act);
  // Of a document that is generic the compiler cannot tell that these are some of its fields.
  const changesOf = (fields: object): Changes<Draft> => fields;
  const newOf = (fields: object): NewFields<Draft> => fields as NewFields<Draft>;

  return {
    signable,
    find: async (store, id) => (await kind.drafts.model(store).findById(id).lean<Draft>()) ?? undefined,
    create: (store, { fields, content, by, authorId }) => {
      const drafted = { ...fields, status: 'draft', authorIds: [authorId], version: null, contentVersion: 1 } as const;
      return createRecord(store, { kind: kind.drafts, fields: newOf(holding(kind, drafted, content)), by });
    },
    change: (store, { draft, rev, fields, content, reason, by }) => {
      const changes = content === undefined ? fields : holding(kind, fields, content);
      const contentVersion = contentVersionAfter(signable(draft, 'publish'), signable({ ...draft, ...changes }, 'publish'));
      const isNew = contentVersion !== (draft.contentVersion ?? 1);
      return changeRecord(store, { kind: kind.drafts, id: draft._id, rev: rev ?? draft.rev, changes: changesOf({ ...changes, ...(isNew && { contentVersion }) }), reason, by });
    },
    publish: async (store, { draft, rev, signature, effectiveFrom, reason, by }) => {
      if (draft.status !== 'draft') throw new Failure('wrong_state', `The draft is ${draft.status}.`, { rev: draft.rev });
      const signed = signable(draft, 'publish');
      const unsigned = refuseUnsigned(signed, { signature });
      if (unsigned) throw new Failure(unsigned.type, unsigned.reason, { rev: draft.rev });
      const { key, basis, _id: draftId } = draft;
      const [latest] = await stored.versions(store, key);
      const version = (latest?.version ?? 0) + 1;
      const policy = holding(kind, { key, version, effectiveFrom, basis }, contentOf(kind, draft));
      const changes = changesOf({ status: 'published', version, active: false });
      await inTransaction(store, async (session) => {
        const sign = demandOf({ signable: signed, act: 'publish', grantId: signature });
        await changeRecord(store, { kind: kind.drafts, id: draftId, rev: rev ?? draft.rev, changes, reason, by, session, sign });
        await stored.add(store, { policy, draftId, reason, by, session });
      });
      return policy;
    },
  };
}

export const ladderDrafts = policyDrafts(LADDER_POLICIES);
export const capaPolicyDrafts = policyDrafts(CAPA_POLICIES);
