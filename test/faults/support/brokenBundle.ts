import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

/** A line of the shell, and what a careless release would have instead. */
export interface Breakage {
  readonly line: string;
  readonly instead: string;
}

const ROOT = path.join(__dirname, '../../..');
const ROOMS = ['contracts', 'domain', 'workflows'];

/** Workflow code with one place of the shell replaced. Throws when the place is not there exactly once: the shell has changed, adapt the breakage. */
export async function brokenBundle({ line, instead }: Breakage): Promise<{ readonly codePath: string; discard(): Promise<void> }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-broken-'));
  for (const room of ROOMS) cpSync(path.join(ROOT, room), path.join(folder, room), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const shell = path.join(folder, 'workflows/support/entity.ts');
  const parts = readFileSync(shell, 'utf8').split(line);
  if (parts.length !== 2) throw new Error(`the shell has ${parts.length - 1} times, not once: ${line}`);
  writeFileSync(shell, parts.join(instead));
  const quiet = () => undefined;
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(folder, 'workflows/index.ts'),
    workflowInterceptorModules: [path.join(folder, 'workflows/interceptors.ts')],
    failureConverterPath: path.join(folder, 'contracts/failureConverter.ts'),
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: console.error },
  });
  const codePath = path.join(folder, 'bundle.js');
  writeFileSync(codePath, code);
  return { codePath, discard: () => rm(folder, { recursive: true, force: true }) };
}
