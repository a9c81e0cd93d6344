import { chmodSync, mkdirSync, mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeToOthers, keepToOurselves } from '../../dev/start/modes.mjs';

const modeOf = (path) => (statSync(path).mode & 0o777).toString(8);

test('P3 what an earlier start left open to others in the data folder is closed: 600 and 700 throughout, links are not followed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cro-modes-'));
  const outside = join(mkdtempSync(join(tmpdir(), 'cro-modes-')), 'not-ours');
  writeFileSync(outside, '');
  for (const name of ['logs', 'mongo', 'mail']) mkdirSync(join(folder, name), { mode: 0o755 });
  const files = ['logs/api.log', 'mongo/WiredTiger', 'mail/1.eml', 'lock.json'].map((name) => join(folder, name));
  for (const file of files) writeFileSync(file, 'x');
  for (const file of files) chmodSync(file, 0o644);
  chmodSync(outside, 0o644);
  chmodSync(join(folder, 'mongo'), 0o777);
  symlinkSync(outside, join(folder, 'link'));
  expect(closeToOthers(folder)).toBeGreaterThanOrEqual(files.length);
  expect(files.map(modeOf)).toEqual(files.map(() => '600'));
  expect(['', 'logs', 'mongo', 'mail'].map((name) => modeOf(join(folder, name)))).toEqual(['700', '700', '700', '700']);
  expect(modeOf(outside)).toBe('644');
  expect(closeToOthers(folder)).toBe(0);
  expect(closeToOthers(join(folder, 'gone'))).toBe(0);
});

test('P3 what a start makes is its own alone', () => {
  const before = process.umask();
  try {
    keepToOurselves();
    const folder = join(mkdtempSync(join(tmpdir(), 'cro-modes-')), 'made');
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), '');
    expect([folder, join(folder, 'file')].map(modeOf)).toEqual(['700', '600']);
  } finally {
    process.umask(before);
  }
});
