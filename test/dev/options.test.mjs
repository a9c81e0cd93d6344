import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { USAGE, environmentOf, parseOptions } from '../../dev/start/options.mjs';

test('without options the demo starts on port 8080, or on PORT', () => {
  expect(parseOptions([])).toEqual({ help: false, reset: false, demo: true, port: 8080, without: [] });
  expect(parseOptions([], { PORT: '9000' }).port).toBe(9000);
  expect(parseOptions(['--port', '9100'], { PORT: '9000' }).port).toBe(9100);
});

test('every option is understood, with a space or with =', () => {
  expect(parseOptions(['--reset', '--port=8081', '--no-demo', '--without', 'worker', '--without=api', '--help'])).toEqual({ help: true, reset: true, demo: false, port: 8081, without: ['worker', 'api'] });
});

test.each([
  [['--prot', '1'], /"--prot" is not an option .*--help/],
  [['extra'], /"extra" is not an option/],
  [['--port'], /--port needs a port number/],
  [['--port', '0'], /1 to 65535/],
  [['--port', '70000'], /1 to 65535/],
  [['--port', '80a'], /1 to 65535/],
  [['--without', 'mongod'], /one of: worker, api/],
  [['--without'], /one of: worker, api/],
])('%j is refused in a sentence, with exit code 2', (argv, sentence) => {
  expect(() => parseOptions(argv)).toThrow(expect.objectContaining({ name: 'Refused', exitCode: 2, message: expect.stringMatching(sentence) }));
});

test('the usage names every option', () => {
  for (const option of ['--port', '--no-demo', '--without', '--reset', '--help', 'MONGODB_URI', 'TEMPORAL_ADDRESS']) expect(USAGE).toContain(option);
});

test('an engine may be named by a file; one that cannot be read is a sentence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cro-options-'));
  const file = join(folder, 'uri');
  writeFileSync(file, 'mongodb://elsewhere/cro\n');
  expect(environmentOf({ MONGODB_URI_FILE: file, HOME: '/h' })).toEqual({ MONGODB_URI: 'mongodb://elsewhere/cro', HOME: '/h' });
  expect(() => environmentOf({ SMTP_URL_FILE: join(folder, 'none') })).toThrow(expect.objectContaining({ name: 'Refused', message: expect.stringMatching(/^SMTP_URL_FILE names .*none, which cannot be read \(ENOENT\)/) }));
  // Both at once is for the configuration to refuse, which names every such contradiction.
  expect(environmentOf({ MONGODB_URI: 'a', MONGODB_URI_FILE: file })).toEqual({ MONGODB_URI: 'a', MONGODB_URI_FILE: file });
  rmSync(folder, { recursive: true, force: true });
});
