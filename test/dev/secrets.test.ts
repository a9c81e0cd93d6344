import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openKeyRing } from '../../platform/keyRing';
import { localKeyRing, localSecrets } from '../../dev/secrets';
import { serviceEnvironment } from '../../dev/services';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cro-secrets-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

test('passwords are made once, at random, for the owner\'s eyes only', () => {
  const made = localSecrets(folder);
  expect(localSecrets(folder)).toEqual(made);
  expect(made.mongodbAdminPassword).not.toBe(made.mongodbApplicationPassword);
  expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('a database whose passwords are gone or unreadable is a sentence, never a new password', () => {
  mkdirSync(join(folder, 'mongo', 'db'), { recursive: true });
  writeFileSync(join(folder, 'mongo', 'db', 'WiredTiger'), '');
  expect(() => localSecrets(folder)).toThrow(/secrets\.json is missing although the database is there: put it back, or start afresh with `npm start -- --reset`/);
  writeFileSync(join(folder, 'secrets.json'), '{"mongodbAdminPassword":"short"}');
  expect(() => localSecrets(folder)).toThrow(/cannot be read as passwords/);
});

test('the key ring is made once and opens', () => {
  const file = localKeyRing(folder);
  const first = openKeyRing(file).active.id;
  expect(openKeyRing(localKeyRing(folder)).active.id).toBe(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('worker and API never get the administrator\'s connection string', () => {
  const env = serviceEnvironment({
    env: { MONGODB_ADMIN_URI: 'mongodb://root:secret@elsewhere', MONGODB_ADMIN_URI_FILE: '/run/secret', PATH: '/bin' },
    engines: { mongodbUri: 'mongodb://app@elsewhere/cro', mongodbAdminUri: 'mongodb://root:secret@elsewhere', temporalAddress: 'elsewhere:7233', temporalUiUrl: undefined },
    mailbox: undefined,
    options: { demo: false, port: 8090 },
    dataDir: folder,
    keysFile: '/keys.json',
  });
  expect(JSON.stringify(env)).not.toContain('root');
  expect(env).toMatchObject({ MONGODB_URI: 'mongodb://app@elsewhere/cro', TEMPORAL_ADDRESS: 'elsewhere:7233', PORT: '8090', PUBLIC_URL: 'http://127.0.0.1:8090', PATH: '/bin' });
  expect(env).not.toHaveProperty('CRO_DEMO');
});
