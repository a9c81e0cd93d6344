import { idsOf, outcomesOf, requirementTable, skippedLines, titlesIn, totalLine } from '../runner/table.mjs';
import { select } from '../runner/selection.mjs';
import { FOLDERS } from '../../jest.config.cjs';

describe('requirement ids of a title', () => {
  test.each([
    [['E5 four business hours'], ['E5']],
    [['E5, P1 four business hours'], ['E5', 'P1']],
    [['E5 P1, S1.3 all three'], ['E5', 'P1', 'S1.3']],
    [['E12: an id ends at the colon'], ['E12']],
    [['E4 levels', 'P19 pins'], ['E4', 'P19']],
    [['E4 levels', 'E4 again'], ['E4']],
    [['an id in the middle, E5, counts for nothing'], []],
    [['E5x is a word'], []],
    [['X1 is no family'], []],
  ])('%j: %j', (titles, ids) => {
    expect(idsOf(titles)).toEqual(ids);
  });
});

const test_ = (title, status, ancestorTitles = []) => ({ title, status, ancestorTitles });
const report = (...assertionResults) => ({ testResults: [{ name: 'a.test.ts', status: assertionResults.some((each) => each.status === 'failed') ? 'failed' : 'passed', assertionResults }] });

describe('the closing table', () => {
  const outcomes = outcomesOf([report(test_('P1 kept', 'passed'), test_('climbs', 'passed', ['E2 ladder']), test_('E3 (skipped: needs a moon)', 'pending'), test_('E4 breaks', 'failed'))]);

  test('counts tests per id, those inside a group named after it too', () => {
    const { lines, missing } = requirementTable({ required: ['P1', 'E2'], outcomes, unrun: [] });
    expect(lines.slice(1).map((line) => line.split(/\s+/))).toEqual([['P1', '1', '1', '0', '0'], ['E2', '1', '1', '0', '0']]);
    expect(missing).toEqual([]);
  });

  test('an id without an executed, passing test is missing, with the reason', () => {
    const unrun = [{ titles: ['E9 nobody there'], reason: 'needs mongod' }];
    const { lines, missing } = requirementTable({ required: ['P1', 'E3', 'E4', 'E9', 'E14'], outcomes, unrun });
    expect(missing).toEqual(['E3', 'E4', 'E9', 'E14']);
    expect(lines.slice(2).map((line) => line.replace(/^(\S+)[\s\d]*/, '$1 '))).toEqual(['E3 NOT EXECUTED: needs a moon', 'E4 FAILED', 'E9 NOT EXECUTED: needs mongod', 'E14 NOT EXECUTED: no test is named after it']);
  });

  test('skipped tests are named with their reasons', () => {
    expect(skippedLines(outcomes)).toEqual(['skipped: E3: needs a moon']);
    expect(skippedLines(outcomesOf([report(test_('later', 'todo'))]))).toEqual(['skipped: later: no reason given']);
  });

  test('the last line counts everything; a file that could not run is a failure', () => {
    expect(totalLine(outcomes)).toBe('2 passed, 1 failed, 1 skipped');
    expect(totalLine(outcomesOf([{ testResults: [{ name: 'b.test.ts', status: 'failed', assertionResults: [] }] }]))).toBe('0 passed, 1 failed, 0 skipped');
  });

  test('titles are found in the text of a file that is not run', () => {
    const source = "describe('E7 nobody there', () => { it(\"goes on\", f); test.each([1, 2])('P2 %s', f); testWhen(x, 'y'); test.skip(`E9 later`, f) })";
    expect(titlesIn(source)).toEqual(['E7 nobody there', 'goes on', 'P2 %s', 'E9 later']);
  });
});

describe('what npm test is asked for', () => {
  const all = ['unit', 'store', 'workflow', 'replay', 'e2e', 'faults'];

  test('everything, when nothing is said', () => {
    expect(select([], FOLDERS)).toMatchObject({ projects: all, paths: [], whole: true });
  });

  test('some projects', () => {
    expect(select(['--only', 'unit,store'], FOLDERS)).toMatchObject({ projects: ['unit', 'store'], whole: false });
    expect(() => select(['--only', 'units'], FOLDERS)).toThrow(/--only takes a list of: unit, store/);
    expect(() => select(['--only'], FOLDERS)).toThrow(/--only takes a list of/);
  });

  test.each([
    ['test/store/audit.test.ts', ['store']],
    ['test/dev/engines/engines.test.ts', ['store']],
    ['./test/dev/lock.test.mjs', ['unit']],
    ['test/dev', ['unit', 'store']],
    ['test/api/unit/problem.test.ts', ['unit']],
    ['api/unit', ['unit']],
    ['test/faults', ['faults']],
    ['something', all],
  ])('a path chooses the project that owns it: %s', (path, projects) => {
    expect(select([path], FOLDERS)).toMatchObject({ projects, paths: [path], whole: false });
  });

  test('options of jest are passed on', () => {
    expect(select(['-t', 'E5', '--verbose'], FOLDERS)).toMatchObject({ jest: ['-t', 'E5', '--verbose'], whole: false });
  });
});
