import { z } from 'zod';
import { meaningSchema } from '../../contracts/signature';
import { SIGNABLE_CAPABILITIES, type SignableCapabilities } from '../../domain/signature/registry';
import { shownOf, type ShownSignature, wordsOf } from '../../domain/signature/shown';
import type { Store } from '../../store/connection';
import type { RecordDoc } from '../../store/schemas/records';
import { signaturesOf } from '../../store/signatures';

export const statementSchema = z.object({ version: z.int(), text: z.string() });

export const signatureSchema = z.object({
  id: z.string(), recordId: z.string(), rev: z.int(), act: z.string(), subject: z.string(), version: z.int(), contentHash: z.string(), meaning: meaningSchema,
  personId: z.string(), printedName: z.string(), role: z.string(), organisationId: z.string(), organisationName: z.string(),
  signedAt: z.iso.datetime(), zone: z.string(), localTime: z.string().describe('`signedAt` as the signer read it, with the offset of the zone.'),
  standing: z.enum(['this_version', 'not_for_this_version']), verifies: z.boolean().describe('Whether the content kept with it is what was signed.'),
  statementVersion: z.int(), content: z.unknown().describe('What was signed.'),
}).meta({ id: 'Signature' });

/** The signatures of a record as people see them, wherever it is shown (21 CFR 11.50(b)). */
export async function shownSignatures(
  store: Store, record: Pick<RecordDoc, '_id' | 'capability' | 'state' | 'stateVersion'>, signables: SignableCapabilities = SIGNABLE_CAPABILITIES,
): Promise<readonly ShownSignature[]> {
  const signatures = await signaturesOf(store, record._id);
  return signatures.map((signature) => shownOf(signature, signables[record.capability]?.signable(record, signature.act, wordsOf(signature.content))));
}
