import type { RecordAct } from '../access/roles';
import { mayAct } from '../access/ability';
import type { Place } from './place';
import { nameById, recordOf } from './place';
import type { ImportWorld, KnownPerson } from './world';

export interface Asked {
  readonly email: string;
  /** What the person is to do; a right of the role table. */
  readonly act: RecordAct;
  readonly duty: string;
  /** Of which organisations; undefined: where the CAPA belongs could not be read. */
  readonly organisationIds: readonly string[] | undefined;
  readonly place: Place | undefined;
}

/** The person of an address, or what is wrong with naming them for this duty. */
export function personFor(world: ImportWorld, { email, act, duty, organisationIds, place }: Asked): { readonly found: KnownPerson } | { readonly wrong: string } {
  if (!/^[^\s@]+@[^\s@]+$/u.test(email)) return { wrong: `${email.slice(0, 80)} is no e-mail address` };
  const person = world.people.find((one) => one.email === email.toLowerCase());
  if (!person) return { wrong: `nobody has the address ${email.slice(0, 80)}: correct it, or have the person added first` };
  if (!person.active) return { wrong: `${email} has left: name who has taken over` };
  if (!organisationIds || !place) return { found: person };
  if (!organisationIds.includes(person.organisationId)) return { wrong: `${email} is of ${nameById(world, person.organisationId)}, not of ${organisationIds.map((id) => nameById(world, id)).join(' or ')}` };
  const { raising, accountable, studyId, topic, systemId } = place;
  const record = recordOf({ raising: raising.id, accountable: accountable.id, studyId, topic, systemId, assigneeIds: [person.id] });
  const memberships = person.memberships.filter((membership) => organisationIds.includes(membership.organisationId));
  return mayAct({ memberships, act, record, now: world.now }) ? { found: person } : { wrong: `${email} holds no role that may be ${duty} here` };
}
