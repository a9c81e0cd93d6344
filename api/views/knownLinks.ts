import { accessRecordOf, extentSeen } from '../../domain/access/ability';
import { namedIn, withoutUnknown, type Named, type Unknown } from '../../domain/records/naming';
import type { EvidenceDoc } from '../../store/schemas/evidence';
import type { FindingDoc } from '../../store/schemas/findings';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps, Caller } from '../deps';
import { ACCESS_FIELDS, seenAmong } from '../routes/evidenceAccess';
import { readsFinding } from './finding';

/**
 * What is to be shown, without the ids of records, findings and files that the caller may not know of: a link says so to
 * those who may know of both ends only. Asks the store only where something is named at all.
 */
export async function withKnownLinks<T>(deps: ApiDeps, caller: Caller, value: T): Promise<T> {
  const named = namedIn(value);
  return named.records.length + named.files.length === 0 ? value : withoutUnknown(value, await unknownAmong(deps, caller, named));
}

async function unknownAmong(deps: ApiDeps, caller: Caller, { records: ids, files }: Named): Promise<Unknown> {
  const records = ids.length === 0 ? [] : await deps.store.models.records.find({ _id: { $in: [...ids] } }, { ...ACCESS_FIELDS, number: 1 }).lean<RecordDoc[]>();
  const known = new Set(records.map(({ _id }) => _id));
  // What is neither is not open yet, and has no readers of its own: whoever is told of it here opens it.
  const others = ids.filter((id) => !known.has(id));
  const findings = others.length === 0 ? [] : await deps.store.models.findings.find({ _id: { $in: others } }).lean<FindingDoc[]>();
  const { memberships } = caller;
  const now = deps.now();
  const hidden = records.filter((record) => !extentSeen({ memberships, record: accessRecordOf(record), now }));
  const unread = findings.filter((finding) => !readsFinding(finding, { memberships, now }));
  return { ids: new Set([...hidden.map(({ _id }) => _id), ...unread.map(({ _id }) => _id), ...await unknownFiles(deps, caller, files)]), numbers: new Set(hidden.map(({ number }) => number)) };
}

async function unknownFiles(deps: ApiDeps, caller: Caller, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const docs = await deps.store.models.evidence.find({ _id: { $in: [...ids] } }).lean<EvidenceDoc[]>();
  const seen = new Set((await seenAmong(deps, caller, docs)).map(({ evidence }) => evidence._id));
  return docs.map(({ _id }) => _id).filter((id) => !seen.has(id));
}
