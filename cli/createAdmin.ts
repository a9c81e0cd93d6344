import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { instantOf, type Instant } from '../contracts/instant';
import type { Role } from '../contracts/people';
import { createAuthenticator } from '../platform/derivedKeys';
import { openKeyRing } from '../platform/keyRing';
import { hashPassword } from '../platform/passwords';
import { confusedWith, faultOfName } from '../domain/access/printedName';
import { signsFrom } from '../domain/access/window';
import { createRecord, type By } from '../store/administration';
import { announce } from '../store/announcements';
import { inTransaction, openStore, type Session, type Store } from '../store/connection';
import { membershipKind, peopleInRoles } from '../store/memberships';
import { organisationKind } from '../store/organisations';
import { canonicalEmail, personKind } from '../store/people';
import { namesOfPeople } from '../store/printedNames';
import type { OrganisationDoc } from '../store/schemas/people';
import { notePassword, verifyIdentity } from '../store/signers';
import { connectionString, keyRingFile } from './connectionString';

const USAGE = `Creates the first organisation and its administrator; --second adds another one beside them: a signer is made by two people
who are independent, so that an organisation begins with two.

  npm run create-admin -- --organisation NAME --kind sponsor|cro|vendor --zone ZONE --name NAME --email ADDRESS
  npm run create-admin -- --second --organisation NAME --name NAME --email ADDRESS

The password is made here, printed once, and replaced at the first sign-in (newPassword). The first form is refused where the installation
already has people, the second where the organisation has two verified administrators: from then on administrators create administrators.
Whom this makes says for ever in the trail that provisioning made and verified them. Reads MONGODB_URI (or MONGODB_URI_FILE) and CRO_KEYS_FILE,
else what npm start set up in .data/ (or CRO_DATA_DIR).
`;

const ROLES: readonly Role[] = ['organisation_admin', 'instance_admin'];

interface Wanted {
  readonly organisation: string;
  readonly kind: 'sponsor' | 'cro' | 'vendor';
  readonly zone: string;
  readonly name: string;
  readonly email: string;
}

/** Creates the first administrator. Returns the password, or undefined when there are people already. */
export async function createFirstAdmin(store: Store, wanted: Wanted): Promise<string | undefined> {
  if ((await store.models.people.exists({})) !== null) return undefined;
  const at = instantOf(Date.now());
  const by: By = { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'create-admin' };
  const password = randomBytes(15).toString('base64url');
  const { organisation, kind, zone } = wanted;
  const passwordHash = await hashPassword(password);
  // All or nothing: a person without a role would lock everybody out, since people who exist are never made again.
  await inTransaction(store, async (session) => {
    const { _id: organisationId } = await createRecord(store, { kind: organisationKind, by, session, fields: { name: organisation, kind, zone, receiptAddress: canonicalEmail(wanted.email) } });
    await found({ store, session }, by, { ...wanted, organisationId, passwordHash, roles: ROLES });
  });
  return password;
}

/** The signs that provisioning made somebody: their password is known to an operator until they replace it, their identity rests on the operator. */
const MADE_BY = 'provisioning';

interface Founder extends Pick<Wanted, 'name' | 'email'> {
  readonly organisationId: string;
  readonly passwordHash: string;
  readonly roles: readonly Role[];
  /** Absent: the organisation has nobody yet who could object. */
  readonly signsFrom?: Instant;
}

async function found({ store, session }: { readonly store: Store; readonly session: Session }, by: By, founder: Founder): Promise<void> {
  const { name, organisationId, passwordHash, roles, signsFrom: from } = founder;
  const { _id: personId } = await createRecord(store, { kind: personKind, by, session, fields: { email: canonicalEmail(founder.email), name, organisationId, passwordHash } });
  for (const role of roles) {
    await createRecord(store, { kind: membershipKind, by, session, fields: { personId, organisationId, role, studyId: null, systemIds: [], from: by.at, until: null, ...(from && { signsFrom: from }) } });
  }
  await notePassword(store, { personId, givenBy: MADE_BY, by }, session);
  const identity = { verifiedBy: MADE_BY, verifiedByName: 'Provisioning (create-admin)', organisationId, at: by.at, documentKind: 'other', provisioned: true, ...(from && { signsFrom: from }) } as const;
  await verifyIdentity(store, { personId, identity, reason: 'create-admin', by }, session);
}

/**
 * Adds an administrator beside those of an organisation, as long as it has fewer than two whose identity is verified: two people who are independent have to
 * come from outside. The others are told. Returns the password; undefined: there is no such organisation, or it has two.
 */
export async function createSecondAdmin(store: Store, wanted: Pick<Wanted, 'organisation' | 'name' | 'email'>): Promise<string | undefined> {
  const [organisation, ...more] = await store.models.organisations.find({ name: wanted.organisation, active: true }).lean<OrganisationDoc[]>();
  if (!organisation || more.length > 0) return undefined;
  if (confusedWith(wanted.name, await namesOfPeople(store, { organisationIds: [organisation._id] })) !== undefined) throw new Error('the name is taken for that of another person of the organisation: add what tells them apart');
  const at = instantOf(Date.now());
  const by: By = { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'create-admin' };
  const administrators = await peopleInRoles(store, { organisationId: organisation._id, roles: ['organisation_admin'], studyId: null, at });
  const [people, signers] = await Promise.all([
    store.models.people.countDocuments({ _id: { $in: administrators }, active: true }), store.models.signers.countDocuments({ _id: { $in: administrators }, identity: { $ne: null } }),
  ]);
  if (Math.min(people, signers) >= 2) return undefined;
  const password = randomBytes(15).toString('base64url');
  const passwordHash = await hashPassword(password);
  await inTransaction(store, async (session) => {
    await found({ store, session }, by, { ...wanted, organisationId: organisation._id, passwordHash, roles: ['organisation_admin'], ...(administrators.length > 1 && { signsFrom: signsFrom(at) }) });
    await announce(store, { what: 'administrator', about: `organisation/${organisation._id}`, organisationIds: [organisation._id], subject: wanted.name, role: 'organisation_admin', by }, session);
  });
  return password;
}

type Asked = { readonly second: false; readonly wanted: Wanted } | { readonly second: true; readonly wanted: Pick<Wanted, 'organisation' | 'name' | 'email'> };

function askedFrom(args: readonly string[]): Asked | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ args: [...args], options: { organisation: text, kind: text, zone: text, name: text, email: text, second: flag, help: flag } });
  const { organisation, kind, zone, name, email } = values;
  if (values.help || !organisation || !name || !email?.includes('@')) return undefined;
  const fault = faultOfName(name) ?? faultOfName(organisation);
  if (fault !== undefined) throw new Error(`a printed name is ${fault}`);
  if (values.second) return { second: true, wanted: { organisation, name, email } };
  if (!zone || (kind !== 'sponsor' && kind !== 'cro' && kind !== 'vendor')) return undefined;
  return Intl.supportedValuesOf('timeZone').includes(zone) ? { second: false, wanted: { organisation, kind, zone, name, email } } : undefined;
}

async function main(): Promise<number> {
  const asked = askedFrom(process.argv.slice(2));
  if (!asked) {
    process.stdout.write(USAGE);
    return process.argv.includes('--help') ? 0 : 2;
  }
  const store = await openStore({ uri: connectionString(), sealer: createAuthenticator(openKeyRing(keyRingFile()), 'audit-seal') });
  try {
    const password = asked.second ? await createSecondAdmin(store, asked.wanted) : await createFirstAdmin(store, asked.wanted);
    const refused = asked.second ? 'There is no organisation of this name, or it has two verified administrators already.' : 'This installation has people already; ask one of its administrators, or add one with --second.';
    console.log(password === undefined ? refused : `Created ${asked.wanted.email}. Password, shown this once, to be replaced at the first sign-in: ${password}`);
    return password === undefined ? 1 : 0;
  } finally {
    await store.close();
  }
}

if (require.main === module) {
  main().then((code) => { process.exitCode = code; }, (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  });
}
