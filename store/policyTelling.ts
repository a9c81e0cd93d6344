import type { AnnouncedWhat } from '../contracts/announcement';
import { missingSignatures } from '../domain/policy/draft';
import { scopeOf } from '../domain/policy/scope';
import type { By } from './administration';
import { announce } from './announcements';
import type { Session, Store } from './connection';
import type { DraftFields } from './schemas/policies';

/**
 * Tells the parties of a draft what waits for their signature and what became of it, in the transaction of the act (P14). A
 * version of the whole installation is told to every organisation: nobody agreed to it, and it binds all.
 */
export async function tellOfDraft(store: Store, { draft, about, by }: { readonly draft: DraftFields; readonly about: string; readonly by: By }, session: Session): Promise<void> {
  const telling = tellingOf(draft);
  if (!telling) return;
  const { what, to } = telling;
  const scope = scopeOf(draft);
  const organisationIds = to ?? (await store.models.organisations.find({ active: true }, { _id: 1 }).session(session).lean<{ _id: string }[]>()).map(({ _id }) => _id);
  if (organisationIds.length === 0) return;
  const deciders = what === 'policy_waiting' ? { deciders: { studyId: scope.studyId, topic: draft.key } } : {};
  await announce(store, { what, about, organisationIds, subject: `Policy ${draft.key}`, ...deciders, by }, session);
}

/** `to` undefined: every organisation. */
function tellingOf(draft: DraftFields): { readonly what: AnnouncedWhat; readonly to: readonly string[] | undefined } | undefined {
  const scope = scopeOf(draft);
  switch (draft.status) {
    case 'proposed': return { what: 'policy_waiting', to: missingSignatures(draft) };
    case 'published': return { what: 'policy_counts', to: scope.kind === 'installation' ? undefined : scope.organisationIds };
    case 'declined': return { what: 'policy_declined', to: scope.organisationIds };
    case 'discarded': return (draft.proposedAt ?? null) === null ? undefined : { what: 'policy_discarded', to: scope.organisationIds };
    default: return undefined;
  }
}
