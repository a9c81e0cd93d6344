import { NativeConnection } from '@temporalio/worker';
import type { TemporalTarget } from './temporalTarget';

/**
 * The worker's connection; rejects when Temporal does not answer or refuses the credentials. Apart
 * from temporalConnection.ts, so that the API does not load the SDK's native core.
 */
export async function connectNative(target: TemporalTarget): Promise<NativeConnection> {
  return NativeConnection.connect(target.connection);
}
