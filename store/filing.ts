import { noticeStreamOf } from '../contracts/ids';
import { administrativeStreamOf } from '../domain/audit/streams';
import type { FiledApproval, FilingSources } from '../domain/notices/filing';
import { partiesOf } from '../domain/escalation/plan';
import { readHead } from './auditLog';
import type { Store } from './connection';
import { matrixRowInForce, matrixVersion, rowKeysFor } from './matrix';
import { filedNotices } from './notices';
import type { MatrixDoc } from './schemas/matrix';
import type { RecordDoc } from './schemas/records';
import { signaturesOf } from './signatures';
import { timelineSources } from './timeline';

/** What a record's filing document is made from. */
export async function filingSources(store: Store, record: RecordDoc): Promise<Omit<FilingSources, 'organisationIds'>> {
  const [row, notices, { facts }, noticeHead] = await Promise.all([
    routedBy(store, record), filedNotices(store, record._id), timelineSources(store, record._id), readHead(store, noticeStreamOf(record._id)),
  ]);
  const { _id: id, number, rev, status, topic, severity, studyId, raisingOrganisationId, accountableOrganisationId, openedAt, drill } = record;
  return {
    record: { id, number, rev, status, topic, severity, studyId, raisingOrganisationId, accountableOrganisationId, openedAt, drill },
    row: row && { rowKey: row.rowKey, version: row.version, filing: row.filing, approvals: await filedApprovals(store, row) }, notices, facts,
    chains: [{ streamId: id, ...record.chain }, noticeHead],
  };
}

async function filedApprovals(store: Store, { approvals, proposalId }: MatrixDoc): Promise<readonly FiledApproval[]> {
  const signatures = proposalId === null ? [] : await signaturesOf(store, administrativeStreamOf('matrix-proposal', proposalId));
  return approvals.map((approval) => {
    const given = { ...approval, signatureId: approval.signatureId ?? null };
    const signature = signatures.find(({ id }) => id === given.signatureId);
    if (!signature) return { ...given, signature: null };
    const { id, rev, act, subject, version, contentHash, meaning, printedName, organisationName, signedAt, zone } = signature;
    return { ...given, signature: { id, rev, act, subject, version, contentHash, meaning, printedName, organisationName, signedAt, zone } };
  });
}

/** The row version that routed the opening: the one in force then, told by its number. */
async function routedBy(store: Store, record: RecordDoc): Promise<MatrixDoc | undefined> {
  const version = (record.state as { readonly matrixVersion?: number | null }).matrixVersion ?? null;
  if (version === null) return undefined;
  const where = { studyId: record.studyId, topic: record.topic, organisationIds: partiesOf(record) };
  const then = await matrixRowInForce(store, { ...where, at: record.openedAt });
  if (then?.version === version) return then;
  const found = await Promise.all(rowKeysFor(where).map((key) => matrixVersion(store, key, version)));
  return found.find((row) => row !== undefined);
}
