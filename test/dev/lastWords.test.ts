import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { lastWords } from '../../dev/lastWords';
import { exitOnConfigError } from '../../platform/configExit';

describe('the last words of a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cro-words-'));
  const file = join(folder, 'worker.log');
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  test.each([
    ['a line', 'first\nMONGODB_URI: is missing\n', 'MONGODB_URI: is missing'],
    ['what was thrown, not where', "Error: no bundle\n    at main (/dist/worker/main.js:1:1)\n\nNode.js v20.20.2\n", 'Error: no bundle'],
    ['message and error of a structured line', '{"level":"info","msg":"starts"}\n{"level":"fatal","err":{"message":"no such namespace"},"msg":"the worker failed"}\n', 'the worker failed: no such namespace'],
    ['nothing', '\n', 'it said nothing'],
  ])('%s', (_what, log, words) => {
    writeFileSync(file, log);
    expect(lastWords(file)).toBe(words);
  });

  test('of one that threw at its start are the reason, not the last line of its state', () => {
    const reason = new Error('connect ECONNREFUSED 127.0.0.1:1');
    const wrong = Object.assign(new Error('the server\n  cannot be reached', { cause: reason }), { metadata: { options: {} } });
    const said: string[] = [];
    const spy = jest.spyOn(console, 'error').mockImplementation((...words: unknown[]) => { said.push(words.map((word) => (typeof word === 'string' ? word : inspect(word))).join(' ')); });
    exitOnConfigError(wrong);
    spy.mockRestore();
    process.exitCode = undefined;
    writeFileSync(file, `${said.join('\n')}\n`);
    expect(lastWords(file)).toBe('Error: the server cannot be reached; Error: connect ECONNREFUSED 127.0.0.1:1');
  });

  test('of one that never wrote', () => {
    expect(lastWords(join(folder, 'none.log'))).toBe('it said nothing');
  });
});
