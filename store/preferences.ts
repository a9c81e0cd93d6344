import type { Preferences } from '../contracts/preferences';
import { changeRecord, createRecord, type AdministeredKind, type By } from './administration';
import type { Store } from './connection';
import type { PreferencesDoc } from './schemas/channels';

const preferencesKind: AdministeredKind<PreferencesDoc> = { kind: 'preferences', model: (store) => store.models.preferences };
const OWN_CHOICE = 'own choice';

/** A person's preferences, or undefined: then they are told at once. */
export async function preferencesOf(store: Store, personId: string): Promise<PreferencesDoc | undefined> {
  return (await store.models.preferences.findById(personId).lean<PreferencesDoc>()) ?? undefined;
}

/** The preferences of those people who have some. */
export async function preferencesByPerson(store: Store, personIds: readonly string[]): Promise<ReadonlyMap<string, Preferences>> {
  const found = await store.models.preferences.find({ _id: { $in: [...personIds] } }).lean<PreferencesDoc[]>();
  return new Map(found.map(({ _id, quietHours, digest }) => [_id, { quietHours, digest }]));
}

/** Sets them, with the audit entry of each change. Throws Failure as createRecord and changeRecord do. */
export async function setPreferences(store: Store, input: { personId: string; preferences: Preferences; rev?: number | undefined; by: By }): Promise<PreferencesDoc> {
  const { personId, preferences, rev, by } = input;
  const known = await preferencesOf(store, personId);
  if (!known) return createRecord(store, { kind: preferencesKind, id: personId, fields: preferences, by });
  return changeRecord(store, { kind: preferencesKind, id: personId, rev, changes: preferences, reason: OWN_CHOICE, by });
}
