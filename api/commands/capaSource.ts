import type { OpenCapa } from '../../contracts/capa';
import { accessRecordOf, extentSeen } from '../../domain/access/ability';
import { fitsSource, type SourceKind } from '../../domain/capa/source';
import { broken } from '../../domain/escalation/opening';
import { findRecord } from '../../store/records';
import { seenFinding } from '../views/finding';
import type { ApiDeps, Caller } from '../deps';

/** The record that a CAPA names as its source is there, the caller may know of it, and it is what the source says. Throws Failure `rule_broken` naming the field. */
export async function checkSource(deps: ApiDeps, caller: Caller, { type, recordId }: OpenCapa['source']): Promise<void> {
  if (recordId === undefined) return;
  const kind = await kindOf(deps, caller, recordId);
  if (!kind) throw unknownRecord('source.recordId');
  if (!fitsSource(type, kind)) throw broken('source.type', `the record named is no ${type.replaceAll('_', ' ')}`);
}

async function kindOf(deps: ApiDeps, caller: Caller, recordId: string): Promise<SourceKind | undefined> {
  const record = await findRecord(deps.store, recordId);
  if (!record) return (await seenFinding(deps, caller, recordId)) && 'finding';
  return extentSeen({ memberships: caller.memberships, record: accessRecordOf(record), now: deps.now() }) && record.capability;
}

/** A record named in a body is there and the caller may know of it. Throws Failure `rule_broken` naming the field. */
export async function requireSeen(deps: ApiDeps, caller: Caller, named: { readonly field: string; readonly recordId: string; readonly capability?: string }): Promise<void> {
  const record = await findRecord(deps.store, named.recordId);
  const seen = record && record.capability === (named.capability ?? record.capability) && extentSeen({ memberships: caller.memberships, record: accessRecordOf(record), now: deps.now() });
  if (!seen) throw unknownRecord(named.field);
}

const unknownRecord = (field: string) => broken(field, 'no such record among those shared with you');
