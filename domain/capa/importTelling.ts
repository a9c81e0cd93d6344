import type { ImportedCapa } from '../../contracts/capaImport';
import type { CapaState } from '../../contracts/capaState';
import { plusMs, type Instant } from '../../contracts/instant';
import type { NoticeDigest, NoticeReason } from '../../contracts/notice';
import { partiesOf } from './seats';
import { deadlines, type CapaDraft } from './stages';
import { tellOwner, tellPerson, tellQuality } from './telling';

/** Until then the records of one import come together, ms; what comes later gets a further letter. */
const COLLECTED_MS = 15 * 60_000;

/**
 * One letter for each responsible person and import, whatever its number of records: who owes what is overdue, who
 * has to move what is not, quality of an organisation in whose name something was approved elsewhere, and the
 * sponsor's quality of a possible serious breach.
 */
export function tellImported(draft: CapaDraft, { importId, running, approvals }: ImportedCapa, now: Instant): void {
  const digest: NoticeDigest = { key: `import-${importId.slice(0, 16)}`, at: plusMs(now, COLLECTED_MS) };
  const telling = (intent: string, reason: NoticeReason, deadline?: string) => ({ intent: `imported/${intent}`, reason, deadline, digest });
  const { state } = draft;
  const late = running.filter(({ due }) => due <= now);
  const first = late[0];
  if (first) tellResponsible(draft, telling('overdue', 'import_overdue', deadlines.stage(first.name)));
  for (const { id, ownerId, organisationId, missedAt } of state.actions) {
    if (missedAt !== null) tellPerson(draft, { personId: ownerId, organisationId }, telling(`overdue/${id}`, 'import_overdue', deadlines.action(id)));
  }
  if (!first && state.actions.every(({ missedAt }) => missedAt === null)) tellResponsible(draft, telling('came', 'imported'));
  const { seriousBreach, sponsorOrganisationId } = state;
  // The sponsor ought to know already; that it does is nowhere on the record.
  if (seriousBreach?.answer === 'yes' && sponsorOrganisationId !== null) tellQuality(draft, [sponsorOrganisationId], telling('breach', 'serious_breach'));
  const claimed = approvals.map(({ organisationId }) => organisationId).filter((organisationId) => organisationId !== state.accountableOrganisationId);
  tellQuality(draft, claimed, telling('approvals', 'imported'));
}

/** Whoever has to move it: quality before there is an owner and while signatures are awaited, else the owner or the assessor. */
function tellResponsible(draft: CapaDraft, telling: Parameters<typeof tellOwner>[1]): void {
  const { status, assessor } = draft.state;
  if (status === 'closed') return;
  if (status === 'triage' || status === 'plan_review') tellQuality(draft, reviewers(draft.state), telling);
  else if (status === 'effectiveness_check' && assessor) tellPerson(draft, assessor, telling);
  else tellOwner(draft, telling);
}

const reviewers = (state: CapaState): readonly string[] => (state.sponsorImpact === 'affected' ? partiesOf(state) : [state.accountableOrganisationId]);
