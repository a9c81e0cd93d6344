import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureDependencies } from './start/build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stdout.write(`${line}\n`);
try {
  await ensureDependencies({ root, say });
  await ensureBuilt({ root, say });
} catch (error) {
  process.stderr.write(`${error?.name === 'Refused' ? error.message : (error?.stack ?? error)}\n`);
  process.exitCode = 1;
}
