import { randomBytes, randomUUID } from 'node:crypto';
import type { SourceStrength } from '../../contracts/hooks';
import { plusMs, type Instant } from '../../contracts/instant';
import type { KeyRing } from '../../platform/keyRing';
import { sealSecret } from '../../platform/secretBox';
import type { SourceSecret } from '../../store/schemas/sources';
import { randomSecret } from '../secrets';
import { hashOfBearer, sealedFor } from './authentic';

/** Both secrets work for this long after a rotation, so that nobody has to change two systems at one moment, hours. */
export const OVERLAP_HOURS = 24;
const HOUR_MS = 3_600_000;

interface NewSecret {
  readonly sourceId: string;
  readonly strength: SourceStrength;
  readonly ring: KeyRing;
  readonly now: Instant;
}

/** A secret for a source: what is shown once, and what is kept of it. A signature needs it again, so it is sealed; of a bearer token the hash will do. */
export function newSourceSecret({ sourceId, strength, ring, now }: NewSecret): { readonly shown: string; readonly kept: SourceSecret } {
  // Standard Webhooks: `whsec_` and base64 of 24 to 64 random bytes.
  const shown = strength === 'hmac' ? `whsec_${randomBytes(32).toString('base64')}` : `src_${randomSecret()}`;
  const kept = strength === 'hmac' ? sealSecret(ring, shown, sealedFor(sourceId)) : hashOfBearer(shown);
  return { shown, kept: { id: randomUUID(), kept, createdAt: now, until: null } };
}

/** The secrets after a rotation: the new one, and the one before while it still counts. Older ones go. */
export function rotated(secrets: readonly SourceSecret[], { next, overlapHours, now }: { readonly next: SourceSecret; readonly overlapHours: number; readonly now: Instant }): readonly SourceSecret[] {
  const previous = secrets.filter(({ until }) => until === null).map((secret) => ({ ...secret, until: plusMs(now, overlapHours * HOUR_MS) }));
  return [next, ...(overlapHours > 0 ? previous : [])];
}
