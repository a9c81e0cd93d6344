import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import { organisationsByIds } from './organisations';
import type { StudyDoc } from './schemas/people';

export const studyKind: AdministeredKind<StudyDoc> = { kind: 'study', model: (store) => store.models.studies };

/** The sponsors of a study; of no study there is none. */
export async function sponsorsOf(store: Store, studyId: string | null): Promise<readonly string[]> {
  const study = studyId === null ? undefined : await studyById(store, studyId);
  const organisations = study ? await organisationsByIds(store, study.organisationIds) : [];
  return organisations.filter(({ kind }) => kind === 'sponsor').map(({ _id }) => _id);
}

/** A study, or undefined. */
export async function studyById(store: Store, id: string): Promise<StudyDoc | undefined> {
  return (await store.models.studies.findById(id).lean<StudyDoc>()) ?? undefined;
}
