import path from 'node:path';
import type { Sealer } from '../../contracts/audit';
import { createAuthenticator } from '../../platform/derivedKeys';
import { openKeyRing } from '../../platform/keyRing';

/** Seals as the product under test does: with the tests' key ring. */
export function testSealer(): Sealer {
  return createAuthenticator(openKeyRing(path.join(__dirname, 'test-keys.json')), 'audit-seal');
}
