import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');

test('S1.16 the validation notes name every test that proves a requirement, and no other', () => {
  const rendered = execFileSync(process.execPath, ['--input-type=module', '-e', "import { renderValidation } from './test/validation.mjs'; process.stdout.write(renderValidation())"], { cwd: root, encoding: 'utf8' });
  // Stale? `npm run validation` writes them anew.
  expect(readFileSync(path.join(root, 'docs/validation.md'), 'utf8')).toBe(rendered);
});

test('each requirement stands there once, in a line that says what it is', () => {
  const requirements = JSON.parse(readFileSync(path.join(root, 'docs/requirements.json'), 'utf8')) as { id: string; title: string }[];
  expect(new Set(requirements.map(({ id }) => id)).size).toBe(requirements.length);
  expect(requirements.filter(({ id, title }) => !/^([PECBQGV]\d+|S\d\.\d+)$/.test(id) || title.length < 5)).toEqual([]);
  const proven = JSON.parse(readFileSync(path.join(root, 'test/requirements.json'), 'utf8')) as string[];
  expect(proven.filter((id) => !requirements.some((requirement) => requirement.id === id))).toEqual([]);
});
