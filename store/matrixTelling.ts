import type { AnnouncedWhat } from '../contracts/announcement';
import { missingApprovals, type ProposalCommand } from '../domain/matrix/proposal';
import type { By } from './administration';
import { announce, type Announced } from './announcements';
import type { Session, Store } from './connection';
import { groupedBy } from './grouped';
import type { MatrixProposalDoc } from './schemas/matrix';

/** What an act on proposals is told as, to whom; undefined: nobody but its author has to know. */
function tellingOf({ status, row, proposingOrganisationId, proposedAt, ...proposal }: MatrixProposalDoc, act: ProposalCommand['act']): { readonly what: AnnouncedWhat; readonly to: readonly string[]; readonly asks: boolean } | undefined {
  const others = row.organisationIds.filter((id) => id !== proposingOrganisationId);
  if (status === 'proposed' && act === 'propose') return { what: 'row_waiting', to: missingApprovals({ ...proposal, status, row }), asks: true };
  if (status === 'effective') return { what: 'row_counts', to: row.organisationIds, asks: false };
  if (status === 'declined') return { what: 'row_declined', to: row.organisationIds, asks: false };
  return status === 'withdrawn' && proposedAt !== null ? { what: 'row_withdrawn', to: others, asks: false } : undefined;
}

/**
 * Tells the organisations of matrix rows what waits for them and what became of it, in the transaction of the act (E1). Of
 * many rows at once, as an import brings them, each organisation is told once.
 */
export async function tellOfProposals(store: Store, { docs, act, by }: { readonly docs: readonly MatrixProposalDoc[]; readonly act: ProposalCommand['act']; readonly by: By }, session: Session): Promise<void> {
  const tellings = docs.flatMap((doc) => {
    const telling = tellingOf(doc, act);
    return telling && telling.to.length > 0 ? [{ doc, ...telling }] : [];
  });
  for (const group of groupedBy(tellings, ({ what, to, doc }) => JSON.stringify([what, to, doc.row.studyId])).values()) {
    const [first] = group;
    if (!first) continue;
    const { doc, what, to, asks } = first;
    const { studyId, topic } = doc.row;
    const subject = group.length === 1 ? `Matrix row on ${topic}` : `Matrix row on ${topic}, and ${String(group.length - 1)} more,`;
    const announced: Announced = { what, about: `matrix-proposal/${doc._id}`, organisationIds: to, subject, ...(asks && { deciders: { studyId, topic } }), by };
    await announce(store, announced, session);
  }
}
