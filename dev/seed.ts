import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instantOf, type Instant } from '../contracts/instant';
import { loadConfig } from '../platform/config';
import { exitOnConfigError } from '../platform/configExit';
import { freezeHolidays } from '../platform/holidays';
import { openKeyRing } from '../platform/keyRing';
import { createRecord, type By } from '../store/administration';
import { addCalendar } from '../store/calendars';
import { openStore, type Store } from '../store/connection';
import { ensurePolicies } from '../store/defaultPolicies';
import { addMatrixVersion } from '../store/matrix';
import { capaPolicies } from '../store/policies';
import { organisationKind, organisationsByIds } from '../store/organisations';
import { studyKind } from '../store/studies';
import { DEMO_CAPA_POLICY } from './demo/capaPolicy';
import { ORGANISATIONS, STUDIES, type DemoOrganisation } from './demo/cast';
import { demoApprovals, demoRows } from './demo/matrix';
import { seedPeople, type SeededPerson } from './demo/people';
import { seedSources } from './demo/sources';

const CREDENTIALS_FILE = 'demo-credentials.json';
const LAST_HOLIDAY_YEAR = 2031;
const WEEKDAYS = ['1', '2', '3', '4', '5'] as const;

/** Seeds the demo once: two sponsors, two CROs, three studies, people in every role, a communication matrix, a quick CAPA policy. Repeating it changes nothing. */
export async function seedDemo(store: Store, at: Instant): Promise<readonly SeededPerson[] | undefined> {
  const by: By = { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'demo-seed' };
  // A demo from before CAPAs gets it, too.
  await ensurePolicies(store, capaPolicies, { policies: [DEMO_CAPA_POLICY], reason: 'demo', by });
  if ((await organisationsByIds(store, ORGANISATIONS.map(({ id }) => id))).length > 0) return undefined;
  for (const organisation of ORGANISATIONS) await seedOrganisation(store, by, organisation);
  for (const { id, code, title, sponsor, cro } of STUDIES) {
    await createRecord(store, { kind: studyKind, by, id, fields: { code, title, organisationIds: [sponsor, cro] } });
  }
  const people = await seedPeople(store, by);
  for (const row of demoRows(people)) {
    await addMatrixVersion(store, { row, effectiveFrom: at, approvals: demoApprovals(row, people, at), proposalId: null, reason: 'demo', by });
  }
  return people;
}

async function seedOrganisation(store: Store, by: By, organisation: DemoOrganisation): Promise<void> {
  const { id, name, kind, zone, domain } = organisation;
  await createRecord(store, { kind: organisationKind, by, id, fields: { name, kind, zone, receiptAddress: `audit-receipts@${domain}` } });
  const fromYear = Number(by.at.slice(0, 4));
  const { holidays, source } = freezeHolidays({ ...organisation.holidays, fromYear, toYear: Math.max(fromYear, LAST_HOLIDAY_YEAR) });
  // Business hours of a new installation: 09:00–17:30, Monday to Friday, in the organisation's zone.
  const week = Object.fromEntries(WEEKDAYS.map((day) => [day, [{ from: '09:00', to: '17:30' }]]));
  await addCalendar(store, { calendar: { organisationId: id, version: 1, zone, week, holidays, holidaySource: source }, reason: 'demo', by });
}

async function main(): Promise<void> {
  const config = loadConfig();
  const file = join(process.env['CRO_DATA_DIR'] ?? '.data', CREDENTIALS_FILE);
  const store = await openStore({ uri: config.mongodbUri });
  try {
    const at = instantOf(Date.now());
    const people = await seedDemo(store, at);
    if (people) {
      const sources = await seedSources({ store, ring: openKeyRing(config.keysFile), at });
      const users = people.map(({ email, password, organisation, roles }) => ({ email, password, organisation, roles }));
      writeFileSync(file, `${JSON.stringify({ baseUrl: config.publicUrl, users, sources }, null, 2)}\n`, { mode: 0o600 });
      console.log(`seeded the demo: ${String(users.length)} people, their passwords are in ${file}`);
    } else if (!existsSync(file)) {
      console.log(`the demo's people exist, but ${file} is gone; \`npm start -- --reset\` makes a new demo`);
    }
  } finally {
    await store.close();
  }
}

if (require.main === module) main().catch(exitOnConfigError);
