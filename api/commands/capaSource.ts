import type { OpenCapa } from '../../contracts/capa';
import { accessRecordOf, extentSeen } from '../../domain/access/ability';
import { Failure } from '../../contracts/failures';
import { fitsSource, softened, type SourceKind, type Statement } from '../../domain/capa/source';
import { broken } from '../../domain/escalation/opening';
import { findRecord } from '../../store/records';
import { seenFinding } from '../views/finding';
import type { ApiDeps, Caller } from '../deps';

/** The record that a CAPA names as its source is there, the caller may know of it, and it is what the source says, and the CAPA makes no less of it. Throws Failure `rule_broken` naming the field. */
export async function checkSource(deps: ApiDeps, { caller, asked, byOrganisationId }: { readonly caller: Caller; readonly asked: OpenCapa; readonly byOrganisationId: string }): Promise<void> {
  const { type, recordId } = asked.source;
  if (recordId === undefined) return;
  const source = await sourceOf(deps, caller, recordId);
  if (!source) throw unknownRecord('source.recordId');
  if (!fitsSource(type, source.kind)) throw broken('source.type', `the record named is no ${type.replaceAll('_', ' ')}`);
  const errors = source.stated ? softened(asked, source.stated, byOrganisationId) : [];
  if (errors.length > 0) throw new Failure('rule_broken', 'A CAPA makes no less of what the raising side stated.', { errors });
}

/** The record named, and what its raising side stated in it: of an issue and a finding. */
async function sourceOf(deps: ApiDeps, caller: Caller, recordId: string): Promise<{ readonly kind: SourceKind; readonly stated?: Statement } | undefined> {
  const record = await findRecord(deps.store, recordId);
  if (!record) {
    const finding = await seenFinding(deps, caller, recordId);
    return finding && { kind: 'finding', stated: finding };
  }
  if (!extentSeen({ memberships: caller.memberships, record: accessRecordOf(record), now: deps.now() })) return undefined;
  const { capability: kind, content: { title }, severity, raisingOrganisationId, accountableOrganisationId } = record;
  return { kind, ...(kind === 'escalation' && { stated: { title, severity, raisingOrganisationId, accountableOrganisationId } }) };
}

/** A record named in a body is there and the caller may know of it. Throws Failure `rule_broken` naming the field. */
export async function requireSeen(deps: ApiDeps, caller: Caller, named: { readonly field: string; readonly recordId: string; readonly capability?: string }): Promise<void> {
  const record = await findRecord(deps.store, named.recordId);
  const seen = record && record.capability === (named.capability ?? record.capability) && extentSeen({ memberships: caller.memberships, record: accessRecordOf(record), now: deps.now() });
  if (!seen) throw unknownRecord(named.field);
}

const unknownRecord = (field: string) => broken(field, 'no such record among those shared with you');
