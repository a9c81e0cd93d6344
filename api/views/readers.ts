import { Failure, FAILURES } from '../../contracts/failures';
import type { Viewer } from '../../domain/records/issueView';
import type { Reader } from '../../domain/timeline/reader';
import { findRecord } from '../../store/records';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps, Caller } from '../deps';
import { viewerOf } from './issue';

/**
 * The record and its reader, where the whole story is asked for; of `capability`, or of whichever. Throws
 * Failure `not_found` as ever, and `not_permitted` when only a summary is shared with the caller.
 */
export async function wholeRecord(
  deps: ApiDeps,
  { recordId, caller, capability }: { readonly recordId: string; readonly caller: Caller; readonly capability?: string },
): Promise<{ readonly record: RecordDoc; readonly viewer: Viewer }> {
  const record = await findRecord(deps.store, recordId);
  const viewer = record && viewerOf(record, { memberships: caller.memberships, now: deps.now() });
  if (!viewer || record.capability !== (capability ?? record.capability)) throw notFound();
  if (viewer.extent !== 'whole') throw new Failure('not_permitted', 'Only a summary of this record is shared with you.', {});
  return { record, viewer };
}

/** The viewer as a reader of the record's story. */
export function readerOf({ raisingOrganisationId, accountableOrganisationId }: Pick<RecordDoc, 'raisingOrganisationId' | 'accountableOrganisationId'>, { organisationIds }: Viewer): Reader {
  return { organisationIds, partyIds: [raisingOrganisationId, accountableOrganisationId] };
}

/** Whether the caller runs the installation: sees types, states and times of workflows, not what they hold. */
export function runsTheInstance(caller: Caller): boolean {
  return caller.memberships.some((membership) => membership.role === 'instance_admin');
}

export const notFound = (): Failure => new Failure('not_found', FAILURES.not_found.meaning);
