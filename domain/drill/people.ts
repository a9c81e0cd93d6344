import type { DrilledPerson } from '../../contracts/drill';
import type { Contact } from '../../contracts/matrix';

/** Every contact and deputy of a row, each person once with all their seats. */
export function peopleOf(contacts: readonly Pick<Contact, 'organisationId' | 'level' | 'personId' | 'deputyId'>[]): readonly DrilledPerson[] {
  const people = new Map<string, DrilledPerson>();
  for (const { organisationId, level, personId, deputyId } of contacts) {
    for (const [id, as] of [[personId, 'contact'], [deputyId, 'deputy']] as const) {
      const known = people.get(id) ?? { personId: id, organisationId, seats: [] };
      people.set(id, { ...known, seats: [...known.seats, { level, as }] });
    }
  }
  return [...people.values()];
}
