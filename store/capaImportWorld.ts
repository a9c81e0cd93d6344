import { plusMs, type Instant } from '../contracts/instant';
import type { Membership } from '../contracts/people';
import { Failure } from '../contracts/failures';
import { canonicalNumber } from '../domain/capaImport/checkRow';
import type { ImportLine } from '../domain/capaImport/columns';
import { dayReader } from '../domain/capaImport/days';
import { organisationOfFile } from '../domain/capaImport/place';
import type { ImportWorld, KnownPerson } from '../domain/capaImport/world';
import { unknownTopic } from '../domain/topics/nearest';
import { addBusinessDays } from '../domain/time/businessTime';
import { DAY_MS } from '../domain/time/zone';
import { calendarInForce } from './calendars';
import type { Store } from './connection';
import { inForceAt, membershipOf } from './memberships';
import { knownOrganisationIds, organisationsByIds } from './organisations';
import { capaPolicies, capaPolicyAmong } from './policies';
import { canonicalEmail } from './people';
import type { CapaImportRowDoc } from './schemas/capaImports';
import type { EvidenceDoc } from './schemas/evidence';
import type { MembershipDoc, PersonDoc, StudyDoc } from './schemas/people';
import { isSeeded, topicsOf } from './topics';

/** Business days until what was overdue counts again, unless the import says another day. */
const CATCH_UP_BUSINESS_DAYS = 10;
/** A catch-up date beyond this would be a standstill, ms. */
const LATEST_CATCH_UP_MS = 92 * DAY_MS;
/** Files of one importer that a table may name. */
const MOST_FILES = 5000;

export interface Importer {
  readonly personId: string;
  readonly organisationId: string;
  readonly memberships: readonly Membership[];
}

interface Asked {
  readonly lines: readonly ImportLine[];
  readonly importer: Importer;
  /** A day; undefined: the default. */
  readonly catchUpOn: string | undefined;
  readonly now: Instant;
  readonly tzdb: string;
}

/** Reads everything that a table of CAPAs is checked against. Throws Failure `rule_broken` for a catch-up date that is none. */
export async function importWorld(store: Store, { lines, importer, catchUpOn, now, tzdb }: Asked): Promise<ImportWorld> {
  const known = new Set<string>();
  for (const id of new Set([importer.organisationId, ...importer.memberships.map(({ organisationId }) => organisationId)])) for (const one of await knownOrganisationIds(store, id)) known.add(one);
  const ids = [...known];
  const seats = importer.memberships.map(({ organisationId, studyId }) => ({ organisationIds: organisationId, ...(studyId !== null && { _id: studyId }) }));
  const [organisations, studies, people, files] = await Promise.all([
    organisationsByIds(store, ids), seats.length === 0 ? [] : store.models.studies.find({ active: true, $or: seats }).lean<StudyDoc[]>(), peopleOf(store, { addresses: addressesIn(lines), organisationIds: ids, now }),
    store.models.evidence.find({ 'storedBy.personId': importer.personId } as never, { fileName: 1, sha256: 1 }).sort({ storedAt: -1 }).limit(MOST_FILES).lean<Pick<EvidenceDoc, '_id' | 'fileName' | 'sha256'>[]>(),
  ]);
  const active = organisations.filter((organisation) => organisation.active).map(({ _id: id, name, kind }) => ({ id, name, kind }));
  const organisationId = organisationOfFile(lines, { organisations: active, importer, now });
  const calendar = organisationId === undefined ? undefined : await calendarInForce(store, organisationId, now);
  const days = dayReader(calendar?.zone ?? 'UTC', now);
  const byDefault = calendar ? addBusinessDays(calendar, now, CATCH_UP_BUSINESS_DAYS) : plusMs(now, CATCH_UP_BUSINESS_DAYS * DAY_MS);
  const catchUpAt = catchUpOn === undefined ? byDefault : days.endOf(catchUpOn);
  if (catchUpAt <= now || catchUpAt > plusMs(now, LATEST_CATCH_UP_MS)) throw new Failure('rule_broken', 'catchUpOn lies ahead, by three months at most.', { errors: [{ field: 'catchUpOn', message: 'lies ahead, by three months at most' }] });
  return {
    now, catchUpAt, tzdb, organisationId, calendar, importer, people, organisations: active,
    studies: studies.map(({ _id: id, code, organisationIds }) => ({ id, code, organisationIds })),
    files: files.map(({ _id: id, fileName, sha256 }) => ({ id, fileName, sha256 })),
    taken: organisationId === undefined ? new Map() : await takenNumbers(store, { organisationId, lines }),
    topicFault: await topicsOfPairs(store, { lines, organisationId, raisingIds: active.map(({ id }) => id) }),
    policyFor: await policiesOf(store, organisationId, now),
  };
}

/** Whatever in the cells of people could be an address. */
function addressesIn(lines: readonly ImportLine[]): readonly string[] {
  const texts = lines.flatMap(({ cells }) => [cells.owner, cells.effect_assessor, ...cells.actions.split(/[|;\r\n]/u)]);
  return [...new Set(texts.map(canonicalEmail).filter((text) => text.includes('@')))];
}

async function peopleOf(store: Store, { addresses, organisationIds, now }: { addresses: readonly string[]; organisationIds: readonly string[]; now: Instant }): Promise<readonly KnownPerson[]> {
  const people = await store.models.people.find({ email: { $in: [...addresses] }, organisationId: { $in: [...organisationIds] } }).lean<PersonDoc[]>();
  const memberships = await store.models.memberships.find({ personId: { $in: people.map(({ _id }) => _id) }, ...inForceAt(now) }).lean<MembershipDoc[]>();
  return people.map(({ _id: id, name, email, organisationId, active }) => ({ id, name, email, organisationId, active, memberships: memberships.filter(({ personId }) => personId === id).map(membershipOf) }));
}

export const rowIdOf = (organisationId: string, externalNumber: string): string => `${organisationId}/${canonicalNumber(externalNumber)}`;

async function takenNumbers(store: Store, { organisationId, lines }: { organisationId: string; lines: readonly ImportLine[] }): Promise<ReadonlyMap<string, string>> {
  const rows = await store.models.capaImportRows.find({ _id: { $in: lines.map(({ cells }) => rowIdOf(organisationId, cells.external_number)) } }).lean<CapaImportRowDoc[]>();
  return new Map(rows.map(({ externalNumber, number }) => [canonicalNumber(externalNumber), number]));
}

/** The topics of each pair that a line may name; most are everybody's, which asks nothing of the store. */
async function topicsOfPairs(store: Store, { lines, organisationId, raisingIds }: { lines: readonly ImportLine[]; organisationId: string | undefined; raisingIds: readonly string[] }): Promise<ImportWorld['topicFault']> {
  if (organisationId === undefined || lines.every(({ cells }) => isSeeded(cells.topic.toLowerCase()))) return () => undefined;
  const known = new Map(await Promise.all(raisingIds.map(async (id) => [id, (await topicsOf(store, [id, organisationId])).map(({ topic }) => topic)] as const)));
  return (topic, raisingOrganisationId) => {
    const topics = known.get(raisingOrganisationId) ?? [];
    return topics.includes(topic) ? undefined : unknownTopic(topic, topics).message;
  };
}

/** Every version that may bind what this organisation owes; which one, each line's parties say. */
async function policiesOf(store: Store, organisationId: string | undefined, at: Instant): Promise<ImportWorld['policyFor']> {
  const versions = await capaPolicies.ofOrganisations(store, organisationId === undefined ? [] : [organisationId]);
  return (topic, parties) => capaPolicyAmong(versions, { ...parties, topic, at });
}
