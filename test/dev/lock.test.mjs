import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasOrphans, identify, takeLock } from '../../dev/start/lock.mjs';

let folder;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cro-lock-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const living = (lives) => (pid) => lives[pid];

test('a second instance is refused in a sentence while the first lives', () => {
  const release = takeLock(folder, { pid: 11, identify: living({ 11: 'a', 12: 'b' }) });
  expect(() => takeLock(folder, { pid: 12, identify: living({ 11: 'a', 12: 'b' }) })).toThrow(/Another instance \(process 11\) already uses .*: stop it with Ctrl-C, or .*CRO_DATA_DIR/);
  release();
  expect(existsSync(join(folder, 'lock.json'))).toBe(false);
});

test('a lock is taken over when its process is gone, or its id belongs to another process now', () => {
  takeLock(folder, { pid: 11, identify: living({ 11: 'a' }) });
  takeLock(folder, { pid: 12, identify: living({ 12: 'b' }) });
  takeLock(folder, { pid: 13, identify: living({ 12: 'reused', 13: 'c' }) });
  expect(JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8')).pid).toBe(13);
});

test('a lock file that was cut off in writing does not block for ever', () => {
  writeFileSync(join(folder, 'lock.json'), '{"pid":');
  expect(() => takeLock(folder)).not.toThrow();
});

test('an instance whose lock was taken over does not remove its successor\'s', () => {
  const release = takeLock(folder, { pid: 11, identify: living({ 11: 'a' }) });
  takeLock(folder, { pid: 12, identify: living({ 12: 'b' }) });
  release();
  expect(existsSync(join(folder, 'lock.json'))).toBe(true);
});

test('a process is identified while it lives, always alike, and not afterwards', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const identity = identify(child.pid);
  expect(identity).toBeDefined();
  expect(identify(child.pid)).toBe(identity);
  expect(identity).not.toBe(identify(process.pid));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  expect(identify(child.pid)).toBeUndefined();
});

test('processes of an earlier start are found by their start time, not by their id alone', () => {
  expect(hasOrphans(folder)).toBe(false);
  writeFileSync(join(folder, 'pids.json'), JSON.stringify([{ name: 'api', pid: 11, identity: 'a' }]));
  expect(hasOrphans(folder, living({ 11: 'a' }))).toBe(true);
  expect(hasOrphans(folder, living({ 11: 'reused' }))).toBe(false);
  expect(hasOrphans(folder, living({}))).toBe(false);
});
