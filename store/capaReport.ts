import type { AuditEntry } from '../contracts/audit';
import type { CapaState } from '../contracts/capaState';
import type { Instant } from '../contracts/instant';
import { administrativeStreamOf } from '../domain/audit/streams';
import { asOf, type ReportedFile, type ReportNames, type ReportSources } from '../domain/capaReport/report';
import { auditCollection, readChain } from './auditLog';
import type { Store } from './connection';
import { linksOfRecord } from './evidenceLinks';
import { groupedBy } from './grouped';
import type { EvidenceDoc } from './schemas/evidence';
import type { RecordDoc, StepDoc } from './schemas/records';
import { signaturesOf } from './signatures';

const PAGE = 500;

/**
 * What is kept of a CAPA up to the revision at hand: a step committed meanwhile is not in it. Holds the whole trail, a few
 * kilobytes an entry.
 */
export async function capaReportSources(store: Store, record: RecordDoc): Promise<Omit<ReportSources, 'organisationIds'>> {
  const [entries, signatures, steps, evidence] = await Promise.all([
    wholeChain(store, record), signaturesOf(store, record._id),
    store.models.steps.find({ recordId: record._id, rev: { $lte: record.rev } }, { _id: 0, rev: 1, armed: 1, ended: 1 }).sort({ rev: 1 }).lean<Pick<StepDoc, 'rev' | 'armed' | 'ended'>[]>(),
    filesOf(store, record._id),
  ]);
  const names = await namesAsOf(store, { record, entries, evidence }, asOf(record, { entries, evidence }));
  return { record, entries, signatures: signatures.filter(({ rev }) => rev <= record.rev), steps, evidence, names, numbers: await numbersOf(store, record) };
}

/** The record's entries up to the end that the record remembers. */
async function wholeChain(store: Store, { _id, chain }: RecordDoc): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (let after = 0; after < chain.length;) {
    const page = await readChain(store, _id, { after, limit: Math.min(PAGE, chain.length - after) });
    const last = page.at(-1);
    if (!last) break;
    entries.push(...page.filter(({ seq }) => seq <= chain.length));
    after = last.seq;
  }
  return entries;
}

/** Evidence of the record in the order in which it was linked. */
async function filesOf(store: Store, recordId: string): Promise<readonly ReportedFile[]> {
  const links = await linksOfRecord(store, recordId);
  const docs = await store.models.evidence.find({ _id: { $in: links.map(({ evidenceId }) => evidenceId) } }).lean<EvidenceDoc[]>();
  const byId = new Map(docs.map((doc) => [doc._id, doc]));
  return links.flatMap(({ evidenceId, linkedBy, linkedAt }) => {
    const doc = byId.get(evidenceId);
    if (!doc) return [];
    const { _id: id, fileName, mediaType, sizeBytes, sha256, version, replaces, retention, storedBy, storedAt } = doc;
    return [{ id, fileName, mediaType, sizeBytes, sha256, version, replaces, retention: retention.class, stored: handOf(storedBy, storedAt), linked: handOf(linkedBy, linkedAt) }];
  });
}

const handOf = ({ name, role, organisationId }: EvidenceDoc['storedBy'], at: Instant): ReportedFile['stored'] => ({ at, name, role, organisationId });

/** Numbers of linked and counted records of the same organisations: nothing that a reader of the CAPA may not know. */
async function numbersOf(store: Store, { state, raisingOrganisationId, accountableOrganisationId }: RecordDoc): Promise<Readonly<Record<string, string>>> {
  const parties = [raisingOrganisationId, accountableOrganisationId];
  const { links, measurement, past } = state as unknown as Pick<CapaState, 'links' | 'measurement' | 'past'>;
  const counted = [...past.map((one) => one.measurement), measurement].flatMap((one) => one?.sources ?? []);
  const found = await store.models.records
    .find({ _id: { $in: [...new Set([...links, ...counted].map(({ recordId }) => recordId))] }, raisingOrganisationId: { $in: parties }, accountableOrganisationId: { $in: parties } }, { number: 1 })
    .lean<Pick<RecordDoc, '_id' | 'number'>[]>();
  return Object.fromEntries(found.map(({ _id, number }) => [_id, number]));
}

/** What people, organisations and the study were called then: a report is not changed by a later wedding. */
async function namesAsOf(store: Store, about: { readonly record: RecordDoc; readonly entries: readonly AuditEntry[]; readonly evidence: readonly ReportedFile[] }, at: Instant): Promise<ReportNames> {
  const { record, entries, evidence } = about;
  const mentioned = mentionedIds(record.state);
  const people = new Set([...mentioned.people, ...entries.flatMap(({ actor, old, new: value }) => [...(actor.kind === 'person' ? [actor.personId] : []), ...[old, value].filter((one) => typeof one === 'string')])]);
  const organisations = new Set([...mentioned.organisations, ...entries.flatMap(({ actor }) => (actor.kind === 'person' ? [actor.organisationId] : [])), ...evidence.flatMap(({ stored, linked }) => [stored.organisationId, linked.organisationId])]);
  const { models } = store;
  const [peopleDocs, organisationDocs, studyDocs] = await Promise.all([
    models.people.find({ _id: { $in: [...people] } }, { name: 1 }).lean<{ _id: string; name: string }[]>(),
    models.organisations.find({ _id: { $in: [...organisations] } }, { name: 1 }).lean<{ _id: string; name: string }[]>(),
    models.studies.find({ _id: record.studyId ?? '' }, { code: 1, title: 1 }).lean<{ _id: string; code: string; title: string }[]>(),
  ]);
  const [peopleThen, organisationsThen, studiesThen] = await Promise.all([
    fieldsThen(store, { kind: 'person', docs: peopleDocs, fields: ['name'] }, at),
    fieldsThen(store, { kind: 'organisation', docs: organisationDocs, fields: ['name'] }, at),
    fieldsThen(store, { kind: 'study', docs: studyDocs, fields: ['code', 'title'] }, at),
  ]);
  return { people: peopleThen, organisations: organisationsThen, studies: studiesThen };
}

/** Fields of administered documents as they were at an instant: the first change after it says what was there before. */
async function fieldsThen<Doc extends { readonly _id: string }>(
  store: Store, { kind, docs, fields }: { readonly kind: 'person' | 'organisation' | 'study'; readonly docs: readonly Doc[]; readonly fields: readonly (keyof Doc & string)[] }, at: Instant,
): Promise<Readonly<Record<string, string>>> {
  const streamIds = docs.map(({ _id }) => administrativeStreamOf(kind, _id));
  const later = await auditCollection(store).find({ streamId: { $in: streamIds }, field: { $in: [...fields] }, at: { $gt: at } }, { sort: { streamId: 1, seq: 1 }, projection: { streamId: 1, field: 1, old: 1 } }).toArray();
  const changes = groupedBy(later, ({ streamId, field }) => `${streamId} ${String(field)}`);
  return Object.fromEntries(docs.toSorted((a, b) => (a._id < b._id ? -1 : 1)).map((doc) => {
    const then = fields.map((field) => changes.get(`${administrativeStreamOf(kind, doc._id)} ${field}`)?.[0]?.old ?? doc[field]);
    return [doc._id, then.map(String).join(' · ')];
  }));
}

/** Ids of people and organisations anywhere in a state, by the names of the fields that hold them. */
function mentionedIds(state: unknown): { readonly people: readonly string[]; readonly organisations: readonly string[] } {
  const people: string[] = [];
  const organisations: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, held] of Object.entries(value)) {
        if (typeof held !== 'string') visit(held);
        else if (/^(?:personId|ownerId|assessorId|raisedBy)$/u.test(key)) people.push(held);
        else if (/[oO]rganisationId$/u.test(key)) organisations.push(held);
      }
    }
  };
  visit(state);
  return { people, organisations };
}
