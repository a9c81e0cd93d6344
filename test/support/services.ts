import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedProcess } from '../../dev/process';
import { eventually } from './world';

const root = join(__dirname, '../..');
const READY_WITHIN_MS = 60_000;
const PATIENCE_MS = 15_000;

type Environment = Readonly<Record<string, string>>;

/** Processes of the product as an operator runs them: the built files, an environment, no supervisor. */
export interface Services {
  readonly folder: string;
  /** Runs a script of dist/ to its end; answers its exit code and what it wrote. */
  once(name: string, script: string, env: Environment): Promise<{ code: number | null; output: string }>;
  /** Starts a script of dist/; `stop` ends it as an orchestrator does and answers how it ended. */
  start(name: string, script: string, env: Environment): Service;
  /** Ends what still runs, last started first. */
  close(): Promise<void>;
}

export interface Service {
  output(): string;
  stop(): Promise<{ code: number | null; how: 'stopped' | 'killed' }>;
}

export function openServices(): Services {
  const folder = mkdtempSync(join(tmpdir(), 'cro-services-'));
  const started: ManagedProcess[] = [];
  const begin = (name: string, script: string, env: Environment) => {
    const logFile = join(folder, `${name}.log`);
    const child = new ManagedProcess({
      name, command: process.execPath, args: ['--enable-source-maps', join(root, 'dist', script)], cwd: folder,
      // Nothing of this shell: what is not given is not there. The mark lets a test run that is cut off end them.
      env: { PATH: process.env['PATH'] ?? '', CRO_TEST_RUN: process.env['CRO_TEST_RUN'] ?? '', ...env }, logFile,
    });
    child.start();
    started.push(child);
    return { child, output: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '') };
  };
  return {
    folder,
    async once(name, script, env) {
      const { child, output } = begin(name, script, env);
      const { code } = await child.ended;
      return { code, output: output() };
    },
    start(name, script, env) {
      const { child, output } = begin(name, script, env);
      return {
        output,
        async stop() {
          const { ended } = child;
          const how = await child.stop(PATIENCE_MS);
          return { code: (await ended).code, how };
        },
      };
    },
    async close() {
      for (const child of started.toReversed()) await child.stop(PATIENCE_MS);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until an address answers 200; fails with what it said last. */
export async function untilOk(url: string): Promise<void> {
  let last = 'nothing';
  await eventually(`${url} answers 200`, async () => {
    try {
      const response = await fetch(url);
      last = `${String(response.status)} ${await response.text()}`;
      return response.ok;
    } catch {
      return false;
    }
  }, READY_WITHIN_MS).catch((error: unknown) => { throw new Error(`${String(error)}; last: ${last}`); });
}
