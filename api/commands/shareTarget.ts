import { broken } from '../../domain/escalation/opening';
import { boundByMatrix } from '../../store/matrix';
import { organisationsByIds } from '../../store/organisations';
import type { RecordDoc } from '../../store/schemas/records';
import { knownTo } from '../administer';
import type { ApiDeps, Caller } from '../deps';

/**
 * An active organisation that the caller knows, or that a row of the matrix binds to the record. Throws Failure `rule_broken`, in
 * the same words for one that is unknown and one that does not exist: nobody learns by asking who else works on this installation.
 */
export async function requireShareTarget(
  { store, now }: Pick<ApiDeps, 'store' | 'now'>, caller: Caller, { record, organisationId }: { readonly record: RecordDoc; readonly organisationId: string },
): Promise<void> {
  const { studyId, topic, raisingOrganisationId, accountableOrganisationId } = record;
  const [known, bound, [organisation]] = await Promise.all([
    knownTo({ store }, caller), boundByMatrix(store, { studyId, topic, organisationIds: [raisingOrganisationId, accountableOrganisationId], at: now() }), organisationsByIds(store, [organisationId]),
  ]);
  if (organisation?.active && (known.has(organisationId) || bound.includes(organisationId))) return;
  throw broken('organisationId', 'no organisation that you know has this id');
}
