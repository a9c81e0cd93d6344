import type { Engines } from '../../dev/localEngines';
import { serviceEnvironment } from '../../dev/services';

const LOCAL: Engines = { mongodbUri: 'mongodb://127.0.0.1/cro', mongodbAdminUri: 'mongodb://admin@127.0.0.1/cro', temporalAddress: '127.0.0.1:7233', temporalUiUrl: 'http://127.0.0.1:8233' };
const environment = (env: Readonly<Record<string, string>>, engines: Engines = LOCAL): Readonly<Record<string, string | undefined>> =>
  serviceEnvironment({ env, engines, mailbox: undefined, options: { demo: true, port: 8080 }, dataDir: '/data', keysFile: '/data/keys.json' });

const OTHERS = { TEMPORAL_NAMESPACE: 'ours.abc12', TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'true', TEMPORAL_PROFILE: 'work' };

test('settings for another Temporal do not reach a local one; the task queue does', () => {
  const env = environment({ ...OTHERS, TEMPORAL_TASK_QUEUE: 'mine' });
  expect(Object.keys(env).filter((name) => name.startsWith('TEMPORAL_')).sort()).toEqual(['TEMPORAL_ADDRESS', 'TEMPORAL_TASK_QUEUE']);
});

test('an existing Temporal gets all of its settings', () => {
  expect(environment(OTHERS, { ...LOCAL, temporalAddress: 'elsewhere:7233', temporalUiUrl: undefined })).toMatchObject({ ...OTHERS, TEMPORAL_ADDRESS: 'elsewhere:7233' });
});

test('the administrator of the records reaches no service', () => {
  expect(Object.values(environment({ MONGODB_ADMIN_URI: 'secret', MONGODB_ADMIN_URI_FILE: 'secret' }))).not.toContain('secret');
});
