import { randomBytes } from 'node:crypto';
import type { Instant } from '../../contracts/instant';
import type { Role } from '../../contracts/people';
import { hashPassword } from '../../platform/passwords';
import { createRecord, type By } from '../../store/administration';
import { inTransaction, type Session, type Store } from '../../store/connection';
import { membershipKind } from '../../store/memberships';
import { personKind } from '../../store/people';
import { notePassword, verifyIdentity } from '../../store/signers';
import { ELSEWHERE, EVERYWHERE, nameOf, ORGANISATIONS, SYSTEMS } from './cast';

/** One line of `.data/demo-credentials.json`. */
export interface DemoUser {
  readonly email: string;
  readonly password: string;
  readonly organisation: string;
  readonly roles: readonly Role[];
}

/** A person of the demo, whether there already or still to be made. */
export interface DemoPerson {
  readonly id: string;
  readonly organisationId: string;
  readonly organisation: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly [Role];
  readonly study: string | null;
}

export type SeededPerson = DemoPerson & DemoUser;

/** The demo's people: one for every part. */
export function demoPeople(): readonly DemoPerson[] {
  const everywhere = ORGANISATIONS.flatMap((organisation) => EVERYWHERE.map((role) => ({ organisation, role, study: null })));
  const elsewhere = ELSEWHERE.flatMap(({ organisation: id, role, study }) =>
    ORGANISATIONS.filter((organisation) => organisation.id === id).map((organisation) => ({ organisation, role, study: study ?? null })));
  return [...everywhere, ...elsewhere].map(({ organisation, role, study }, n) => ({
    id: `${organisation.id}-${role.replaceAll('_', '-')}`, organisationId: organisation.id, organisation: organisation.name, name: nameOf(n),
    email: `${role.replaceAll('_', '.')}@${organisation.domain}`, roles: [role], study,
  }));
}

/** Those who are not there yet, each with a password made for this installation. */
export async function missingPeople(store: Store): Promise<readonly SeededPerson[]> {
  const people = demoPeople();
  const there = await store.models.people.find({ _id: { $in: people.map(({ id }) => id) } }, { _id: 1 }).lean<{ _id: string }[]>();
  return people.filter(({ id }) => !there.some(({ _id }) => _id === id)).map((person) => ({ ...person, password: randomBytes(12).toString('base64url') }));
}

/** Creates a person with their membership in one transaction: who is there is there whole. */
export async function seedPerson(store: Store, by: By, person: SeededPerson): Promise<void> {
  const { id, organisationId, email, name, roles: [role], study, password } = person;
  const passwordHash = await hashPassword(password);
  await inTransaction(store, async (session) => {
    await createRecord(store, { kind: personKind, by, id, session, fields: { email, name, organisationId, passwordHash } });
    await createRecord(store, {
      kind: membershipKind, by, session,
      fields: { personId: id, organisationId, role, studyId: study, systemIds: role === 'system_owner' ? SYSTEMS : [], from: '2026-01-01T00:00:00.000Z' as Instant, until: null },
    });
    await seedSigner({ store, session }, by, { personId: id, organisationId });
  });
}

/** The demo's people may sign once they accept the statement, at once: provisioned, as their trails say for ever; nobody inside the product made them. */
async function seedSigner({ store, session }: { readonly store: Store; readonly session: Session }, by: By, { personId, organisationId }: { readonly personId: string; readonly organisationId: string }): Promise<void> {
  await notePassword(store, { personId, givenBy: null, by }, session);
  const identity = { verifiedBy: 'provisioning', verifiedByName: 'Provisioning of the demo', organisationId, at: by.at, documentKind: 'employee_badge', provisioned: true } as const;
  await verifyIdentity(store, { personId, identity, reason: 'demo', by }, session);
}
