import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../activities';
import type { MailChannel } from '../platform/mail';
import { followFrequencies } from '../activities/followFrequencies';
import { openDerived } from '../activities/openDerived';
import { sendDerived } from '../activities/sendDerived';
import { tellRecurrences } from '../activities/tellRecurrences';
import type { WebhookSender } from '../contracts/channels';
import { instantOf, type Instant } from '../contracts/instant';
import { createClosedRuns } from '../platform/closedRuns';
import { createCommandSender } from '../platform/commandGateway';
import { createDataConverter } from '../platform/dataConverter';
import type { KeyRing } from '../platform/keyRing';
import type { Metrics } from '../platform/metrics';
import { createRunKeeper } from '../platform/runKeeper';
import { openSecret } from '../platform/secretBox';
import { createWebhookSender } from '../platform/webhooks';
import { createSentinelTurns } from '../platform/sentinelTurns';
import type { DeliveryDeps } from '../store/commandDelivery';
import type { Store } from '../store/connection';
import { resendUnanswered } from '../store/commandResending';
import { createForgeryWatch, forgerySinks, guardedActivities } from './forgeryWatch';
import { measuredActivities } from './measuredActivities';

export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly client: Client;
  readonly store: Store;
  readonly ring: KeyRing;
  readonly mail: MailChannel;
  /** Absent: to public addresses only. */
  readonly webhooks?: WebhookSender;
  readonly publicUrl: string;
  readonly bundle: { readonly codePath: string };
  readonly logger: Logger;
  /** Absent: nothing is counted. */
  readonly metrics?: Metrics;
  /** Workflows kept in memory; the rest replay when they wake. */
  readonly maxCachedWorkflows?: number;
  /** How long a task waits for the worker that has its workflow in memory, before any worker may take it, ms. */
  readonly stickyTimeoutMs?: number;
  readonly now?: () => Instant;
}

/** How long a stored command may stay unanswered before it is sent again, ms. */
const RESEND_AFTER_MS = 15_000;
/** Temporal's default. Measured in docs/performance.md. */
const STICKY_TIMEOUT_MS = 10_000;
const wallClock = (): Instant => instantOf(Date.now());
/** Ctrl-C promises 15 s for everything. */
const SHUTDOWN_GRACE = '8 seconds';

/** The worker with every workflow and activity, ready to run. */
export function createOversightWorker(parts: WorkerParts): Promise<Worker> {
  const { store, client, taskQueue, mail, publicUrl } = parts;
  const now = parts.now ?? wallClock;
  const send = createCommandSender({ client, taskQueue });
  const tellForgery = createForgeryWatch({ deps: { store, send, now: wallClock }, logger: parts.logger, ...(parts.metrics && { metrics: parts.metrics }) });
  const delivery: DeliveryDeps = { store, send, now, tellForgery };
  const activities = createActivities({
    store, mail, publicUrl, now, tellForgery,
    webhooks: parts.webhooks ?? createWebhookSender(),
    openSecret: (sealed, context) => openSecret(parts.ring, sealed, context),
    tzdb: process.versions['tz'] ?? 'unknown',
    life: { startedAt: instantOf(Date.now()), turns: createSentinelTurns(client) },
    runs: createRunKeeper(client, taskQueue),
    closedRuns: createClosedRuns(client),
    sendCommand: (effect) => sendDerived(delivery, effect),
    openRecord: (opening) => openDerived(delivery, opening),
    tellRecurrences: (effect) => tellRecurrences(delivery, effect),
    followFrequencies: () => followFrequencies(delivery),
    resendUnanswered: () => resendUnanswered(delivery, {
      olderThanMs: RESEND_AFTER_MS,
      onError: (err, commandId) => { parts.logger.error({ err, commandId }, 'a stored command cannot be sent'); },
    }),
  });
  return Worker.create({
    connection: parts.connection, namespace: parts.namespace, taskQueue, activities,
    workflowBundle: parts.bundle, dataConverter: createDataConverter(parts.ring),
    stickyQueueScheduleToStartTimeout: parts.stickyTimeoutMs ?? STICKY_TIMEOUT_MS, shutdownGraceTime: SHUTDOWN_GRACE, maxCachedWorkflows: parts.maxCachedWorkflows ?? 600,
    sinks: forgerySinks(tellForgery),
    interceptors: { activity: [guardedActivities(tellForgery), ...(parts.metrics ? [measuredActivities({ metrics: parts.metrics, store, logger: parts.logger })] : [])] },
    // Heartbeats tell a dead worker from a slow one within seconds.
    maxHeartbeatThrottleInterval: '1 second', defaultHeartbeatThrottleInterval: '1 second',
  });
}
