import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastWords } from '../../dev/lastWords';

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

  test('of one that never wrote', () => {
    expect(lastWords(join(folder, 'none.log'))).toBe('it said nothing');
  });
});
