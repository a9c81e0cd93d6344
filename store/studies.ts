import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { StudyDoc } from './schemas/people';

export const studyKind: AdministeredKind<StudyDoc> = { kind: 'study', model: (store) => store.models.studies };

/** A study, or undefined. */
export async function studyById(store: Store, id: string): Promise<StudyDoc | undefined> {
  return (await store.models.studies.findById(id).lean<StudyDoc>()) ?? undefined;
}
