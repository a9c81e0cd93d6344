import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigError, loadConfig, type Environment } from '../../platform/config';

const complete: Environment = {
  MONGODB_URI: 'mongodb://app:s3cret@127.0.0.1:27017/cro?replicaSet=rs0',
  SMTP_URL: 'smtp://127.0.0.1:2525',
  MAIL_FROM: 'Oversight <oversight@example.org>',
  CRO_KEYS_FILE: '/etc/cro/keys.json',
};

function problemsOf(env: Environment): Record<string, string> {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map((p) => [p.variable, p.expected]));
    throw error;
  }
  return {};
}

describe('configuration', () => {
  let dir: string;
  beforeAll(() => { dir = mkdtempSync(path.join(tmpdir(), 'config-')); });
  afterAll(() => { rmSync(dir, { recursive: true }); });
  const file = (name: string, content: string): string => {
    const full = path.join(dir, name);
    writeFileSync(full, content);
    return full;
  };

  test('defaults fill what is not given', () => {
    expect(loadConfig(complete)).toMatchObject({
      host: '127.0.0.1', port: 8080, publicUrl: 'http://127.0.0.1:8080', temporalTaskQueue: 'oversight',
      logLevel: 'info', nodeEnv: 'development', demo: false, mongodbAdminUri: undefined, mailboxUrl: undefined,
      temporal: { namespace: 'default' },
    });
  });

  test('every problem is reported at once, by name and without values', () => {
    const env = { MONGODB_URI: 'postgres://app:s3cret@db', PORT: '80800', LOG_LEVEL: 'loud', TEMPORAL_TLS: 'yes', MAILBOX_URL: 'not a url' };
    expect(Object.keys(problemsOf(env)).sort()).toEqual(
      ['CRO_KEYS_FILE', 'LOG_LEVEL', 'MAILBOX_URL', 'MAIL_FROM', 'MONGODB_URI', 'PORT', 'SMTP_URL', 'TEMPORAL_TLS'],
    );
    expect(() => loadConfig(env)).toThrow(/CRO_KEYS_FILE: is missing: the path of the key ring file/);
    expect(() => loadConfig(env)).not.toThrow(/s3cret|loud|80800/);
  });

  test('B11 P17 how large evidence may be and how long it is kept', () => {
    expect(loadConfig(complete).evidence).toMatchObject({ maxBytes: 104_857_600, retention: { trial_master_file: { years: 25 }, operational: { years: 5 } } });
    const { maxBytes, retention } = loadConfig({ ...complete, CRO_EVIDENCE_MAX_MB: '1', CRO_RETENTION_YEARS: 'operational=7, trial_master_file=30' }).evidence;
    expect([maxBytes, retention.operational.years, retention.quality_record.years, retention.trial_master_file.years]).toEqual([1_048_576, 7, 15, 30]);
    for (const wrong of ['operational', 'operational=0', 'operational=7;quality_record=8', 'everything=3', 'operational=101', '__proto__=3']) expect(problemsOf({ ...complete, CRO_RETENTION_YEARS: wrong })).toHaveProperty('CRO_RETENTION_YEARS');
    for (const wrong of ['0', '1025', '1.5', 'ten']) expect(problemsOf({ ...complete, CRO_EVIDENCE_MAX_MB: wrong })).toHaveProperty('CRO_EVIDENCE_MAX_MB');
  });

  test('an empty value counts as not given', () => {
    expect(loadConfig({ ...complete, PORT: '', MONGODB_ADMIN_URI: ' ' })).toMatchObject({ port: 8080, mongodbAdminUri: undefined });
    expect(problemsOf({ ...complete, SMTP_URL: '' })).toEqual({ SMTP_URL: 'is missing: an smtp:// or smtps:// address' });
  });

  test('secrets may come from files', () => {
    const { MONGODB_URI, ...rest } = complete;
    const config = loadConfig({ ...rest, MONGODB_URI_FILE: file('uri', `${String(MONGODB_URI)}\n`), TEMPORAL_API_KEY_FILE: file('key', 'k-1\n') });
    expect(config.mongodbUri).toBe(MONGODB_URI);
    expect(config.temporal.connection.apiKey).toBe('k-1');
  });

  test('a secret given twice, or in a file that is absent or empty, is a problem of the file variable', () => {
    const env = { ...complete, MONGODB_URI: '', SMTP_URL: '', MONGODB_URI_FILE: path.join(dir, 'absent'), SMTP_URL_FILE: file('empty', '\n'), MONGODB_ADMIN_URI: complete['MONGODB_URI'], MONGODB_ADMIN_URI_FILE: dir };
    expect(problemsOf(env)).toEqual({
      MONGODB_URI_FILE: 'a readable file that holds MONGODB_URI',
      SMTP_URL_FILE: 'a readable file that holds SMTP_URL',
      MONGODB_ADMIN_URI_FILE: 'either MONGODB_ADMIN_URI or MONGODB_ADMIN_URI_FILE, not both',
    });
  });

  test.each(['0', '65535'])('port %s is accepted', (port) => {
    expect(loadConfig({ ...complete, PORT: port }).port).toBe(Number(port));
  });

  test.each(['65536', '-1', '80.5', 'http'])('port %s is not', (port) => {
    expect(problemsOf({ ...complete, PORT: port })).toHaveProperty('PORT');
  });

  test.each(['nobody', 'a@b\r\nBcc: c@d', '<a@b', 'a@b, c@d'])('sender %j is refused', (sender) => {
    expect(problemsOf({ ...complete, MAIL_FROM: sender })).toHaveProperty('MAIL_FROM');
  });

  test('production demands an https address that people use, except on the machine itself', () => {
    const production = { ...complete, NODE_ENV: 'production' };
    expect(problemsOf(production)).toHaveProperty('PUBLIC_URL');
    expect(problemsOf({ ...production, PUBLIC_URL: 'http://oversight.example.org' })).toHaveProperty('PUBLIC_URL');
    expect(loadConfig({ ...production, PUBLIC_URL: 'https://oversight.example.org/' }).publicUrl).toBe('https://oversight.example.org');
    expect(problemsOf({ ...production, PUBLIC_URL: 'http://127.0.0.1:8080' })).toEqual({});
  });

  test('the mailbox, which shows everybody\'s mail, is for the demo only', () => {
    const env = { ...complete, MAILBOX_URL: 'http://127.0.0.1:8025' };
    expect(problemsOf(env)).toHaveProperty('MAILBOX_URL');
    expect(loadConfig({ ...env, CRO_DEMO: '1' })).toMatchObject({ demo: true, mailboxUrl: 'http://127.0.0.1:8025' });
    expect(problemsOf({ ...complete, CRO_DEMO: 'perhaps' })).toHaveProperty('CRO_DEMO');
  });
});
