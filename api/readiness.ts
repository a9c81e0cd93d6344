import { clockDrift, isClockTrusted } from '../platform/clock';
import { databaseNow } from '../store/health';
import type { ApiDeps } from './deps';

/** A probe must answer while its subject hangs, ms. */
const CHECK_WITHIN_MS = 3000;

export interface Check {
  readonly ok: boolean;
  readonly detail?: string;
}

/** Whether everything that a command needs is there, each named. Never throws. */
export async function readiness(deps: ApiDeps): Promise<{ ready: boolean; checks: Readonly<Record<'mongo' | 'temporal' | 'worker' | 'clock', Check>> }> {
  const [mongo, temporal, worker, clock] = await Promise.all([
    check(async () => {
      await databaseNow(deps.store);
      return { ok: true };
    }),
    check(async () => ({ ok: await deps.gateway.healthy() })),
    check(async () => ({ ok: await deps.gateway.workerPolls() })),
    check(async () => {
      const driftMs = await clockDrift({ serverNow: () => databaseNow(deps.store) });
      return { ok: isClockTrusted(driftMs), detail: `${String(driftMs)} ms from the database's clock` };
    }),
  ]);
  const ready = [mongo, temporal, worker, clock].every(({ ok }) => ok) && deps.isStopping?.() !== true;
  return { ready, checks: { mongo, temporal, worker, clock } };
}

async function check(probe: () => Promise<Check>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Check>((resolve) => {
    timer = setTimeout(() => {
      resolve({ ok: false, detail: 'no answer in time' });
    }, CHECK_WITHIN_MS);
  });
  try {
    return await Promise.race([probe(), late]);
  } catch {
    return { ok: false, detail: 'out of reach' };
  } finally {
    clearTimeout(timer);
  }
}
