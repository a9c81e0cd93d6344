import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { VOUCHED } from '../../store/vouching';

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

it('P2 the table of what vouches for what names every collection once, and says why where nobody does', () => {
  const rows = readFileSync(path.join(root, 'docs/validation.md'), 'utf8').split('<!--')[0]?.split('\n').filter((line) => line.startsWith('| `')) ?? [];
  const said = rows.flatMap((row) => {
    const [, names = '', by = ''] = row.split('|');
    return [...names.matchAll(/`(\w+)`/gu)].map(([, name = '']): [string, string] => [name, by.trim()]);
  });
  expect(said.map(([name]) => name).toSorted()).toEqual(Object.keys(VOUCHED).toSorted());
  for (const [name, by] of said) {
    const vouching = VOUCHED[name as keyof typeof VOUCHED];
    if (typeof vouching === 'object') expect([name, by]).toEqual([name, `nobody: ${vouching.nobody}`]);
    else expect([name, by.startsWith('nobody')]).toEqual([name, false]);
  }
});
