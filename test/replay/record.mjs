import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureDependencies } from '../../dev/start/build.mjs';
import { startEngines } from '../runner/engines.mjs';

// npm run record:histories -- <version> [scenario …]: engines, then record.ts by jest. Without a version: the traces of what is kept.
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const say = (line) => process.stdout.write(`${line}\n`);
const [version, ...scenarios] = process.argv.slice(2);
await ensureDependencies({ root, say });
await ensureBuilt({ root, say });
const { projects } = createRequire(import.meta.url)('../../jest.config.cjs');
const config = { ...projects.find((project) => project.displayName === 'replay'), testMatch: ['<rootDir>/test/replay/record.ts'] };
const engines = version === undefined ? undefined : await startEngines({ root, needed: ['mongod', 'temporal'], say, interrupted: () => false });
try {
  const env = { ...process.env, ...engines?.env, ...(version === undefined ? {} : { HISTORY_VERSION: version, HISTORY_SCENARIOS: scenarios.join(',') }) };
  const jest = spawn(process.execPath, ['node_modules/jest/bin/jest.js', '--config', JSON.stringify(config), '--runInBand'], { cwd: root, stdio: 'inherit', env });
  const [code] = await once(jest, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await engines?.stop();
}
