import type { Client, Connection } from '@temporalio/client';
import type { Sealer } from '../contracts/audit';
import { instantOf } from '../contracts/instant';
import { loadConfig } from '../platform/config';
import { exitOnConfigError } from '../platform/configExit';
import { createAuthenticator, type Authenticator } from '../platform/derivedKeys';
import { openKeyRing } from '../platform/keyRing';
import { createLogger } from '../platform/logger';
import { createTemporalClient, lazyConnection } from '../platform/temporalConnection';
import { refuseIfRightsTooWide } from '../store/rightsGuard';
import { openStore } from '../store/connection';
import { ensureDefaultPolicies } from '../store/defaultPolicies';
import { vouchForOldCommands } from '../store/oldCommands';
import { beginSealing } from '../store/sealing';
import { provisionStore, requireMigrated } from '../store/provision';
import { ensureSchedules, type ReconciledSchedules, type ScheduleSettings } from './schedules';
import { ensureRetention, ensureSearchAttributes } from './temporalNamespace';

/** Temporal history is execution state, not the record; this long it can be looked at, days. */
const RETENTION_DAYS = 90;

export interface ProvisionRequest {
  /** The application's connection string. */
  readonly mongodbUri: string;
  /** Provisions roles, collections and indexes; absent: they are only checked. */
  readonly mongodbAdminUri?: string;
  /** By the key ring: seals what provisioning writes, and marks where sealing begins. */
  readonly sealer: Sealer;
  /** By the key ring: vouches once for what an earlier release stored and nobody answered. */
  readonly commandAuthenticator: Authenticator;
  readonly temporal: ScheduleSettings & { readonly client: Client; readonly connection: Connection; readonly namespace: string };
}

export interface Provisioned {
  readonly migrated: readonly string[];
  /** Commands of an earlier release that got an authenticator. */
  readonly commandsVouchedFor: number;
  readonly retentionChanged: boolean;
  readonly searchAttributesAdded: readonly string[];
  readonly schedules: ReconciledSchedules;
}

/**
 * Makes both engines ready for this release; idempotent, to be run before worker and API start.
 * Throws RightsTooWide when the application's user may do more than the product does, else an error
 * that says what to do.
 */
export async function provision(request: ProvisionRequest): Promise<Provisioned> {
  const { client, connection, namespace, ...settings } = request.temporal;
  const { migrated, commandsVouchedFor } = await provisionMongo(request);
  return {
    migrated, commandsVouchedFor,
    retentionChanged: await ensureRetention({ connection, namespace }, RETENTION_DAYS),
    searchAttributesAdded: await ensureSearchAttributes({ connection, namespace }),
    schedules: await ensureSchedules(client, settings),
  };
}

async function provisionMongo({ mongodbUri, mongodbAdminUri, sealer, commandAuthenticator }: ProvisionRequest): Promise<Pick<Provisioned, 'migrated' | 'commandsVouchedFor'>> {
  const provisioned = mongodbAdminUri === undefined ? undefined : await provisionStore({ adminUri: mongodbAdminUri, applicationUri: mongodbUri });
  const store = await openStore({ uri: mongodbUri, sealer, commandAuthenticator });
  try {
    if (provisioned === undefined) await requireMigrated(store);
    await refuseIfRightsTooWide(store);
    const now = instantOf(Date.now());
    await beginSealing(store, now);
    await ensureDefaultPolicies(store, now);
    return { migrated: provisioned?.migrated ?? [], commandsVouchedFor: await vouchForOldCommands(store) };
  } finally {
    await store.close();
  }
}

/** From the environment: `MONGODB_URI`, `MONGODB_ADMIN_URI`, `TEMPORAL_*`, `CRO_SENTINEL_SECONDS`. */
async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger({ name: 'provision', level: config.logLevel });
  const connection = lazyConnection(config.temporal);
  const ring = openKeyRing(config.keysFile);
  try {
    const provisioned = await provision({
      mongodbUri: config.mongodbUri,
      sealer: createAuthenticator(ring, 'audit-seal'),
      commandAuthenticator: createAuthenticator(ring, 'command-authenticator'),
      ...(config.mongodbAdminUri !== undefined && { mongodbAdminUri: config.mongodbAdminUri }),
      temporal: {
        client: createTemporalClient(connection, config.temporal, ring),
        connection,
        namespace: config.temporal.namespace,
        taskQueue: config.temporalTaskQueue,
        ...(config.sentinelSeconds !== undefined && { sentinelSeconds: config.sentinelSeconds }),
      },
    });
    logger.info({ ...provisioned }, 'provisioned');
  } finally {
    await connection.close();
  }
}

if (require.main === module) main().catch(exitOnConfigError);
