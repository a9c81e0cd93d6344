import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WithStartWorkflowOperation, WorkflowUpdateFailedError, type Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { DefaultLogger, Runtime, Worker, type NativeConnection } from '@temporalio/worker';
import { runAs } from '../../platform/clientInterceptors';
import { createDataConverter } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import { connectNative } from '../../platform/nativeConnection';
import { checkTemporal, createTemporalClient, lazyConnection } from '../../platform/temporalConnection';
import { temporalTarget, type TemporalTarget } from '../../platform/temporalTarget';
import { selfSigned } from './temporalTls/certificate';
import { startTlsProxy, type TlsProxy } from './temporalTls/tlsProxy';
import { answer, type greeting } from './temporalTls/workflows';

const API_KEY = 'key-of-the-test';
const ANSWER_MS = 5000;
const upstream = process.env['TEST_TEMPORAL_ADDRESS'] ?? missing();
const ring = openKeyRing(path.join(__dirname, '..', 'support', 'test-keys.json'));

function missing(): never {
  throw new Error('TEST_TEMPORAL_ADDRESS is not set: run `npm test`, which starts the engines');
}

function without(env: Record<string, string>, variable: string): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== variable));
}

/** A history as the server keeps it, as text: what somebody with a copy of its database can read. */
function bytesOf(history: Parameters<typeof temporal.api.history.v1.History.encode>[0]): string {
  return Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString('latin1');
}

describe('Temporal behind TLS and an API key', () => {
  let dir: string;
  let proxy: TlsProxy;
  let env: Record<string, string>;
  const open: { close(): Promise<unknown> }[] = [];
  const client = (target: TemporalTarget): Connection => {
    const connection = lazyConnection(target);
    open.push(connection);
    return connection;
  };
  const native = async (target: TemporalTarget): Promise<NativeConnection> => {
    const connection = await connectNative(target);
    open.push(connection);
    return connection;
  };

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    dir = mkdtempSync(path.join(tmpdir(), 'tls-'));
    const { certificate, key } = selfSigned('gateway of the test');
    const ca = path.join(dir, 'ca.pem');
    writeFileSync(ca, certificate);
    proxy = await startTlsProxy({ certificate, key, apiKey: API_KEY, upstream });
    env = { TEMPORAL_ADDRESS: proxy.address, TEMPORAL_NAMESPACE: 'default', TEMPORAL_API_KEY: API_KEY, TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca, TEMPORAL_TLS_SERVER_NAME: 'localhost' };
  });

  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.close();
  });

  afterAll(async () => {
    await Runtime.instance().shutdown();
    await proxy.close();
    rmSync(dir, { recursive: true });
  });

  test('client and worker do their work through the gateway; history keeps the actor and hides the content', async () => {
    const target = temporalTarget(env);
    const connection = client(target);
    await checkTemporal(connection, target, ANSWER_MS);
    const { workflow } = createTemporalClient(connection, target, ring);
    const taskQueue = `tls-${proxy.address}`;
    const workflowsPath = require.resolve('./temporalTls/workflows');
    const worker = await Worker.create({
      connection: await native(target),
      namespace: target.namespace,
      taskQueue,
      workflowsPath,
      interceptors: { workflowModules: [workflowsPath] },
      dataConverter: createDataConverter(ring),
    });
    const workflowId = `greeting/${String(Date.now())}`;
    const actor = { kind: 'person', personId: 'p-7', organisationId: 'o-1', role: 'quality', correlationId: 'c-1' } as const;
    await worker.runUntil(runAs(actor, async () => {
      const start = new WithStartWorkflowOperation<typeof greeting>('greeting', { workflowId, taskQueue, workflowIdConflictPolicy: 'FAIL' });
      const refusal: unknown = await workflow.executeUpdateWithStart(answer, { args: ['Mallory'], startWorkflowOperation: start }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
      const cause = (refusal as WorkflowUpdateFailedError).cause;
      expect(cause).toBeInstanceOf(ApplicationFailure);
      expect(cause).toMatchObject({ type: 'not_permitted', message: 'Mallory may not' });

      const handle = workflow.getHandle<typeof greeting>(workflowId);
      expect(await handle.executeUpdate(answer, { args: ['Grace'] })).toBe('hello Grace');
      expect(await handle.result()).toEqual(['execute by p-7', 'answer by p-7', 'answer by p-7']);

      const stored = bytesOf(await handle.fetchHistory());
      expect(stored).not.toMatch(/Grace|Mallory/);
      expect(stored).toContain('"personId":"p-7"');
    }));
    expect(proxy.passed).toEqual(expect.arrayContaining([
      expect.stringMatching(/\/DescribeNamespace$/),
      expect.stringMatching(/\/ExecuteMultiOperation$/),
      expect.stringMatching(/\/UpdateWorkflowExecution$/),
      expect.stringMatching(/\/PollWorkflowTaskQueue$/),
      expect.stringMatching(/\/RespondWorkflowTaskCompleted$/),
    ]));
    expect(proxy.refused).toEqual([]);
  });

  test('a wrong key is refused on both connections', async () => {
    const target = temporalTarget({ ...env, TEMPORAL_API_KEY: 'wrong' });
    const before = proxy.passed.length;
    await expect(checkTemporal(client(target), target, ANSWER_MS)).rejects.toMatchObject({ code: 16 });
    await expect(native(target)).rejects.toThrow(/Unauthenticated|no such key/i);
    expect(proxy.refused.length).toBeGreaterThanOrEqual(2);
    expect(proxy.passed).toHaveLength(before);
  });

  test('without a key, too', async () => {
    const target = temporalTarget(without(env, 'TEMPORAL_API_KEY'));
    await expect(checkTemporal(client(target), target, ANSWER_MS)).rejects.toMatchObject({ code: 16 });
    await expect(native(target)).rejects.toThrow(/Unauthenticated|no such key/i);
  });

  test('a certificate that nobody vouches for is not trusted, so the key is not sent', async () => {
    const target = temporalTarget(without(env, 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'));
    const before = proxy.passed.length + proxy.refused.length;
    await expect(checkTemporal(client(target), target, 2000)).rejects.toMatchObject({ code: 4 });
    await expect(native(target)).rejects.toThrow(/UnknownIssuer/);
    expect(proxy.passed.length + proxy.refused.length).toBe(before);
  });

  test('a client whose Temporal is down is built all the same, says so in time, and recovers', async () => {
    const { certificate, key } = selfSigned('late gateway');
    const ca = path.join(dir, 'late.pem');
    writeFileSync(ca, certificate);
    const first = await startTlsProxy({ certificate, key, apiKey: API_KEY, upstream });
    const port = Number(first.address.split(':')[1]);
    await first.close();
    const target = temporalTarget({ ...env, TEMPORAL_ADDRESS: first.address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca });
    const connection = client(target);
    const began = performance.now();
    await expect(checkTemporal(connection, target, 1000)).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(5000);
    const late = await startTlsProxy({ certificate, key, apiKey: API_KEY, upstream, port });
    await expect(checkTemporal(connection, target, 10_000)).resolves.toBeUndefined();
    await connection.close();
    open.length = 0;
    await late.close();
  });
});
