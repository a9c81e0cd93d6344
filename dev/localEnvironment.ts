import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What commands beside the running stack need; the administrator's URI is not among it. */
const KEPT = ['MONGODB_URI', 'TEMPORAL_ADDRESS', 'CRO_KEYS_FILE'] as const;

/** Leaves the stack's addresses for `npm run verify` and its like, readable for the owner only. */
export function keepEnvironment(dataDir: string, env: Readonly<Record<string, string | undefined>>): void {
  const kept = Object.fromEntries(KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  writeFileSync(join(dataDir, 'env.json'), `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
}
