import type { FindingText } from '../contracts/finding';
import type { VisibilityFilter } from '../domain/access/ability';
import { changeRecord, createRecord, type AdministeredKind, type By, type NewFields } from './administration';
import { insertCommand, type NewCommand } from './commands';
import { inTransaction, type Store } from './connection';
import type { FindingDoc } from './schemas/findings';
import type { RecordDoc } from './schemas/records';

export const findingKind: AdministeredKind<FindingDoc> = { kind: 'finding', model: (store) => store.models.findings, secret: ['requestHash'] };

/** A finding, or undefined; the caller decides who may see it. */
export async function findingById(store: Store, id: string): Promise<FindingDoc | undefined> {
  return (await store.models.findings.findById(id).lean<FindingDoc>()) ?? undefined;
}

/** Whether the audit has a finding of this number. */
export async function isRecorded(store: Store, { raisingOrganisationId, auditReference, findingNo }: Pick<FindingDoc, 'raisingOrganisationId' | 'auditReference' | 'findingNo'>): Promise<boolean> {
  return (await store.models.findings.exists({ raisingOrganisationId, auditReference, findingNo })) !== null;
}

/**
 * Keeps a finding, its audit entry and the command that opens its CAPA in one transaction: whatever happens next, the command is
 * sent until it is answered. Throws Failure `exists` when the audit has a finding of this number already.
 */
export function keepFinding(store: Store, { id, fields, opening, by }: { readonly id: string; readonly fields: NewFields<FindingDoc>; readonly opening: NewCommand; readonly by: By }): Promise<FindingDoc> {
  return inTransaction(store, async (session) => {
    const finding = await createRecord(store, { kind: findingKind, id, fields, by, session });
    await insertCommand(store, opening, session);
    return finding;
  });
}

/** A new version of a finding, with its reason. Throws as changeRecord does. */
export function correctFinding(store: Store, { finding, changes, reason, by }: { readonly finding: FindingDoc; readonly changes: Partial<FindingText>; readonly reason: string; readonly by: By }): Promise<FindingDoc> {
  return changeRecord(store, { kind: findingKind, id: finding._id, rev: finding.rev, changes, reason, by });
}

/** `from` inclusive, `to` exclusive: days of the audit. */
export interface FindingFilter {
  readonly studyId?: string | undefined;
  readonly auditReference?: string | undefined;
  readonly category?: string | undefined;
  readonly severity?: string | undefined;
  /** Audited or auditing. */
  readonly organisationId?: string | undefined;
  readonly capaId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Where a page ended: the next one begins after it. */
interface FindingCursor {
  readonly createdAt: string;
  readonly id: string;
}

interface FindingList {
  readonly visibility: VisibilityFilter;
  readonly filter: FindingFilter;
  readonly after?: FindingCursor | undefined;
  readonly limit: number;
}

/** Findings that a visibility filter lets through, latest recorded first. */
export async function listFindings(store: Store, { visibility, filter, after, limit }: FindingList): Promise<{ readonly items: readonly FindingDoc[]; readonly next?: FindingCursor }> {
  const { organisationId, from, to, ...equal } = filter;
  const fields = Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined));
  const day = { ...(from !== undefined && { $gte: from }), ...(to !== undefined && { $lt: to }) };
  const beyond = after && { $or: [{ createdAt: { $lt: after.createdAt } }, { createdAt: after.createdAt, _id: { $lt: after.id } }] };
  const conditions = [
    fields, visibility, ...(Object.keys(day).length > 0 ? [{ auditDate: day }] : []), ...(beyond ? [beyond] : []),
    ...(organisationId === undefined ? [] : [{ $or: [{ raisingOrganisationId: organisationId }, { accountableOrganisationId: organisationId }] }]),
  ];
  const found = await store.models.findings.find({ $and: conditions } as never).sort({ createdAt: -1, _id: -1 }).limit(limit + 1).lean<FindingDoc[]>();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: { createdAt: last.createdAt, id: last._id } } : { items };
}

/** How the CAPAs of findings stand, by id; one that is not open yet is left out. */
export async function statusesOf(store: Store, capaIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = await store.models.records.find({ _id: { $in: [...capaIds] } }, { status: 1 }).lean<Pick<RecordDoc, '_id' | 'status'>[]>();
  return new Map(found.map(({ _id, status }) => [_id, status]));
}
