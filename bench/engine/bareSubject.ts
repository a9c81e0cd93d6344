import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import { freshStore } from '../../test/support/mongo';
import type { BarePlan } from './bare/worker';
import { residentKib, startChild, type Child } from './children';
import { CASE, type Subject, type WrittenNotice } from './subject';

/** The bare workflow's bundle, built once. */
export async function bareBundle(): Promise<{ code: string }> {
  const quiet = () => undefined;
  return bundleWorkflowCode({ workflowsPath: path.join(__dirname, 'bare', 'workflows.ts'), logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: console.error } });
}

/** Temporal without a product: what the ratios are against. */
export async function openBare(temporalAddress: string): Promise<Subject> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-bench-'));
  const bundle = path.join(folder, 'bundle.js');
  writeFileSync(bundle, (await bareBundle()).code);
  const fresh = await freshStore();
  const taskQueue = `bare-${randomUUID()}`;
  const plan: BarePlan = { temporalAddress, taskQueue, mongodbUri: fresh.uri, bundle };
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  let worker: Child | undefined;
  return {
    name: 'bare Temporal',
    async start(levelMs) {
      const caseId = randomUUID();
      const startWorkflowOperation = new WithStartWorkflowOperation('bare', { workflowId: caseId, taskQueue, args: [{ caseId, levels: CASE.levels, levelMs }], workflowIdConflictPolicy: 'FAIL' });
      await client.workflow.executeUpdateWithStart('opened', { startWorkflowOperation });
      return caseId;
    },
    acknowledge: (caseId) => client.workflow.getHandle(caseId).executeUpdate<undefined, []>('acknowledge').then(() => undefined),
    async notices(caseIds) {
      return fresh.admin.main.collection<WrittenNotice>('bare_notices').find({ caseId: { $in: [...caseIds] } }, { projection: { _id: 0 } }).toArray();
    },
    async startWorker() { worker = await startChild(path.join(__dirname, 'bare', 'worker.ts'), plan); },
    killWorker: async () => { await worker?.kill(); },
    workerKib: () => residentKib(worker?.pid ?? 0),
    async close() {
      await worker?.kill();
      await connection.close();
      await fresh.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
