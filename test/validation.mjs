import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BREAKAGES } from './breakages/list.mjs';
import { idsOf, titlesIn } from './runner/table.mjs';

// npm run validation: writes docs/validation.md anew from docs/requirements.json and the names of the tests.
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const FILE = join(root, 'docs/validation.md');
const START = '<!-- From here on written by `npm run validation`. -->';

/** What docs/validation.md has to say now. Throws when a test names a requirement that nobody has written down. */
export function renderValidation() {
  const requirements = JSON.parse(readFileSync(join(root, 'docs/requirements.json'), 'utf8'));
  const proofs = testFiles().flatMap((file) => titlesIn(readFileSync(join(root, file), 'utf8')).flatMap((title) => idsOf([title]).map((id) => ({ id, file, title }))));
  const known = new Set(requirements.map(({ id }) => id));
  const strangers = [...new Set(proofs.map(({ id }) => id).filter((id) => !known.has(id)))];
  if (strangers.length > 0) throw new Error(`tests name requirements that docs/requirements.json does not have: ${strangers.join(', ')}`);
  const planted = new Map();
  for (const { id } of BREAKAGES) planted.set(id, (planted.get(id) ?? 0) + 1);
  const rows = requirements.map((requirement) => ({ ...requirement, proofs: proofs.filter(({ id }) => id === requirement.id), faults: planted.get(requirement.id) ?? 0 }));
  const isProven = ({ acceptance, partly, proofs: mine, faults }) => acceptance !== undefined && partly === undefined && mine.length > 0 && faults > 0;
  const isBegun = (row) => !isProven(row) && row.proofs.length > 0;
  const [proven, begun, open] = [rows.filter(isProven), rows.filter(isBegun), rows.filter((row) => row.proofs.length === 0)];
  const lines = [
    START, '', '## Traceability', '', `${proven.length} of ${rows.length} requirements are proven: the acceptance check is met by the tests that are named, and taking a rule away (the count beside) turned one of them red.`, '',
    '| requirement | | acceptance check | planted faults | proven by |', '|---|---|---|---|---|',
    ...proven.map(({ id, title, acceptance, faults, proofs: mine }) => `| ${id} | ${cell(title)} | ${cell(acceptance)} | ${faults} | ${byFile(mine)} |`), '',
    '## Begun', '', `${begun.length} are only begun: tests are named after them, and the acceptance check is not met. The product must not be relied on for them.`, '',
    '| requirement | | acceptance check | missing | tested so far |', '|---|---|---|---|---|',
    ...begun.map(({ id, title, acceptance = '', partly, faults, proofs: mine }) => `| ${id} | ${cell(title)} | ${cell(acceptance)} | ${cell(partly ?? (acceptance === '' ? 'nothing is claimed yet' : faults === 0 ? 'no fault was ever planted' : ''))} | ${byFile(mine)} |`), '',
    '## Not proven yet', '', 'No test is named after these; the product must not be used for them.', '',
    ...open.map(({ id, title }) => `- ${id} ${title}`), '',
  ];
  return `${readFileSync(FILE, 'utf8').split(START)[0]}${lines.join('\n')}`;
}

function byFile(proofs) {
  const files = [...new Set(proofs.map(({ file }) => file))];
  return files.map((file) => {
    const titles = proofs.filter((proof) => proof.file === file).map(({ title }) => cell(title));
    return `\`${file.replace(/^test\//, '')}\`: ${titles.join('; ')}`;
  }).join('<br>');
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function testFiles() {
  const names = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.test\.(ts|mjs)$/.test(name));
  // Its titles are examples of titles.
  return names.filter((name) => name !== 'dev/runner.test.mjs').sort().map((name) => `test/${name}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, renderValidation());
