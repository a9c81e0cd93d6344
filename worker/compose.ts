import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../activities';
import type { MailChannel } from '../platform/mail';
import { followFrequencies } from '../activities/followFrequencies';
import { openDerived } from '../activities/openDerived';
import { sendDerived } from '../activities/sendDerived';
import { tellRecurrences } from '../activities/tellRecurrences';
import type { WebhookSender } from '../contracts/channels';
import { instantOf, type Instant } from '../contracts/instant';
import { effectsQueueOf } from '../contracts/taskQueues';
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
import { pair, type OversightWorker } from './pair';

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
  /** Commits and housekeeping at a time, and as many effects; absent: the SDK's 100. */
  readonly activitySlots?: number;
  readonly now?: () => Instant;
}

/** How long a stored command may stay unanswered before it is sent again, ms. */
const RESEND_AFTER_MS = 15_000;
/** Temporal's default. Measured in docs/performance.md. */
const STICKY_TIMEOUT_MS = 10_000;
const wallClock = (): Instant => instantOf(Date.now());
/** Ctrl-C promises 15 s for everything. */
const SHUTDOWN_GRACE = '8 seconds';

/** The worker with every workflow and activity, ready to run: effects in slots of their own. */
export async function createOversightWorker(parts: WorkerParts): Promise<OversightWorker> {
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
  const shared: Omit<WorkerOptions, 'taskQueue'> = {
    connection: parts.connection, namespace: parts.namespace, dataConverter: createDataConverter(parts.ring), shutdownGraceTime: SHUTDOWN_GRACE,
    interceptors: { activity: [guardedActivities(tellForgery), ...(parts.metrics ? [measuredActivities({ metrics: parts.metrics, store, logger: parts.logger })] : [])] },
    // Heartbeats tell a dead worker from a slow one within seconds.
    maxHeartbeatThrottleInterval: '1 second', defaultHeartbeatThrottleInterval: '1 second',
    ...(parts.activitySlots !== undefined && { maxConcurrentActivityTaskExecutions: parts.activitySlots }),
  };
  const runs = await Worker.create({
    // Effects too: those that 0.1.0 asked for wait in this queue.
    ...shared, taskQueue, activities, workflowBundle: parts.bundle, sinks: forgerySinks(tellForgery),
    stickyQueueScheduleToStartTimeout: parts.stickyTimeoutMs ?? STICKY_TIMEOUT_MS, maxCachedWorkflows: parts.maxCachedWorkflows ?? 600,
  });
  const effects = await Worker.create({ ...shared, taskQueue: effectsQueueOf(taskQueue), activities: { performEffects: (request: Parameters<typeof activities.performEffects>[0]) => activities.performEffects(request) } });
  return pair([runs, effects]);
}
