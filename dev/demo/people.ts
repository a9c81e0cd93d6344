import { randomBytes } from 'node:crypto';
import type { Instant } from '../../contracts/instant';
import type { Role } from '../../contracts/people';
import { hashPassword } from '../../platform/passwords';
import { createRecord, type By } from '../../store/administration';
import { inTransaction, type Store } from '../../store/connection';
import { membershipKind } from '../../store/memberships';
import { personKind } from '../../store/people';
import { notePassword, verifyIdentity } from '../../store/signers';
import { ELSEWHERE, EVERYWHERE, nameOf, ORGANISATIONS, SYSTEMS, type DemoOrganisation } from './cast';

/** One line of `.data/demo-credentials.json`. */
export interface DemoUser {
  readonly email: string;
  readonly password: string;
  readonly organisation: string;
  readonly roles: readonly Role[];
}

export interface SeededPerson extends DemoUser {
  readonly id: string;
  readonly organisationId: string;
}

interface Part {
  readonly organisation: DemoOrganisation;
  readonly role: Role;
  readonly study: string | null;
}

/** Creates a person and a membership for every part; passwords are made anew for each installation. */
export async function seedPeople(store: Store, by: By): Promise<readonly SeededPerson[]> {
  const people: SeededPerson[] = [];
  for (const [n, part] of parts().entries()) people.push(await seedPerson(store, by, { ...part, name: nameOf(n) }));
  return people;
}

function parts(): readonly Part[] {
  const everywhere = ORGANISATIONS.flatMap((organisation) => EVERYWHERE.map((role) => ({ organisation, role, study: null })));
  const elsewhere = ELSEWHERE.flatMap(({ organisation: id, role, study }) =>
    ORGANISATIONS.filter((organisation) => organisation.id === id).map((organisation) => ({ organisation, role, study: study ?? null })));
  return [...everywhere, ...elsewhere];
}

async function seedPerson(store: Store, by: By, part: Part & { name: string }): Promise<SeededPerson> {
  const { organisation, role, study, name } = part;
  const email = `${role.replaceAll('_', '.')}@${organisation.domain}`;
  const password = randomBytes(12).toString('base64url');
  const organisationId = organisation.id;
  const person = await createRecord(store, {
    kind: personKind, by, id: `${organisationId}-${role.replaceAll('_', '-')}`,
    fields: { email, name, organisationId, passwordHash: await hashPassword(password) },
  });
  await createRecord(store, {
    kind: membershipKind, by,
    fields: { personId: person._id, organisationId, role, studyId: study, systemIds: role === 'system_owner' ? SYSTEMS : [], from: '2026-01-01T00:00:00.000Z' as Instant, until: null },
  });
  await seedSigner(store, by, { personId: person._id, organisationId });
  return { id: person._id, organisationId, email, password, organisation: organisation.name, roles: [role] };
}

/** The demo's people may sign once they accept the statement: their passwords are their own, their identities verified by their administrator. */
async function seedSigner(store: Store, by: By, { personId, organisationId }: { readonly personId: string; readonly organisationId: string }): Promise<void> {
  await inTransaction(store, (session) => notePassword(store, { personId, givenBy: null, by }, session));
  const verifiedBy = `${organisationId}-organisation-admin`;
  if (personId === verifiedBy) return;
  const identity = { verifiedBy, verifiedByName: 'Administrator of the demo', organisationId, at: by.at, documentKind: 'employee_badge' } as const;
  await verifyIdentity(store, { personId, identity, reason: 'demo', by });
}
