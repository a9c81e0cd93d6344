import type { z } from 'zod';
import type { Signable } from '../../contracts/signature';
import { shownOf, type ShownSignature } from '../../domain/signature/shown';
import type { Store } from '../../store/connection';
import { signaturesByRecord } from '../../store/signatures';
import { signatureSchema } from './signature';

/** A signature beside what it signed, which stands there as itself. */
export const appliedSignatureSchema = signatureSchema.omit({ content: true }).meta({ id: 'AppliedSignature' });
export type AppliedSignature = Omit<ShownSignature, 'content'> & Pick<z.output<typeof appliedSignatureSchema>, 'standing'>;

/** An administered record that may bear signatures: its stream, and what an act signs on it as it is shown. */
export interface SignedSubject {
  /** null: it never was up for signing. */
  readonly streamId: string | null;
  readonly signable: (act: string) => Signable | undefined;
}

/** The signatures of each subject, in the order of the subjects (21 CFR 11.50(b)). */
export async function appliedSignatures(store: Store, subjects: readonly SignedSubject[]): Promise<readonly (readonly AppliedSignature[])[]> {
  const found = await signaturesByRecord(store, subjects.flatMap(({ streamId }) => streamId ?? []));
  return subjects.map(({ streamId, signable }) => (found.get(streamId ?? '') ?? []).map((signature) => {
    const { content: _content, ...shown } = shownOf(signature, signable(signature.act));
    return shown;
  }));
}
