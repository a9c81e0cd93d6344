import { createHash } from 'node:crypto';
import { stringify } from 'csv-stringify/sync';
import type { FilingRecord } from '../../domain/notices/filing';
import { approvalText } from '../../domain/signature/shown';
import type { Outgoing } from '../route';

const HASH_HEADER = 'X-Content-Sha256';
const COLUMNS = [
  'record', 'status', 'studyId', 'topic', 'tmfReference', 'location', 'rev', 'reason', 'side', 'level', 'organisationId', 'personId', 'as', 'channel', 'address', 'messageId',
  'contentHash', 'noticeStatus', 'sentAt', 'heldUntil', 'deliveredAt', 'reachedAt', 'acknowledgedAt', 'acknowledgedBy', 'failedAt', 'failure', 'possiblyRepeated', 'drill',
  'matrixRow', 'matrixVersion', 'matrixSignatures', 'auditLength', 'auditHead', 'sha256',
] as const;

/** The document as canonical JSON; the header repeats its `sha256`. */
export function filingJson(document: FilingRecord): Outgoing {
  return { status: 200, body: document, headers: { [HASH_HEADER]: document.sha256, 'Content-Disposition': attachment(document, 'json') } };
}

/** One line per attempt; the header holds the hash of the file, the last column that of the document. */
export function filingCsv(document: FilingRecord): Outgoing {
  const text = csvOf(document);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { status: 200, body: text, headers: { [HASH_HEADER]: sha256, 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': attachment(document, 'csv') } };
}

function csvOf({ record, matrix, filing, notices, audit, sha256 }: FilingRecord): string {
  const [chain] = audit;
  const rows = notices.map((notice) => ({
    ...notice, record: record.number, status: record.status, studyId: record.studyId, topic: record.topic, tmfReference: filing?.tmfReference, location: filing?.location,
    matrixRow: matrix?.rowKey, matrixVersion: matrix?.version, matrixSignatures: matrix?.approvals.map(approvalText).join('; '),
    noticeStatus: notice.status, heldUntil: notice.holdUntil, auditLength: chain?.length, auditHead: chain?.head, sha256,
  }));
  // Whoever opens it in a spreadsheet runs nothing: cells that begin like a formula are quoted (OWASP, CSV injection).
  return stringify(rows, { header: true, columns: [...COLUMNS], escape_formulas: true, record_delimiter: '\r\n', cast: { boolean: (value) => (value ? 'yes' : 'no') } });
}

const attachment = ({ record }: FilingRecord, ending: string): string => `attachment; filename="${record.number.replace(/[^\w-]/g, '_')}-notices.${ending}"`;
