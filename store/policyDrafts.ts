import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { PolicyContent, PolicyContents, PolicyOf } from '../contracts/policyKinds';
import type { PartyApproval, PolicyScope } from '../contracts/policyScope';
import type { Signable } from '../contracts/signature';
import { differencesOf } from '../domain/policy/difference';
import { isOpenDraft, missingSignatures, refuseIdentical } from '../domain/policy/draft';
import { scopeKeyOf, scopeOf } from '../domain/policy/scope';
import { withApproval, type AgreementSeat } from '../domain/signature/agreement';
import { draftSignable } from '../domain/policy/signable';
import { contentVersionAfter } from '../domain/signature/contentVersion';
import { demandOf, refuseUnsigned } from '../domain/signature/demand';
import { changeRecord, createRecord, type By, type Changes, type NewFields } from './administration';
import { inTransaction, type Session, type Store } from './connection';
import { tellOfDraft } from './policyTelling';
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
   * Signs a draft for an organisation that it binds. With the last signature it is the next version of its line, in one
   * transaction with the end of the draft. Throws Failure `wrong_state` when it is a draft no more, `rule_broken` when it is
   * identical to the version that counts, `signature_required`, `grant_invalid`, `rev_mismatch`, or `exists` when somebody published at the same moment.
   */
  readonly publish: (store: Store, published: PublishedDraft<Name>) => Promise<{ readonly draft: PolicyDraftDoc<Name>; readonly policy?: PolicyOf<Name> }>;
}

export interface NewDraft<Name extends PolicyContent> {
  readonly fields: Pick<DraftFields, 'key' | 'basis' | 'effectiveFrom' | 'baseVersion' | 'organisationId'> & { readonly scope: PolicyScope };
  readonly content: PolicyContents[Name];
  readonly by: By;
  readonly authorId: string;
}

export interface ChangedDraft<Name extends PolicyContent> {
  readonly draft: PolicyDraftDoc<Name>;
  readonly rev: number | undefined;
  readonly fields: Partial<Pick<DraftFields, 'basis' | 'effectiveFrom' | 'authorIds' | 'status' | 'declined'>> & { readonly active?: boolean };
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
  /** For whom it is signed. */
  readonly seat: AgreementSeat;
  readonly personId: string;
  /** From when it counts, should this be the last signature. */
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

  const tell = (store: Store, { draft, by }: { draft: Draft; by: By }, session: Session) => tellOfDraft(store, { draft, about: `${kind.drafts.kind}/${draft._id}`, by }, session);

  return {
    signable,
    find: async (store, id) => (await kind.drafts.model(store).findById(id).lean<Draft>()) ?? undefined,
    create: (store, { fields, content, by, authorId }) => {
      const drafted = { ...fields, scopeKey: scopeKeyOf(fields.scope), status: 'draft', authorIds: [authorId], approvals: [], proposedAt: null, declined: null, version: null, contentVersion: 1 } as const;
      return createRecord(store, { kind: kind.drafts, fields: newOf(holding(kind, drafted, content)), by });
    },
    change: (store, { draft, rev, fields, content, reason, by }) => {
      const changes = content === undefined ? fields : holding(kind, fields, content);
      const contentVersion = contentVersionAfter(signable(draft, 'publish'), signable({ ...draft, ...changes }, 'publish'));
      const isNew = contentVersion !== (draft.contentVersion ?? 1);
      return changeRecord(store, {
        kind: kind.drafts, id: draft._id, rev: rev ?? draft.rev, changes: changesOf({ ...changes, ...(isNew && { contentVersion }) }), reason, by,
        also: (session) => tell(store, { draft: { ...draft, ...fields }, by }, session),
      });
    },
    publish: async (store, { draft, rev, signature, seat, personId, effectiveFrom, reason, by }) => {
      if (!isOpenDraft(draft)) throw new Failure('wrong_state', `The draft is ${draft.status}.`, { rev: draft.rev });
      const signed = signable(draft, 'publish');
      const unsigned = refuseUnsigned(signed, { signature });
      if (unsigned) throw new Failure(unsigned.type, unsigned.reason, { rev: draft.rev });
      const { key, basis, scope, _id: draftId } = draft;
      const versions = await stored.versions(store, { key, scope: scopeOf(draft) });
      const content = contentOf(kind, draft);
      const identical = refuseIdentical(versions, { startsAt: effectiveFrom, isSame: (one) => differencesOf(one, holding(kind, { basis }, content)).length === 0 });
      if (identical) throw new Failure(identical.type, identical.reason, { rev: draft.rev, errors: [{ field: kind.holds, message: identical.reason }] });
      const approval: PartyApproval = { organisationId: seat.organisationId, personId, role: seat.role, at: by.at, ...(signature !== undefined && { signatureId: signature }) };
      const approvals = withApproval(draft.approvals ?? [], approval);
      const isComplete = missingSignatures({ ...draft, approvals }).length === 0;
      const version = (versions[0]?.version ?? 0) + 1;
      const changes = changesOf({ approvals, ...(isComplete ? { status: 'published', version, active: false } : { status: 'proposed', proposedAt: draft.proposedAt ?? by.at }) });
      const policy = holding(kind, { key, version, effectiveFrom, basis, ...(scope && scope.kind !== 'installation' && { scope }) }, content);
      return inTransaction(store, async (session) => {
        const sign = demandOf({ signable: signed, act: 'publish', grantId: signature });
        const after = await changeRecord(store, { kind: kind.drafts, id: draftId, rev: rev ?? draft.rev, changes, reason, by, session, sign });
        if (isComplete) await stored.add(store, { policy, draftId, approvals, reason, by, session });
        await tell(store, { draft: after, by }, session);
        return { draft: after, ...(isComplete && { policy }) };
      });
    },
  };
}

export const ladderDrafts = policyDrafts(LADDER_POLICIES);
export const capaPolicyDrafts = policyDrafts(CAPA_POLICIES);
