import type { ImportedCapa } from '../../contracts/capaImport';
import type { CapaState } from '../../contracts/capaState';
import { plusMs, type Instant } from '../../contracts/instant';
import type { NoticeDigest, NoticeReason } from '../../contracts/notice';
import { owedHere } from './elsewhere';
import { missing, partiesOf } from './seats';
import { deadlines, type CapaDraft } from './stages';
import { tellOwner, tellPerson, tellQuality } from './telling';

/** Until then the records of one import come together, ms; what comes later gets a further letter. */
const COLLECTED_MS = 15 * 60_000;
/** Whether a breach was denied is the sponsor's to hear at once: no longer than the lines of one table take, ms. */
const DENIED_MS = 60_000;

/**
 * One letter for each responsible person and import, whatever its number of records: who owes what is overdue, who
 * has to move what is not, quality of an organisation in whose name something was approved elsewhere, and the
 * sponsor's quality of a possible serious breach.
 */
export function tellImported(draft: CapaDraft, { importId, running, approvals, by, gates }: ImportedCapa, now: Instant): void {
  const key = importId.slice(0, 16);
  const digest: NoticeDigest = { key: `import-${key}`, at: plusMs(now, COLLECTED_MS) };
  const telling = (intent: string, reason: NoticeReason, deadline?: string) => ({ intent: `imported/${intent}`, reason, deadline, digest });
  const { state } = draft;
  const late = running.filter(({ due }) => due <= now);
  const first = late[0];
  if (first) tellResponsible(draft, telling('overdue', 'import_overdue', deadlines.stage(first.name)));
  for (const { id, ownerId, organisationId, missedAt } of state.actions) {
    if (missedAt !== null) tellPerson(draft, { personId: ownerId, organisationId }, telling(`overdue/${id}`, 'import_overdue', deadlines.action(id)));
  }
  if (!first && state.actions.every(({ missedAt }) => missedAt === null)) tellResponsible(draft, telling('came', 'imported'));
  const { seriousBreach, sponsorOrganisationId, severity } = state;
  const sponsor = sponsorOrganisationId === null ? [] : [sponsorOrganisationId];
  // The sponsor ought to know already; that it does is nowhere on the record.
  if (seriousBreach?.answer === 'yes') tellQuality(draft, sponsor, telling('breach', 'serious_breach'));
  if (!gates) {
    tellQuality(draft, approvals.map(({ organisationId }) => organisationId).filter((organisationId) => organisationId !== state.accountableOrganisationId), telling('approvals', 'imported'));
    return;
  }
  if (seriousBreach?.answer === 'no' && severity !== 'minor') tellQuality(draft, sponsor, { ...telling('breach', 'breach_denied'), digest: { key: `denied-${key}`, at: plusMs(now, DENIED_MS) } });
  // What one side brought in is told to the other, whatever it says of it; and what waits for its signature.
  const others = partiesOf(state).filter((organisationId) => organisationId !== by.organisationId);
  const waits = [...owedHere(state).map(({ organisationId }) => organisationId), ...(state.submitted === 'closure' ? missing(state, 'closure') : [])];
  tellQuality(draft, waits, telling('signature', 'signature_awaited'));
  const isToldAlready = state.status === 'triage' || state.status === 'plan_review';
  if (!isToldAlready) tellQuality(draft, others.filter((organisationId) => !waits.includes(organisationId)), telling('approvals', 'imported'));
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
