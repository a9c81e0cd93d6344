import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { actorInterceptors } from './clientInterceptors';
import { createDataConverter } from './dataConverter';
import type { KeyRing } from './keyRing';
import type { TemporalTarget } from './temporalTarget';

/** A connection that dials on first use: the API starts, and stays up, while Temporal is down. */
export function lazyConnection(target: TemporalTarget): Connection {
  const { address, tls, apiKey, metadata } = target.connection;
  const options: ConnectionOptions = {
    ...(address !== undefined && { address }),
    ...(tls !== undefined && { tls }),
    ...(apiKey !== undefined && { apiKey }),
    ...(metadata !== undefined && { metadata }),
  };
  return Connection.lazy(options);
}

/**
 * Asks the server for its namespace; rejects when it does not answer within `timeoutMs`, refuses
 * the credentials or has no such namespace. Not `ensureConnected`, which remembers its first failure for ever.
 */
export async function checkTemporal(connection: Connection, target: TemporalTarget, timeoutMs: number): Promise<void> {
  const { namespace } = target;
  await connection.withDeadline(Date.now() + timeoutMs, async () => connection.workflowService.describeNamespace({ namespace }));
}

/** A client that encrypts payloads and says who acts. */
export function createTemporalClient(connection: Connection, target: TemporalTarget, ring: KeyRing): Client {
  return new Client({
    connection,
    namespace: target.namespace,
    dataConverter: createDataConverter(ring),
    interceptors: actorInterceptors,
  });
}
