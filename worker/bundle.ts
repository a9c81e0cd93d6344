import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { failureConverterPath } from '../platform/dataConverter';

/** The workflow sandbox's code, built once: a worker that finds no bundle must fail, not build another. */
export async function bundleWorkflows(outFile: string): Promise<{ readonly bytes: number }> {
  const quiet = () => undefined;
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    workflowInterceptorModules: [require.resolve('../workflows/interceptors')],
    failureConverterPath,
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: console.warn, error: console.error },
  });
  await writeFile(outFile, code);
  return { bytes: code.length };
}

/** Beside the built code. */
export const BUNDLE_FILE = path.join(__dirname, '..', 'workflow-bundle.js');

if (require.main === module) {
  bundleWorkflows(BUNDLE_FILE).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
