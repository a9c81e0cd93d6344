import { existsSync } from 'node:fs';
import { Runtime } from '@temporalio/worker';
import { instantOf } from '../contracts/instant';
import { openMail } from '../platform/mail';
import { loadConfig } from '../platform/config';
import { exitOnConfigError } from '../platform/configExit';
import { createAuthenticator } from '../platform/derivedKeys';
import { openKeyRing } from '../platform/keyRing';
import { createLogger, temporalLogger } from '../platform/logger';
import { createMetrics } from '../platform/metrics';
import { connectNative } from '../platform/nativeConnection';
import { createShutdown } from '../platform/shutdown';
import { createTemporalClient, lazyConnection } from '../platform/temporalConnection';
import { createWebhookSender } from '../platform/webhooks';
import { refuseIfRightsTooWide } from '../store/rightsGuard';
import { openStore } from '../store/connection';
import { beginSealing } from '../store/sealing';
import { BUNDLE_FILE } from './bundle';
import { createOversightWorker } from './compose';
import { freeLoopbackPort, startMetricsServer } from './metricsServer';

const SHUTDOWN_BOUND_MS = 12_000;

/** Wires the worker, runs it, drains it on a signal. */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger({ name: 'worker', level: config.logLevel });
  if (!existsSync(BUNDLE_FILE)) throw new Error(`${BUNDLE_FILE} is missing: run npm run build`);
  const coreAddress = `127.0.0.1:${String(await freeLoopbackPort())}`;
  Runtime.install({ logger: temporalLogger(logger), shutdownSignals: [], telemetryOptions: { metrics: { prometheus: { bindAddress: coreAddress, unitSuffix: true, countersTotalSuffix: true, useSecondsForDurations: true } } } });
  const shutdown = createShutdown({ logger, boundMs: SHUTDOWN_BOUND_MS });
  const ring = openKeyRing(config.keysFile);

  const store = await openStore({ uri: config.mongodbUri, sealer: createAuthenticator(ring, 'audit-seal'), commandAuthenticator: createAuthenticator(ring, 'command-authenticator') });
  shutdown.onStop('store', () => store.close());
  await refuseIfRightsTooWide(store);
  await beginSealing(store, instantOf(Date.now()));
  const mail = openMail({ url: config.smtpUrl, from: config.mailFrom });
  shutdown.onStop('mail', () => {
    mail.close();
    return Promise.resolve();
  });
  const clientConnection = lazyConnection(config.temporal);
  shutdown.onStop('client connection', () => clientConnection.close());
  const connection = await connectNative(config.temporal);
  shutdown.onStop('worker connection', () => connection.close());

  const metrics = createMetrics({ processMetrics: true });
  const worker = await createOversightWorker({
    connection, namespace: config.temporal.namespace, taskQueue: config.temporalTaskQueue, store, ring, mail, logger, metrics, webhooks: createWebhookSender({ allowedNetworks: config.webhookNetworks }),
    client: createTemporalClient(clientConnection, config.temporal, ring), publicUrl: config.publicUrl, bundle: { codePath: BUNDLE_FILE },
  });
  const shown = await startMetricsServer({
    metrics, host: config.metricsHost, port: config.metricsPort, coreUrl: `http://${coreAddress}/metrics`, polls: () => worker.isRunning(),
  });
  shutdown.onStop('metrics', () => shown.close());
  const running = worker.run();
  shutdown.onStop('worker', () => {
    worker.shutdown();
    return running;
  });
  logger.info({ taskQueue: config.temporalTaskQueue, metrics: shown.url }, 'worker is polling');
  await running.catch((err: unknown) => {
    logger.fatal({ err }, 'the worker failed');
    return shutdown.stop('worker failed');
  });
}

main().catch(exitOnConfigError);
