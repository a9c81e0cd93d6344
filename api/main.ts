import { instantOf, type Instant } from '../contracts/instant';
import { loadConfig } from '../platform/config';
import { exitOnConfigError } from '../platform/configExit';
import { createAuthenticator } from '../platform/derivedKeys';
import { openKeyRing } from '../platform/keyRing';
import { createLogger } from '../platform/logger';
import { engineFigures } from '../platform/engineFigures';
import { openMail } from '../platform/mail';
import { createMetrics } from '../platform/metrics';
import { createPayloadCodec } from '../platform/payloadCodec';
import { createShutdown } from '../platform/shutdown';
import { watchSite } from '../platform/siteMetrics';
import { createTemporalClient, lazyConnection } from '../platform/temporalConnection';
import { createWebhookSender } from '../platform/webhooks';
import { refuseIfRightsTooWide } from '../store/rightsGuard';
import { backlogOf } from '../store/backlog';
import { openStore } from '../store/connection';
import { beginSealing } from '../store/sealing';
import { createApp } from './app';
import { createDutyReassignment } from './commands/reassignDuties';
import { createApiServer } from './server';
import { createTemporalGateway } from './temporalGateway';

/** After this the caller gets 202, ms. */
const ANSWER_WITHIN_MS = 10_000;
const SHUTDOWN_BOUND_MS = 12_000;

/** Wires the API, serves it, drains it on a signal. */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger({ name: 'api', level: config.logLevel });
  const shutdown = createShutdown({ logger, boundMs: SHUTDOWN_BOUND_MS });
  const ring = openKeyRing(config.keysFile);

  const store = await openStore({ uri: config.mongodbUri, sealer: createAuthenticator(ring, 'audit-seal'), commandAuthenticator: createAuthenticator(ring, 'command-authenticator') });
  shutdown.onStop('store', () => store.close());
  await refuseIfRightsTooWide(store);
  await beginSealing(store, instantOf(Date.now()));
  const connection = lazyConnection(config.temporal);
  shutdown.onStop('temporal connection', () => connection.close());

  const client = createTemporalClient(connection, config.temporal, ring);
  const mail = openMail({ url: config.smtpUrl, from: config.mailFrom });
  shutdown.onStop('mail', () => {
    mail.close();
    return Promise.resolve();
  });
  const gateway = createTemporalGateway({ client, taskQueue: config.temporalTaskQueue, codec: createPayloadCodec(ring) });
  const metrics = createMetrics({ processMetrics: true });
  watchSite(metrics.registry, {
    records: () => backlogOf(store, instantOf(Date.now())),
    engine: () => engineFigures({ client, namespace: config.temporal.namespace, taskQueue: config.temporalTaskQueue }),
  });
  const parts = {
    store, gateway, logger, ring, senders: { mail, webhooks: createWebhookSender({ allowedNetworks: config.webhookNetworks }) },
    now: (): Instant => instantOf(Date.now()),
    settings: { publicUrl: config.publicUrl, demo: config.demo, mailboxUrl: config.mailboxUrl, answerWithinMs: ANSWER_WITHIN_MS, evidence: config.evidence, trustedProxies: config.trustedProxies },
    metrics,
    isStopping: () => shutdown.isStopping(),
  };
  const server = createApiServer(createApp({ ...parts, reassignDuties: createDutyReassignment(parts) }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  shutdown.onStop('http server', () => new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeIdleConnections();
  }));
  logger.info({ address: server.address() }, 'the API answers');
}

main().catch(exitOnConfigError);
