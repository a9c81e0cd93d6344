import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { idsOf, outcomesOf, requirementTable, skippedLines, titlesIn, totalLine } from '../runner/table.mjs';
import { select } from '../runner/selection.mjs';
import { begun, claimedIds, readRequirements, unplanted, wholeIds } from '../runner/claims.mjs';
import { BREAKAGES, chosen, faultsOf, patternOf, verdictOn } from '../breakages/list.mjs';
import { FOLDERS } from '../../jest.config.cjs';

const root = join(__dirname, '../..');

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

  test('what is only begun stands apart, with what is missing, and proves nothing', () => {
    const { lines, missing } = requirementTable({ required: ['P1'], begun: [{ id: 'E2', missing: 'the second half' }], outcomes, unrun: [] });
    expect(lines.at(-1)).toMatch(/^E2 +1 +1 +0 +0 +begun, not proven: the second half$/);
    expect([lines.length, missing]).toEqual([3, []]);
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
    const source = "describe('E7 nobody there', () => { it(\"goes on\", f); test.each([1, 2])('P2 %s', f); testWhen(x, 'y'); test.skip(`E9 later`, f); it('P1 nobody else\\'s', f) })";
    expect(titlesIn(source)).toEqual(['E7 nobody there', 'goes on', 'P2 %s', 'E9 later', "P1 nobody else's"]);
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

describe('the list of breakages', () => {
  const requirements = readRequirements(root);
  const required = claimedIds(requirements);

  test('each can still be tried: its text stands once in its file, and its tests are there and named after its requirement', () => {
    expect(BREAKAGES.flatMap((breakage) => faultsOf(breakage, { root, required }).map((fault) => `${breakage.id} ${breakage.breaks}: ${fault}`))).toEqual([]);
  });

  test('says what it breaks, once each, and covers a good part of the requirements', () => {
    expect(new Set(BREAKAGES.map(({ breaks }) => breaks)).size).toBe(BREAKAGES.length);
    expect(new Set(BREAKAGES.map(({ id }) => id)).size).toBeGreaterThanOrEqual(40);
  });

  test('each claimed requirement has one', () => {
    expect(unplanted(requirements, BREAKAGES)).toEqual([]);
    expect(unplanted([{ id: 'E1', acceptance: 'a' }, { id: 'E2', acceptance: 'a', partly: 'p' }, { id: 'E3' }], [{ id: 'E1' }])).toEqual(['E2']);
  });

  test('one that could not be tried says why', () => {
    const breakage = { id: 'X9', breaks: 'b', file: 'package.json', find: '"', replace: '"', tests: ['test/dev/nothing.test.ts', 'test/dev/lock.test.mjs'] };
    expect(faultsOf(breakage, { root, required })).toEqual([
      'X9 is not claimed in docs/requirements.json', expect.stringMatching(/^package\.json has the text \d+ times, not once: "$/), 'package.json: nothing is replaced',
      'test/dev/nothing.test.ts is not there', 'no test of test/dev/lock.test.mjs is named after X9',
    ]);
  });

  test('is asked for by requirement, or by words', () => {
    const list = [{ id: 'E1', breaks: 'the one thing' }, { id: 'E12', breaks: 'another thing' }];
    expect([chosen([], list), chosen(['E1'], list), chosen(['another'], list)]).toEqual([list, list.slice(0, 1), list.slice(1)]);
    expect(() => chosen(['E2'], list)).toThrow('no breakage of E2; there are some of E1, E12');
  });

  test.each([['E2 climbs', true], ['a ladder E2 climbs', true], ['E3, E2 climbs', true], ['E20 climbs', false], ['S1.20 climbs', false], ['S1.2 climbs', true]])('%j is looked for: %j', (name, expected) => {
    expect(new RegExp(patternOf(['E2', 'S1.2'])).test(name)).toBe(expected);
  });

  test('is caught by a test that is named after the requirement and passed before, by nothing else', () => {
    const outcome = (title, status, file = 'a.test.ts') => ({ titles: [title], status, file });
    const before = [outcome('E2 climbs', 'passed'), outcome('E3 waits', 'passed'), outcome('E2 is red anyway', 'failed')];
    const verdict = (...after) => verdictOn({ id: 'E2' }, { before, after });
    expect(verdict(outcome('E2 climbs', 'failed'))).toEqual({ caught: true, why: 'E2 climbs', count: 1 });
    expect(verdict(outcome('E2 climbs', 'passed'), outcome('E3 waits', 'failed'))).toEqual({ caught: false, why: 'only others failed: E3 waits' });
    expect(verdict(outcome('E2 climbs', 'passed'))).toEqual({ caught: false, why: 'every test stayed green' });
    expect(verdict(outcome('E2 is red anyway', 'failed'), outcome('E2 climbs', 'failed', 'b.test.ts')).caught).toBe(false);
    expect(verdictOn({ id: 'E9' }, { before, after: before }).why).toBe('no test named after E9 passes without the breakage');
  });
});

describe('what is claimed', () => {
  const requirements = readRequirements(root);

  test('has an acceptance check in a sentence of its own; what is only begun says what is missing', () => {
    const claimed = requirements.filter(({ acceptance }) => acceptance !== undefined);
    expect(claimed.filter(({ acceptance }) => acceptance.length < 30 || !acceptance.endsWith('.')).map(({ id }) => id)).toEqual([]);
    expect(new Set(claimed.map(({ acceptance }) => acceptance)).size).toBe(claimed.length);
    expect(begun(requirements).filter(({ id, missing }) => missing.length < 20 || !claimedIds(requirements).includes(id))).toEqual([]);
  });

  test('whole is what a run must prove, and nothing else', () => {
    expect(JSON.parse(readFileSync(join(root, 'test/requirements.json'), 'utf8'))).toEqual(wholeIds(requirements));
  });
});
