import { Temporal } from 'temporal-polyfill';
import type { Signable, Signature } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { standingOf, verifies, type Standing } from './standing';

/** A signature as it is kept: with what was signed. */
export interface KeptSignature extends Signature {
  readonly content: Json;
}

/** A signature as people see it. */
export interface ShownSignature extends KeptSignature {
  readonly standing: Standing;
  readonly verifies: boolean;
  /** The instant as the signer read it: `2026-11-23T10:00:00+01:00[Europe/Zurich]`. */
  readonly localTime: string;
}

/** A signature beside its record as it is now; `signable`: what its act signs there. */
export function shownOf<Kept extends KeptSignature>(signature: Kept, signable: Signable | undefined): Kept & ShownSignature {
  const localTime = Temporal.Instant.from(signature.signedAt).toZonedDateTimeISO(signature.zone).toString({ smallestUnit: 'second' });
  return { ...signature, standing: standingOf(signature, signable), verifies: verifies(signature, signature.content), localTime };
}
