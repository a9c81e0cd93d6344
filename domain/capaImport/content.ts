import type { Containment, EffectivenessPlan, ExtentCheck, Result, RootCause } from '../../contracts/capaSections';
import { CAUSE_CATEGORIES, OUTCOMES, type CauseCategory } from '../../contracts/capaWords';
import { calendarDays } from '../../contracts/spans';
import { rootCauseFault } from '../capa/rootCause';
import { choiceCell, saidCell, wholeCell, yesNoCell } from './cells';
import { personFor } from './people';
import type { Place } from './place';
import type { RowCells } from './rowCells';
import type { ImportWorld, KnownPerson } from './world';

const LONG = 4000;
/** `none: nothing goes on`, or a measure each line. */
export function containmentOf(cells: RowCells): Containment | null {
  const text = cells.text('containment', LONG);
  if (text === undefined) return null;
  const [, because] = /^none\s*:\s*(.+)$/isu.exec(text) ?? [];
  if (because !== undefined) return { measures: [], noneBecause: because.trim().slice(0, 2000) };
  if (/^none\.?$/iu.test(text)) { cells.wrong('containment', 'say why none is needed: none: because …'); return null; }
  const measures = text.split(/[\r\n;]+/u).map((one) => one.trim()).filter((one) => one !== '');
  const long = measures.find((one) => one.length > 2000);
  if (long !== undefined || measures.length > 30) { cells.wrong('containment', 'at most 30 measures of 2000 characters each'); return null; }
  return { measures: measures.map((one) => ({ text: one, evidenceIds: [] })), noneBecause: '' };
}

/** The cause as it was stated elsewhere: its chain of whys stayed there. */
export function rootCauseOf(cells: RowCells): RootCause | null {
  const statement = cells.text('root_cause', LONG);
  const categories = cells.read('cause_categories', (text) => {
    const words = text.split(/[\r\n;,|]+/u).map((one) => one.trim()).filter((one) => one !== '');
    const read = words.map((word) => choiceCell<CauseCategory>(word, CAUSE_CATEGORIES));
    const unknown = words.find((_, index) => 'wrong' in (read[index] ?? { wrong: '' }));
    if (unknown !== undefined) return { wrong: `there is no category ${unknown.slice(0, 40)}: ${CAUSE_CATEGORIES.join(', ')}` };
    return words.length > 6 ? { wrong: 'at most 6 categories' } : { value: [...new Set(read.flatMap((one) => ('value' in one ? [one.value] : [])))] };
  });
  if (statement === undefined || categories === undefined) return null;
  const cause: RootCause = { method: 'five_why', chain: [], cause: { statement, categories } };
  // The rule of the machine, asked of a chain that stayed elsewhere.
  const fault = rootCauseFault({ ...cause, chain: ELSEWHERE });
  if (fault === undefined) return cause;
  cells.wrong('cause_categories', fault);
  return null;
}
const ELSEWHERE = Array.from({ length: 3 }, () => ({ why: 'elsewhere', because: 'elsewhere', evidenceIds: ['elsewhere'] }));

/** `isolated: what was looked at`, or `wider: …`. */
export function extentOf(cells: RowCells): ExtentCheck | null {
  const said = cells.read('extent', (text) => saidCell(text, ['isolated', 'wider'] as const));
  return said ? { lookedAt: said.detail, finding: said.word, detail: '', evidenceIds: [] } : null;
}

export function effectivenessOf(cells: RowCells, { world, place }: { world: ImportWorld; place: Place | undefined }): { readonly plan: EffectivenessPlan; readonly assessor: KnownPerson } | undefined {
  const [metric, baseline, target, source] = [cells.text('effect_metric', 1000), cells.text('effect_baseline', 1000), cells.text('effect_target', 1000), cells.text('effect_source', 1000)];
  const days = cells.read('effect_window_days', (text) => wholeCell(text, { min: 1, max: 730 }));
  const sampleSize = cells.read('effect_sample', (text) => wholeCell(text, { min: 1, max: 1_000_000 }));
  const assessor = cells.read('effect_assessor', (email) => {
    const person = personFor(world, { email, act: 'capa:assess', duty: 'the assessor', organisationIds: place && [...new Set([place.raising.id, place.accountable.id])], place });
    return 'found' in person ? { value: person.found } : person;
  });
  if (metric === undefined || baseline === undefined || target === undefined || source === undefined || days === undefined || sampleSize === undefined || !assessor) return undefined;
  return { assessor, plan: { metric, baseline, target, source, window: calendarDays(days), sampleSize, measuredBy: 'manual', assessorId: assessor.id, assessorOrganisationId: assessor.organisationId } };
}

/** What was found of the effect; only `effective` leads on to a closing. */
export function resultOf(cells: RowCells, evidenceIds: readonly string[]): Result | null {
  const outcome = cells.read('outcome', (text) => choiceCell(text, OUTCOMES));
  const measured = cells.text('outcome_measured', 1000);
  const sampleSize = cells.read('outcome_sample', (text) => wholeCell(text, { min: 0, max: 1_000_000 }));
  if (outcome !== undefined && outcome !== 'effective') cells.wrong('outcome', `${outcome} does not close: bring it in as ${outcome === 'ineffective' ? 'investigation' : 'monitoring'}`);
  return outcome === undefined || measured === undefined || sampleSize === undefined ? null : { outcome, measured, sampleSize, evidenceIds: [...evidenceIds], note: '' };
}

export function seriousBreachOf(cells: RowCells): { readonly answer: 'yes' | 'no'; readonly reason: string } | null {
  const answer = cells.read('serious_breach', yesNoCell);
  const reason = cells.text('serious_breach_reason', LONG);
  return answer === undefined || reason === undefined ? null : { answer, reason };
}
