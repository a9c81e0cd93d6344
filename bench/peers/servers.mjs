import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep } from './case.mjs';

/** A free port on 127.0.0.1. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

/** Where Debian keeps PostgreSQL's programs; undefined when it is not installed. */
function postgresFolder() {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const version = readdirSync(root).toSorted((a, b) => Number(b) - Number(a)).find((name) => existsSync(join(root, name, 'bin/initdb')));
  return version && join(root, version, 'bin');
}

/** PostgreSQL refuses to run as root. */
const asUser = (command, args) => (process.getuid() === 0 ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args]);

/** A PostgreSQL of its own with fsync on. `undefined` when it is not installed. */
export async function startPostgres() {
  const bin = postgresFolder();
  if (!bin) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'peers-pg-'));
  chmodSync(folder, 0o777);
  const port = await freePort();
  const [init, initArgs] = asUser(join(bin, 'initdb'), ['-D', join(folder, 'data'), '-A', 'trust', '-U', 'postgres', '--no-instructions']);
  execFileSync(init, initArgs, { stdio: 'ignore', cwd: '/' });
  const [run, args] = asUser(join(bin, 'postgres'), ['-D', join(folder, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'max_connections=200']);
  const child = spawn(run, args, { stdio: 'ignore', cwd: '/' });
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  await untilListening(port, child);
  return { url, version: execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).trim(), stop: () => stop(child, folder) };
}

/** A Redis of its own with an append-only file, synced as `fsync` says: `always` or `everysec`. */
export async function startRedis(fsync) {
  const binary = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((file) => existsSync(file));
  if (!binary) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'peers-redis-'));
  const port = await freePort();
  mkdirSync(join(folder, 'data'));
  const child = spawn(binary, ['--port', String(port), '--bind', '127.0.0.1', '--dir', join(folder, 'data'), '--appendonly', 'yes', '--appendfsync', fsync, '--save', '', '--maxmemory-policy', 'noeviction'], { stdio: 'ignore' });
  await untilListening(port, child);
  return { host: '127.0.0.1', port, version: execFileSync(binary, ['--version'], { encoding: 'utf8' }).split(' ').slice(0, 3).join(' '), stop: () => stop(child, folder) };
}

async function untilListening(port, child) {
  const { connect } = await import('node:net');
  for (let tries = 0; tries < 150; tries += 1) {
    if (child.exitCode !== null) throw new Error('a server ended while starting');
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => { resolve(false); });
    });
    if (open) return sleep(300);
    await sleep(100);
  }
  throw new Error('a server did not start');
}

async function stop(child, folder) {
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  child.kill('SIGINT');
  await Promise.race([ended, sleep(10_000)]);
  if (child.exitCode === null) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
