import { instantOf } from '../../contracts/instant';
import { emptyChain } from '../../domain/audit/chain';
import { listedUnder } from '../../domain/lists/listedUnder';
import type { FreshStore } from './mongo';
import { capaDoc, issueDoc } from './storedRecords';

/** Whose the planted things are, and the word that must not be read. */
export interface Planting {
  readonly organisationId: string;
  readonly otherId: string;
  readonly studyId: string;
  readonly mark: string;
}

const AT = instantOf(Date.UTC(2026, 5, 1));

/** One thing of each kind that an organisation and a study have, each with the mark in what people write. Answers their ids. */
export async function plant(fresh: FreshStore, { organisationId, otherId, studyId, mark }: Planting): Promise<readonly string[]> {
  const { main, audit } = fresh.admin;
  const into = async (collection: string, doc: object): Promise<void> => { await (audit.databaseName === collection ? audit : main).collection(collection).insertOne(doc); };
  const id = (kind: string): string => `${kind}-${studyId}`;
  const kept = (kind: string) => ({ _id: id(kind), rev: 1, active: true, createdAt: AT, updatedAt: AT, chain: { length: 0, head: emptyChain('').head } });
  const person = { personId: id('person'), name: mark, role: 'quality', organisationId };
  const parties = { raisingOrganisationId: organisationId, accountableOrganisationId: otherId };
  const visibleTo = [organisationId, otherId];
  for (const doc of [issueDoc(id('issue'), { studyId, ...parties }), capaDoc(id('capa'), { studyId, ...parties, sponsorOrganisationId: organisationId })]) {
    const record = { ...doc, ...parties, studyId, visibleTo, content: { title: mark, description: mark } };
    await into('records', { ...record, listedUnder: listedUnder(record) });
    await audit.collection('audit').insertOne({ _id: `${doc._id}/1` as never, streamId: doc._id, seq: 1, at: AT, zone: 'UTC', actor: { kind: 'system', name: 'test' }, action: 'comment.added', correlationId: mark, detail: { text: mark }, prevHash: '', hash: '' });
    await into('agenda_items', { _id: `${doc._id}/a`, recordId: doc._id, capability: doc.capability, number: mark, topic: 'data', studyId, systemId: null, severity: 'major', ...parties, visibleTo, assigneeIds: [], reason: mark, since: AT, reviewDue: AT, reviewsLapsed: 0, status: 'pending', settledAt: null, outcome: null, updatedAt: AT });
  }
  await into('people', { ...kept('person'), email: `${mark.toLowerCase()}@example.org`, name: mark, organisationId, passwordHash: '-' });
  await into('memberships', { ...kept('membership'), personId: id('person'), organisationId, role: 'study_lead', studyId, systemIds: [mark], from: AT, until: null });
  await into('delegations', { ...kept('delegation'), personId: id('person'), delegateId: id('person'), organisationId, from: AT, until: AT, reason: mark });
  await into('channels', { ...kept('channel'), organisationId, name: mark, studyId, country: null, role: null, severities: null, channel: 'webhook', target: `https://hooks.example/${mark}`, phiApproved: false, secrets: [], lastTest: null });
  await into('sources', { ...kept('source'), organisationId, name: mark, kind: 'event', strength: 'signed', secrets: [], raises: { studyId, topic: 'data', accountableOrganisationId: otherId, systemId: mark, severities: { words: {}, otherwise: 'major' } } });
  await into('legal_holds', { ...kept('hold'), organisationId, recordId: null, studyId, reason: mark, setBy: person, released: null });
  await into('legal_holds', { ...kept('held'), organisationId, recordId: id('issue'), studyId: null, reason: mark, setBy: person, released: null });
  await into('consents', {
    ...kept('consent'), subject: 'share', recordId: id('issue'), evidenceId: null, extent: 'whole', toOrganisationIds: ['third'], askingOrganisationId: organisationId, ofOrganisationId: otherId, studyId, status: 'asked', until: AT, reason: mark,
    askedBy: person, answer: null, withdrawal: null,
  });
  await into('findings', {
    ...kept('finding'), ...parties, studyId, visibleTo, assigneeIds: [], auditReference: mark, findingNo: '1', category: 'data_integrity', severity: 'major', text: mark, title: mark, description: mark, auditedOn: '2026-05-01', topic: 'data',
    systemId: null, recordedBy: id('person'), capaId: id('capa'), capaNumber: mark, requestHash: '-',
  });
  await into('capa_imports', { ...kept('import'), organisationId, fileSha256: mark, catchUpAt: AT, rows: 1, states: {}, overdue: 0, importedBy: person });
  await into('matrix', { _id: `${studyId}/data/1`, rowKey: id('row'), version: 1, effectiveFrom: AT, createdAt: AT, approvals: [], proposalId: null, studyId, topic: 'data', organisationIds: visibleTo, policyKey: 'default', contacts: [], phi: false, phiChannels: ['inbox'], filing: { tmfReference: '01', location: mark, responsibleOrganisationId: organisationId } });
  await into('matrix_proposals', {
    ...kept('proposal'), rowKey: id('row'), effectiveFrom: null, baseVersion: 1, status: 'proposed', proposingOrganisationId: organisationId, authorIds: [], proposedAt: AT, approvals: [], declined: { organisationId, personId: 'p', reason: mark, at: AT }, version: null, contentVersion: 1,
    row: { studyId, topic: 'data', organisationIds: visibleTo, policyKey: 'default', contacts: [], phi: false, phiChannels: ['inbox'] },
  });
  await audit.collection('evidence').insertOne({ _id: id('evidence') as never, lineId: id('evidence'), version: 1, replaces: null, fileName: mark, mediaType: 'text/plain', sizeBytes: 1, sha256: mark, retention: { class: 'operational', years: 5, from: 'stored', basis: mark, until: null }, sealedKey: '-', storedBy: person, storedAt: AT });
  await audit.collection('evidence_links').insertOne({ _id: `${id('evidence')}/${id('issue')}` as never, evidenceId: id('evidence'), recordId: id('issue'), inheritedFrom: null, linkedBy: person, linkedAt: AT });
  return [...['issue', 'capa', 'person', 'membership', 'delegation', 'channel', 'source', 'hold', 'held', 'consent', 'finding', 'import', 'row', 'proposal', 'evidence'].map(id), studyId, organisationId, otherId];
}
