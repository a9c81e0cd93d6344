import fc from 'fast-check';
import { IMPORTABLE_STATUSES, type ImportableStatus } from '../../../contracts/capaImport';
import { COLUMNS, NEEDED_FROM, SAID_FROM, type Column } from '../../../domain/capaImport/columns';
import { checkTable } from '../../../domain/capaImport/checkTable';
import { unknownTopic } from '../../../domain/topics/nearest';
import { SPONSOR } from '../capa/capas';
import { lineOf, mistakesOf, NOW, worldAt } from './tables';

const status = fc.constantFrom(...IMPORTABLE_STATUSES);
const rank = (one: ImportableStatus): number => IMPORTABLE_STATUSES.indexOf(one);
const neededIn = (one: ImportableStatus): readonly Column[] => NEEDED_FROM.filter(([from]) => rank(from) <= rank(one)).flatMap(([, columns]) => columns);

describe('lines of a table of CAPAs', () => {
  test.each(IMPORTABLE_STATUSES)('Q1 a whole line in %s has no mistakes', (one) => {
    expect(mistakesOf(lineOf(one))).toEqual([]);
  });

  test('Q3 Q4 Q5 Q16 each cell that a state needs is missed by its name, all at once', () => {
    fc.assert(fc.property(status, fc.func(fc.boolean()), (one, leaves) => {
      const out = neededIn(one).filter((column) => leaves(column));
      const line = lineOf(one, Object.fromEntries(out.map((column) => [column, ''])));
      const said = new Set(checkTable([line], worldAt()).mistakes.map(({ column }) => column));
      expect(out.filter((column) => !said.has(column))).toEqual([]);
    }));
  });

  test('Q1 what a state cannot know yet contradicts it', () => {
    for (const [from, columns] of SAID_FROM) {
      for (const one of IMPORTABLE_STATUSES.filter((each) => rank(each) < rank(from))) {
        for (const column of columns) expect([one, column, mistakesOf(lineOf(one, { [column]: lineOf('closed').cells[column] || '2026-11-20' })).filter((message) => message.startsWith(`${column}: says more than`)).length]).toEqual([one, column, 1]);
      }
    }
  });

  test('whatever stands in the cells, it is said and nothing is thrown; a line with a mistake is not brought in', () => {
    const cell = fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('', '2026-11-20', '2026-02-30', '02/03/2026', 'a | b | c | d', ' ; ', '|', 'yes', '5x5', 'bob@cro-1.example', 'Cro', '999999999999', '-1', 'closed'));
    fc.assert(fc.property(status, fc.dictionary(fc.constantFrom(...COLUMNS), cell, { maxKeys: 8 }), (one, more) => {
      const { capas, mistakes } = checkTable([lineOf(one, more)], worldAt());
      expect(capas.length + Math.min(1, mistakes.length)).toBe(1);
      for (const { row, message } of mistakes) expect([row, message.length > 0]).toEqual([2, true]);
    }), { numRuns: 400 });
  });

  test.each<[string, ImportableStatus, { more: Partial<Record<Column, string>>; says: string }]>([
    ['Q3', 'plan_review', { more: { cause_categories: 'human_error' }, says: 'cause_categories: human error alone' }],
    ['Q9', 'plan_review', { more: { effect_assessor: 'bea@cro-1.example', owner: 'bea@cro-1.example' }, says: 'effect_assessor: owns this CAPA' }],
    ['Q9', 'plan_approved', { more: { plan_approvals: 'Quentin | Cro | QA | 2026-10-28 | ref: 1 ; Quentin | Sponsor | QA | 2026-10-28 | ref: 1' }, says: 'plan_approvals: Quentin stands twice' }],
    ['Q9', 'plan_approved', { more: { plan_approvals: 'bob of cro-1 | Cro | PM | 2026-10-28 | ref: 1 ; Paula | Sponsor | QA | 2026-10-28 | ref: 1' }, says: 'plan_approvals: approval 1: bob of cro-1 owns this CAPA' }],
    ['Q10', 'plan_approved', { more: { plan_approvals: 'Quentin | Cro | QA | 2026-10-28 | ref: 1' }, says: 'plan_approvals: nobody of Sponsor approved it' }],
    ['Q10', 'plan_approved', { more: { not_affected_approvals: 'Quentin | Cro | QA | 2026-10-20 | ref: 1' }, says: 'not_affected_approvals: nobody of Sponsor' }],
    ['Q6', 'monitoring', { more: { effect_window_days: '30' }, says: 'state: the monitoring window ended on 2026-11-04: bring it in as effectiveness_check' }],
    ['Q6', 'effectiveness_check', { more: { effect_window_days: '120' }, says: 'state: the monitoring window runs until 2026-12-15: bring it in as monitoring' }],
    ['Q7', 'closed', { more: { outcome: 'ineffective' }, says: 'outcome: ineffective does not close: bring it in as investigation' }],
    ['Q14', 'closure_review', { more: { waiver_approvals: 'Paula | Sponsor | QA | 2026-11-16 | ref: 1' }, says: 'waiver_approvals: the effectiveness check of a major CAPA is not waived' }],
    ['Q8', 'investigation', { more: { original_due: '2026-11-20', current_due: '2026-12-04' }, says: 'extensions: the date has moved' }],
    ['Q8', 'investigation', { more: { current_due: '2026-12-04', extensions: '1' }, says: 'original_due: is empty' }],
    ['Q2', 'draft', { more: { raising_organisation: 'Cro' }, says: 'raising_organisation: on a study the sponsor is one of the two' }],
  ])('%s in %s: %j', (_, one, { more, says }) => {
    expect(mistakesOf(lineOf(one, more)).filter((message) => message.startsWith(says))).toHaveLength(1);
    expect(mistakesOf(lineOf(one, more))).toHaveLength(1);
  });

  test('Q11 without a calendar or a policy nothing can be counted, and that is said once', () => {
    expect(mistakesOf(lineOf('draft'), worldAt(NOW, { calendar: undefined }))).toEqual(['accountable_organisation: has no business calendar: have its administrator add one first']);
    expect(mistakesOf(lineOf('draft'), worldAt(NOW, { policyFor: () => undefined }))).toEqual(['topic: no CAPA policy is in force for it']);
  });

  test('S1.2 B12 a topic that the two organisations do not have is a mistake of its cell, with the nearest', () => {
    const world = worldAt(NOW, { topicFault: (topic, raising) => (topic === 'backup' && raising === SPONSOR ? undefined : unknownTopic(topic, ['backup', 'data']).message) });
    expect(mistakesOf(lineOf('draft'), world)).toEqual([]);
    expect(mistakesOf(lineOf('draft', { topic: 'bakcup' }), world)).toEqual(['topic: bakcup is no topic of these organisations; did you mean backup? (GET /api/v1/topics)']);
  });

  test('the same number twice, and one that came in before, whatever its case and blanks', () => {
    const lines = [lineOf('draft'), lineOf('draft', { external_number: 'x -1' }, 3)];
    expect(checkTable(lines, worldAt()).mistakes).toEqual([{ row: 3, column: 'external_number', message: 'stands in row 2 already' }]);
    expect(checkTable(lines.slice(0, 1), worldAt(NOW, { taken: new Map([['x-1', 'CAPA-9']]) })).mistakes).toMatchObject([{ row: 2, message: expect.stringContaining('CAPA-9') }]);
  });
});
