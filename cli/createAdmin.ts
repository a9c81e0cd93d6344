import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { instantOf } from '../contracts/instant';
import type { Role } from '../contracts/people';
import { createAuthenticator } from '../platform/derivedKeys';
import { openKeyRing } from '../platform/keyRing';
import { hashPassword } from '../platform/passwords';
import { createRecord, type By } from '../store/administration';
import { inTransaction, openStore, type Store } from '../store/connection';
import { membershipKind } from '../store/memberships';
import { organisationKind } from '../store/organisations';
import { canonicalEmail, personKind } from '../store/people';
import { connectionString, keyRingFile } from './connectionString';

const USAGE = `Creates the first organisation and its administrator, who then invites everybody else.

  npm run create-admin -- --organisation NAME --kind sponsor|cro|vendor --zone ZONE --name NAME --email ADDRESS

The password is made here and printed once. Refused where the installation already has people:
from then on administrators create administrators. Reads MONGODB_URI (or MONGODB_URI_FILE) and CRO_KEYS_FILE,
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
  const { organisation, kind, zone, name } = wanted;
  const passwordHash = await hashPassword(password);
  // All or nothing: a person without a role would lock everybody out, since people who exist are never made again.
  await inTransaction(store, async (session) => {
    const { _id: organisationId } = await createRecord(store, { kind: organisationKind, by, session, fields: { name: organisation, kind, zone, receiptAddress: canonicalEmail(wanted.email) } });
    const person = await createRecord(store, { kind: personKind, by, session, fields: { email: canonicalEmail(wanted.email), name, organisationId, passwordHash } });
    for (const role of ROLES) {
      await createRecord(store, { kind: membershipKind, by, session, fields: { personId: person._id, organisationId, role, studyId: null, systemIds: [], from: at, until: null } });
    }
  });
  return password;
}

function wantedFrom(args: readonly string[]): Wanted | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { organisation: text, kind: text, zone: text, name: text, email: text, help: { type: 'boolean' } } });
  const { organisation, kind, zone, name, email } = values;
  if (values.help || !organisation || !zone || !name || !email?.includes('@')) return undefined;
  if (kind !== 'sponsor' && kind !== 'cro' && kind !== 'vendor') return undefined;
  return Intl.supportedValuesOf('timeZone').includes(zone) ? { organisation, kind, zone, name, email } : undefined;
}

async function main(): Promise<number> {
  const wanted = wantedFrom(process.argv.slice(2));
  if (!wanted) {
    process.stdout.write(USAGE);
    return process.argv.includes('--help') ? 0 : 2;
  }
  const store = await openStore({ uri: connectionString(), sealer: createAuthenticator(openKeyRing(keyRingFile()), 'audit-seal') });
  try {
    const password = await createFirstAdmin(store, wanted);
    console.log(password === undefined ? 'This installation has people already; ask one of its administrators.' : `Created ${wanted.email}. Password, shown this once: ${password}`);
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
