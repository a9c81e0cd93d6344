/** Requirement ids at the beginning of a title: `E5, P1 four business hours …`. */
const ID = '(?:[PECBQGV]\\d+|S\\d\\.\\d+)';
const LEADING_IDS = new RegExp(`^(?:${ID}(?:\\s*,\\s*|\\s+(?=${ID}\\b)))*${ID}\\b`);

/** Ids that a test proves: those that its own title or a group around it begins with. */
export function idsOf(titles) {
  const found = titles.flatMap((title) => LEADING_IDS.exec(title)?.[0].match(new RegExp(ID, 'g')) ?? []);
  return [...new Set(found)];
}

/** Flat list of outcomes out of jest's JSON reports. A file that could not run counts as one failed test. */
export function outcomesOf(reports) {
  return reports.flatMap((report) =>
    report.testResults.flatMap((file) => {
      const tests = file.assertionResults.map((test) => ({
        titles: [...test.ancestorTitles, test.title],
        status: test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped',
        file: file.name,
      }));
      const broken = file.status === 'failed' && !tests.some((test) => test.status === 'failed');
      return broken ? [...tests, { titles: [`${file.name} could not run`], status: 'failed', file: file.name }] : tests;
    }),
  );
}

/** Titles out of a test file's text, for files that were not run: good enough to name ids. */
export function titlesIn(source) {
  const found = source.matchAll(/\b(?:describe|it|test)(?:\.\w+)*(?:\([^'"`]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g);
  return [...found].map(([, quote, title]) => title.replaceAll(`\\${quote}`, quote));
}

/**
 * The closing table, one line per required id, and what the run is missing.
 * @param {{ required: string[], begun?: { id: string, missing: string }[], outcomes: ReturnType<typeof outcomesOf>, unrun: { titles: string[], reason: string }[] }} run
 *   `begun`: listed apart, they prove nothing; `unrun`: tests that were not started, with the tool that is missing
 */
export function requirementTable({ required, begun = [], outcomes, unrun }) {
  const rowOf = (id) => {
    const mine = outcomes.filter((test) => idsOf(test.titles).includes(id));
    const count = (status) => mine.filter((test) => test.status === status).length;
    const reasons = [...mine.filter((test) => test.status === 'skipped').map(reasonOf), ...unrun.filter((test) => idsOf(test.titles).includes(id)).map((test) => test.reason)];
    return { id, tests: mine.length, passed: count('passed'), failed: count('failed'), skipped: count('skipped'), reasons: [...new Set(reasons)] };
  };
  const rows = required.map(rowOf);
  const missing = rows.filter((row) => row.passed === 0);
  const lines = [
    'requirement  tests  passed  failed  skipped',
    ...rows.map((row) => line(row, row.passed === 0 ? notExecuted(row) : '')),
    ...begun.map(({ id, missing: what }) => line(rowOf(id), `begun, not proven: ${what}`)),
  ];
  return { lines, missing: missing.map((row) => row.id) };
}

function line({ id, tests, passed, failed, skipped }, remark) {
  return [id.padEnd(11), ...[tests, passed, failed, skipped].map((n, i) => String(n).padStart([5, 6, 6, 7][i])), remark].join('  ').trimEnd();
}

/** One line per skipped test. `needs()` in test/support puts the reason into the title. */
export function skippedLines(outcomes) {
  return outcomes.filter((test) => test.status === 'skipped').map((test) => `skipped: ${test.titles.join(' › ').replace(/ \(skipped: .*\)$/, '')}: ${reasonOf(test)}`);
}

/** `N passed, N failed, N skipped` */
export function totalLine(outcomes) {
  const count = (status) => outcomes.filter((test) => test.status === status).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

function reasonOf(test) {
  return / \(skipped: (.*)\)$/.exec(test.titles.at(-1))?.[1] ?? 'no reason given';
}

function notExecuted(row) {
  if (row.failed > 0) return 'FAILED';
  return row.reasons.length > 0 ? `NOT EXECUTED: ${row.reasons.join('; ')}` : 'NOT EXECUTED: no test is named after it';
}
