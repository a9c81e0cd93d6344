import type { EffectivenessPlan, Measurement, Result, RootCause } from '../../contracts/capaSections';
import type { Block, Cell, Fact, Line } from '../../contracts/document';
import { percent } from '../capa/measured';
import { durationText } from '../matrix/durationText';
import type { Shown } from './documentCapa';
import type { ReportedEffect, ReportedIteration } from './iterations';
import { facts, heading, orDash, plain, quiet, sentence, strong, table, utc, words, type Names } from './wording';

/** Every go at the cause: what was found, planned, done, measured and approved. */
export function iterations({ report, names }: Shown): readonly Block[] {
  return report.iterations.flatMap((iteration) => {
    const outcome = iteration.outcome === null ? '' : `: ${words(iteration.outcome)}, ${utc(iteration.endedAt)}`;
    return [
      heading(2, `Iteration ${String(iteration.no)}${outcome}`),
      ...rootCause(iteration, names), ...extent(iteration, names), ...actions(iteration, names), ...adverse(iteration, names), ...effect(iteration, names), ...approvals(iteration, names),
    ];
  });
}

function rootCause({ rootCause: found }: ReportedIteration, names: Names): readonly Block[] {
  const title = heading(3, `Root cause${found === null ? '' : `, by ${found.method === 'five_why' ? 'five whys' : 'fishbone'}`}`);
  if (found === null) return [title, sentence('Not recorded yet.')];
  const { statement, categories } = found.cause;
  return [title, causeTable(found, names), facts(['Cause', orDash(statement)], ['Categories', categories.length === 0 ? '–' : categories.map(words).join(', ')])];
}

function causeTable(found: RootCause, names: Names): Block {
  if (found.method === 'five_why') {
    const rows = found.chain.map(({ why, because, evidenceIds }, index): readonly Cell[] => [String(index + 1), orDash(why), orDash(because), names.evidence(evidenceIds)]);
    return table([['#', 5], ['Why?', 34], ['Because', 43], ['Evidence', 18]], rows, 'No why is answered yet.');
  }
  const rows = found.candidates.map(({ category, candidate, verdict, evidenceFor, evidenceAgainst }): readonly Cell[] => [
    words(category), orDash(candidate), verdict === 'root_cause' ? [strong('root cause')] : words(verdict), names.evidence(evidenceFor), names.evidence(evidenceAgainst),
  ]);
  return table([['Bone', 14], ['Candidate', 38], ['Verdict', 14], ['For', 17], ['Against', 17]], rows, 'No candidate is named yet.');
}

function extent({ extentCheck: check }: ReportedIteration, names: Names): readonly Block[] {
  const title = heading(3, 'Extent: does the same stand elsewhere?');
  if (check === null) return [title, sentence('Not recorded.')];
  return [title, facts(['Looked at', orDash(check.lookedAt)], ['Finding', orDash(check.finding)], ['Detail', orDash(check.detail)], ['Evidence', names.evidence(check.evidenceIds)])];
}

function actions({ plan, actions: underWay }: ReportedIteration, names: Names): readonly Block[] {
  const title = heading(3, 'Plan and actions');
  if (plan === null) return [title, sentence('Nothing is planned yet.')];
  const rows = plan.actions.map(({ id, kind, level, description, ownerId, organisationId, due }): readonly Cell[] => {
    const action = underWay.find((one) => one.id === id);
    const owner = action ? action.ownerId : ownerId;
    const dates: readonly Line[] = action
      ? [plain(utc(action.due)), quiet(action.due === action.originalDue ? 'as planned' : `originally ${utc(action.originalDue)}`), ...(action.missedAt === null ? [] : [quiet(`passed unmet ${utc(action.missedAt)}`)])]
      : [plain(utc(due)), quiet('planned')];
    const done: readonly Line[] = action
      ? [strong(action.status), ...(action.reported ? [quiet(`reported by ${names.hand(action.reported)}`)] : []), ...(action.verified ? [quiet(`verified by ${names.hand(action.verified)}`)] : []), quiet(`evidence: ${names.evidence(action.evidenceIds)}`)]
      : [quiet('not begun')];
    return [
      [strong(id), quiet(`${kind}${level === undefined ? '' : `, ${level} level`}`)], orDash(description),
      [plain(names.person(owner)), quiet(names.organisation(action?.organisationId ?? organisationId))], dates, done,
    ];
  });
  return [
    title, table([['Action', 12], ['What', 28], ['Owner', 16], ['Due', 18], ['Done', 26]], rows, 'No action is planned yet.'),
    facts(['Documents to update', plan.documents.length === 0 ? '–' : plan.documents.join('\n')]),
  ];
}

function adverse({ adverseCheck: check }: ReportedIteration, names: Names): readonly Block[] {
  const title = heading(3, 'Adverse effects of the actions');
  if (check === null) return [title, sentence('Not recorded.')];
  return [title, facts(['Finding', orDash(check.finding)], ['Detail', orDash(check.detail)], ['Evidence', names.evidence(check.evidenceIds)])];
}

function effect({ plan, result, effect: found, deviations }: ReportedIteration, names: Names): readonly Block[] {
  const planned = plan?.effectiveness ?? null;
  return [
    heading(3, 'Effectiveness'), ...(planned === null ? [sentence('Not planned yet.')] : [plannedEffect(planned, names)]),
    ...(result === null || found === null ? [sentence('No result is recorded.')] : [
      facts(['Result', [strong(result.outcome)]], ...figure(found), ['Said by the assessor', `${result.measured}, on a sample of ${String(result.sampleSize)}`], ['Note', orDash(result.note)], ['Evidence', names.evidence(result.evidenceIds)]),
      ...(found.measurement ? [counted(found.measurement, names)] : observed(result, names)),
      ...(deviations.length === 0 ? [] : [table([['Effective below its goal, because', 62], ['Signed by', 38]], deviations.map(({ reason, by }) => [reason, names.hand(by)]), '')]),
    ]),
  ];
}

/** What was counted or seen, beside target and sample. */
function figure({ by, formula, numerator, denominator, sample, goal, measurement }: ReportedEffect): readonly Fact[] {
  const share = denominator === 0 ? '' : ` (${percent(numerator / denominator)})`;
  return [
    ['Measured', [strong(`${String(numerator)} of ${String(denominator)} met${share}`), plain(`planned: a sample of ${String(sample)}${goal === null ? ', no goal as a share' : `, at least ${percent(goal)} met`}`)]],
    ['By', measurement ? `the product, from its records: ${words(by)}, ${utc(measurement.from)} to ${utc(measurement.to)}, formula ${String(measurement.formula)}. ${orDash(formula)}` : 'people (manual): no records of the product say it; each observation below has its evidence'],
  ];
}

/** The records that were counted: what a reader counts again. */
function counted({ sources }: Measurement, names: Names): Block {
  return table([['Record counted', 70], ['Met', 30]], sources.map(({ recordId, met }) => [names.record(recordId), met ? 'met' : 'not met']), 'No record fell into the window.');
}

function observed({ observations = [] }: Result, names: Names): readonly Block[] {
  return [table([['Observation', 58], ['Met', 14], ['Evidence', 28]], observations.map(({ what, met, evidenceIds }) => [what, met ? 'met' : 'not met', names.evidence(evidenceIds)]), 'No observation with its evidence is recorded.')];
}

function plannedEffect({ metric, baseline, target, window, sampleSize, goal, source, measuredBy, assessorId, assessorOrganisationId }: EffectivenessPlan, names: Names): Block {
  return facts(
    ['Metric', orDash(metric)], ['Baseline', orDash(baseline)], ['Target', orDash(target)], ['Window', window === null ? '–' : `${durationText(window)} from the verified implementation`],
    ['Sample', sampleSize === null ? '–' : String(sampleSize)], ['Goal', goal === undefined ? 'not said as a share: the assessor judges by the target' : `at least ${percent(goal)} of the sample met`], ['Source', `${orDash(source)} (measured by: ${words(measuredBy)})`],
    ['Assessor', `${names.person(assessorId)} (${names.organisation(assessorOrganisationId)})`],
  );
}

function approvals({ approvals: given }: ReportedIteration, names: Names): readonly Block[] {
  return [
    heading(3, 'Approvals of the gates'),
    table([['Gate', 18], ['Version', 10], ['By', 72]], given.map(({ gate, version, ...by }) => [gate, String(version), names.hand(by)]), 'No gate was approved in this iteration.'),
  ];
}
