import type { Block, Cell, Fact } from '../../contracts/document';
import type { Risk } from '../../contracts/capaSections';
import { PROPOSAL_KINDS } from '../../contracts/capaWords';
import type { CapaReport } from './report';
import { facts, heading, orDash, plain, quiet, sentence, strong, table, utc, words, type Names } from './wording';

export interface Shown {
  readonly report: CapaReport;
  readonly names: Names;
}

/** Which CAPA, whose, in which state, from where. */
export function identity({ report, names }: Shown): readonly Block[] {
  const { capa, basis, policy, links } = report;
  const source = links.find(({ recordId }) => recordId !== null && recordId === capa.source.recordId);
  const from = [words(capa.source.type), source?.number ?? capa.source.recordId, capa.source.reference].filter((part) => part !== null);
  return [facts(
    ['Number', capa.number], ['Title', capa.title], ['Status', words(capa.status)], ['Severity', capa.severity], ['Classification', capa.classification],
    ['Topic', capa.topic], ['Study', names.study(capa.studyId)], ['System', orDash(capa.systemId)], ['Source', from.join(' · ')],
    ['Opened', `${utc(capa.openedAt)}${capa.raisedBy === null ? '' : ` by ${names.person(capa.raisedBy)}`}`], ['Closed', capa.closedAt === null ? '–' : `${utc(capa.closedAt)} (${words(capa.closedBy ?? '')})`],
    ['Timings by', `policy ${policy.key} version ${String(policy.version)}, in force from ${utc(policy.effectiveFrom)}; basis: ${policy.basis}`],
    ['Record', [plain(`revision ${String(basis.revision)}; the last entry of its trail is of ${utc(basis.lastEntry?.at)}`), { text: basis.recordId, style: 'code' }]],
  )];
}

export function parties({ report: { capa }, names }: Shown): readonly Block[] {
  const impact = { affected: 'affected: its quality assurance signs each gate', not_affected: 'not affected, as its quality assurance signed', no_sponsor: 'there is none' }[capa.sponsorImpact];
  return [heading(2, 'Organisations and people'), facts(
    ['Raising organisation', names.organisation(capa.raisingOrganisationId)], ['Accountable organisation', names.organisation(capa.accountableOrganisationId)],
    ['Sponsor', capa.sponsorOrganisationId === null ? impact : `${names.organisation(capa.sponsorOrganisationId)}; ${impact}`],
    ['Owner', names.person(capa.ownerId)],
    ['Assessor of the effect', capa.assessor === null ? '–' : `${names.person(capa.assessor.personId)} (${names.organisation(capa.assessor.organisationId)})`],
  )];
}

export function problem({ report: { capa }, names }: Shown): readonly Block[] {
  const { what, where, when, extent } = capa.problem;
  const { seriousBreach, containment } = capa;
  const breach = seriousBreach === null ? 'not answered' : `${seriousBreach.answer}: ${seriousBreach.reason}`;
  const measures: readonly Fact[] = (containment?.measures ?? []).map(({ text, evidenceIds }, index): Fact => [`Measure ${String(index + 1)}`, [plain(text), quiet(`evidence: ${names.evidence(evidenceIds)}`)]]);
  return [
    heading(2, 'Problem'), facts(['Description', orDash(capa.description)], ['What', orDash(what)], ['Where', orDash(where)], ['When', orDash(when)], ['Extent', orDash(extent)], ['Serious breach?', breach]),
    heading(2, 'Risk'), facts(['Before', riskText(capa.riskBefore)], ['After', riskText(capa.closure?.riskAfter ?? null)]), sentence('Likelihood × impact, each from 1 to 5.'),
    heading(2, 'Containment'),
    ...(measures.length > 0 ? [facts(...measures)] : [sentence(containment === null || containment.noneBecause === '' ? 'Nothing is recorded yet.' : `None was needed: ${containment.noneBecause}`)]),
  ];
}

const riskText = (risk: Risk | null): string => (risk ? `${String(risk.likelihood)} × ${String(risk.impact)} = ${String(risk.likelihood * risk.impact)}` : 'not rated');

/** Closing, and what else was decided about the CAPA as a whole. */
export function decisions({ report: { capa }, names }: Shown): readonly Block[] {
  const made = PROPOSAL_KINDS.flatMap((kind): readonly (readonly Cell[])[] => {
    const proposal = capa.proposals[kind];
    if (proposal === null) return [];
    const { reason, duplicateOf, proposed, status, decided } = proposal;
    return [[words(kind), [plain(reason), ...(duplicateOf === null ? [] : [quiet(`duplicate of ${duplicateOf}`)])], names.hand(proposed), [plain(words(status)), ...(decided ? [quiet(names.hand(decided))] : [])]]];
  });
  const { recurrence } = capa;
  return [
    heading(2, 'Closure'),
    ...(capa.closure === null ? [sentence('Not written yet.')] : [facts(['Summary', orDash(capa.closure.summary)], ['Risk after', riskText(capa.closure.riskAfter)], ['Closed', utc(capa.closedAt)], ['Watched for recurrence until', capa.watchOver ? 'the watch is over' : utc(capa.watchedUntil)])]),
    ...(recurrence === null ? [] : [facts(
      ['Recurrence', `the cause (${recurrence.categories.map(words).join(', ')}) was found again by ${recurrence.number}, ${utc(recurrence.at)}`],
      ['Decided', [plain(recurrence.status), ...(recurrence.decided ? [quiet(names.hand(recurrence.decided))] : []), ...(recurrence.reason === null ? [] : [plain(recurrence.reason)])]],
    )]),
    ...(made.length === 0 ? [] : [heading(2, 'Proposals for a second person'), table([['What', 14], ['Reason', 34], ['Proposed by', 26], ['Decided', 26]], made, '')]),
    ...(capa.returns.length === 0 ? [] : [
      heading(2, 'Returned with comments'),
      table([['What', 14], ['Iteration', 10], ['Comments', 46], ['By', 30]], capa.returns.map(({ what, iteration, comments, by }) => [words(what), String(iteration), comments, names.hand(by)]), ''),
    ]),
  ];
}

/** Approvals of paper or of another system: said by somebody, signed by nobody here. */
export function elsewhere({ report: { capa }, names }: Shown): readonly Block[] {
  const { imported, approvedElsewhere = [] } = capa;
  if (!imported) return [];
  return [
    heading(2, 'Moved in from elsewhere'),
    facts(
      ['Its number there', imported.externalNumber], ['Table', [plain(`row ${String(imported.row)}, import ${imported.importId}`), { text: `SHA-256 ${imported.fileSha256}`, style: 'code' }]],
      ['Moved in as', words(imported.status)], ['By', `${names.person(imported.by.personId)} (${words(imported.by.role)}, ${names.organisation(imported.by.organisationId)})`],
    ),
    heading(3, 'Approved elsewhere: statements, not signatures'),
    table(
      [['What', 20], ['Stated approver', 40], ['Stated day', 14], ['Proof', 26]],
      approvedElsewhere.map(({ subject, name, role, organisationId, on, evidenceId, reference, statedBy }) => [
        words(subject), [strong(name), quiet(`${orDash(role)}, ${names.organisation(organisationId)}${statedBy && statedBy.organisationId !== organisationId ? `; stated by ${names.organisation(statedBy.organisationId)}` : ''}`)], on, evidenceId === null ? orDash(reference) : names.evidence([evidenceId]),
      ]),
      'None is stated.',
    ),
  ];
}
