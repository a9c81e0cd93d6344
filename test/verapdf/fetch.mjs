// Fetches veraPDF with Maven, once per user: `node test/verapdf/fetch.mjs`. Each file is held against test/verapdf/jars.sha256.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultOf, verapdfFolder } from './jars.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = verapdfFolder();
if (faultOf(folder) === undefined) process.exit(0);
mkdirSync(path.dirname(folder), { recursive: true });
const staging = mkdtempSync(path.join(path.dirname(folder), '.verapdf-'));
try {
  const { status, error } = spawnSync('mvn', ['-B', '-q', '-f', path.join(here, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${staging}`], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`mvn: ${error?.message ?? `exit ${status}`}`);
  const fault = faultOf(staging);
  if (fault !== undefined) throw new Error(fault);
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  renameSync(staging, folder);
} catch (error) {
  rmSync(staging, { recursive: true, force: true });
  console.error(`veraPDF could not be fetched: ${error.message}`);
  process.exitCode = 1;
}
