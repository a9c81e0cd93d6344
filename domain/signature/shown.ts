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
  return { ...signature, standing: standingOf(signature, signable), verifies: verifies(signature, signature.content), localTime: localTimeOf(signature) };
}

/** The words of the act that a signature keeps in its content; undefined: the act's words were not signed. */
export function wordsOf(content: Json): Json | undefined {
  return typeof content === 'object' && content !== null && !Array.isArray(content) ? (content as Readonly<Record<string, Json>>)['said'] : undefined;
}

interface ApprovalInWords {
  readonly personId: string;
  readonly role: string;
  readonly signatureId: string | null;
  readonly signature: (Pick<Signature, 'printedName' | 'organisationName' | 'meaning' | 'signedAt' | 'zone'> & { readonly standing?: Standing }) | null;
}

/** An approval in one line, for tables: `Ana Berg, executive of Alpine: approval, 2026-11-23T10:00:00+01:00[Europe/Zurich]`. */
export function approvalText({ personId, role, signatureId, signature }: ApprovalInWords): string {
  if (!signature) return `${personId}, ${role}: ${signatureId === null ? 'approved without a signature' : 'the signature is gone'}`;
  const { printedName, organisationName, meaning, standing } = signature;
  return `${printedName}, ${role} of ${organisationName}: ${meaning}, ${localTimeOf(signature)}${standing === 'not_for_this_version' ? ' (not for this version)' : ''}`;
}

function localTimeOf({ signedAt, zone }: Pick<Signature, 'signedAt' | 'zone'>): string {
  return Temporal.Instant.from(signedAt).toZonedDateTimeISO(zone).toString({ smallestUnit: 'second' });
}
