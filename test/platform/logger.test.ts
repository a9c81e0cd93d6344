import { Writable } from 'node:stream';
import { createLogger, temporalLogger } from '../../platform/logger';

function capture(level: 'trace' | 'info' = 'trace') {
  const lines: string[] = [];
  const destination = new Writable({ write(chunk, _encoding, done) { lines.push(String(chunk)); done(); } });
  const logger = createLogger({ name: 'test', level, destination });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;
  return { logger, lines, last };
}

const SECRET = 'hunter2-hunter2';

describe('logger', () => {
  test('lines are JSON with level name, UTC time and the child\'s fields', () => {
    const { logger, last, lines } = capture();
    logger.child({ recordId: 'escalation/1' }).warn({ rev: 3 }, 'late');
    expect(last()).toMatchObject({ level: 'warn', name: 'test', recordId: 'escalation/1', rev: 3, msg: 'late' });
    expect(last()['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(lines[0]).toMatch(/^[^\n]+\n$/);
  });

  test.each([
    ['a password', { password: SECRET }],
    ['a nested token', { body: { deep: { er: [{ accessToken: SECRET }] } } }],
    ['request headers', { req: { headers: { authorization: `Bearer ${SECRET}`, cookie: `sid=${SECRET}`, 'x-csrf-token': SECRET } } }],
    ['response headers', { res: { headers: { 'set-cookie': [`sid=${SECRET}; HttpOnly`] } } }],
    ['an object under a secret name', { credentials: { user: 'u', pass: SECRET } }],
    ['a connection string', { uri: `mongodb://app:${SECRET}@db:27017/cro` }],
    ['an error with a connection string', { err: new Error(`connect mongodb+srv://app:${SECRET}@db failed`) }],
    ['an error\'s own field', { err: Object.assign(new Error('no'), { options: { apiKey: SECRET } }) }],
    ['a numeric secret', { token: 123_456_789_012_345 }],
  ])('%s is redacted', (_name, fields) => {
    const { logger, lines } = capture();
    logger.error(fields, 'message');
    expect(lines.join('')).not.toMatch(new RegExp(`${SECRET}|123456789012345`));
    expect(lines.join('')).toContain('[redacted]');
  });

  test.each([
    `smtp://user:${SECRET}@mail.example.org refused`,
    `smtp://user:${SECRET}p@ss@mail.example.org refused`,
    `got Authorization: Bearer ${SECRET}`,
    `login with password=${SECRET}&x=1`,
    `body was {"token":"${SECRET}","a":1}`,
  ])('a message is redacted: %s', (message) => {
    const { logger, lines } = capture();
    logger.info(message);
    expect(lines.join('')).not.toContain(SECRET);
    expect(lines).toHaveLength(1);
  });

  test('fields bound to a child are redacted', () => {
    const { logger, lines } = capture();
    logger.child({ sessionToken: SECRET }).info('hello');
    expect(lines.join('')).not.toContain(SECRET);
  });

  test('ordinary content is left alone', () => {
    const { logger, last } = capture();
    const fields = { url: 'http://127.0.0.1:8080/api?x=1', mail: 'a@example.org', idempotencyKey: 'k', tokenCount: 3, hasToken: true };
    logger.info(fields, 'https://example.org/@team and a basic understanding');
    expect(last()).toMatchObject({ ...fields, msg: 'https://example.org/@team and a basic understanding' });
  });

  test('lines below the level are not written', () => {
    const { logger, lines } = capture('info');
    logger.debug('quiet');
    expect(lines).toEqual([]);
  });

  test('Temporal\'s levels, fields and errors arrive', () => {
    const { logger, last, lines } = capture();
    const adapter = temporalLogger(logger);
    adapter.log('WARN', 'slow', { workflowId: 'escalation/1', taskToken: 'dG9rZW4=', [Symbol('time')]: 1n });
    expect(last()).toMatchObject({ level: 'warn', msg: 'slow', workflowId: 'escalation/1', taskToken: '[redacted]' });
    adapter.error('failed', { error: new TypeError('boom') });
    expect(last()).toMatchObject({ level: 'error', err: { type: 'TypeError', message: 'boom' } });
    adapter.trace('t');
    adapter.debug('d');
    adapter.info('i');
    adapter.warn('w');
    expect(lines.slice(-4).map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['trace', 'debug', 'info', 'warn']);
  });
});
