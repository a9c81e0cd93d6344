import { join } from 'node:path';
import type { Calendar } from '../contracts/calendar';
import { instantOf, type Instant } from '../contracts/instant';
import { DEFAULT_WEEK } from '../domain/time/defaultHours';
import { rowKeyOf } from '../domain/matrix/row';
import { loadConfig } from '../platform/config';
import { exitOnConfigError } from '../platform/configExit';
import { freezeHolidays } from '../platform/holidays';
import { createAuthenticator } from '../platform/derivedKeys';
import { openKeyRing } from '../platform/keyRing';
import { createRecord, type By } from '../store/administration';
import { addCalendar, calendarsInForce } from '../store/calendars';
import { openStore, type Store } from '../store/connection';
import { ensurePolicies } from '../store/defaultPolicies';
import { addMatrixVersion, latestVersions } from '../store/matrix';
import { capaPolicies } from '../store/policies';
import { organisationKind, organisationsByIds } from '../store/organisations';
import { studyKind } from '../store/studies';
import { DEMO_CAPA_POLICY } from './demo/capaPolicy';
import { ORGANISATIONS, STUDIES, type DemoOrganisation } from './demo/cast';
import { demoApprovals, demoRows } from './demo/matrix';
import { openCredentials } from './demo/credentials';
import { demoPeople, missingPeople, seedPerson, type SeededPerson } from './demo/people';
import { seedSources } from './demo/sources';

const LAST_HOLIDAY_YEAR = 2031;

/**
 * Seeds what is missing of the demo: two sponsors, two CROs, three studies, people in every role, a communication matrix, a
 * quick CAPA policy. Repeating it changes nothing, and goes on where a start that was killed left off. `keep` hears of
 * passwords before anybody has them. Returns the people that were made; undefined: they were all there.
 */
export async function seedDemo(store: Store, at: Instant, keep: (people: readonly SeededPerson[]) => void = () => undefined): Promise<readonly SeededPerson[] | undefined> {
  const by: By = { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'demo-seed' };
  // A demo from before CAPAs gets it, too.
  await ensurePolicies(store, capaPolicies, { policies: [DEMO_CAPA_POLICY], reason: 'demo', by });
  await seedOrganisations(store, by);
  await seedStudies(store, by);
  const people = await missingPeople(store);
  keep(people);
  for (const person of people) await seedPerson(store, by, person);
  await seedMatrix(store, by);
  return people.length === 0 ? undefined : people;
}

async function seedOrganisations(store: Store, by: By): Promise<void> {
  const ids = ORGANISATIONS.map(({ id }) => id);
  const [there, calendars] = await Promise.all([organisationsByIds(store, ids), calendarsInForce(store, ids, by.at)]);
  for (const organisation of ORGANISATIONS) {
    const { id, name, kind, zone, domain } = organisation;
    if (!there.some(({ _id }) => _id === id)) await createRecord(store, { kind: organisationKind, by, id, fields: { name, kind, zone, receiptAddress: `audit-receipts@${domain}` } });
    if (!calendars.has(id)) await addCalendar(store, { calendar: calendarOf(organisation, by.at), reason: 'demo', by });
  }
}

/** Business hours of a new installation, in the organisation's zone, with the public holidays there. */
function calendarOf({ id, zone, holidays: place }: DemoOrganisation, at: Instant): Calendar {
  const fromYear = Number(at.slice(0, 4));
  const { holidays, source, gaps } = freezeHolidays({ ...place, fromYear, toYear: Math.max(fromYear, LAST_HOLIDAY_YEAR) });
  return { organisationId: id, version: 1, zone, week: DEFAULT_WEEK, holidays, holidaySource: source, ...(gaps.length > 0 && { holidayGaps: [...gaps] }) };
}

async function seedStudies(store: Store, by: By): Promise<void> {
  const there = await store.models.studies.find({ _id: { $in: STUDIES.map(({ id }) => id) } }, { _id: 1 }).lean<{ _id: string }[]>();
  for (const { id, code, title, sponsor, cro } of STUDIES) {
    if (!there.some(({ _id }) => _id === id)) await createRecord(store, { kind: studyKind, by, id, fields: { code, title, organisationIds: [sponsor, cro] } });
  }
}

async function seedMatrix(store: Store, by: By): Promise<void> {
  const people = demoPeople();
  const rows = demoRows(people);
  const there = await latestVersions(store, rows.map(rowKeyOf));
  for (const row of rows.filter((one) => !there.has(rowKeyOf(one)))) {
    await addMatrixVersion(store, { row, effectiveFrom: by.at, approvals: demoApprovals(row, people, by.at), proposalId: null, reason: 'demo', by });
  }
}

async function main(): Promise<void> {
  const config = loadConfig();
  const credentials = openCredentials(join(process.env['CRO_DATA_DIR'] ?? '.data', 'demo-credentials.json'), config.publicUrl);
  const ring = openKeyRing(config.keysFile);
  const store = await openStore({ uri: config.mongodbUri, sealer: createAuthenticator(ring, 'audit-seal') });
  try {
    const at = instantOf(Date.now());
    const people = await seedDemo(store, at, (made) => { credentials.keep({ users: made }); });
    const sources = await seedSources({ store, ring, at, keep: (made) => { credentials.keep({ sources: made }); } });
    console.log(`seeded the demo: ${String(people?.length ?? 0)} people, ${String(sources.length)} sources`);
  } finally {
    await store.close();
  }
}

if (require.main === module) main().catch(exitOnConfigError);
