import { spawn } from 'node:child_process';
import { killLeftovers, mark } from '../runner/leftovers.mjs';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('what a cut-off test left running is ended, and nothing else', async () => {
  const forever = ['-e', 'setInterval(() => {}, 1000)'];
  const ours = spawn(process.execPath, forever, { env: { ...process.env, ...mark('this-run') } });
  const theirs = spawn(process.execPath, forever, { env: { ...process.env, ...mark('another-run') } });
  const ended = new Promise((resolve) => ours.once('exit', (_code, signal) => resolve(signal)));
  await Promise.all([ours, theirs].map((child) => new Promise((resolve) => child.once('spawn', resolve))));
  expect(killLeftovers('this-run')).toHaveLength(1);
  expect(await ended).toBe('SIGKILL');
  expect(theirs.exitCode ?? theirs.signalCode).toBeNull();
  theirs.kill('SIGKILL');
});
