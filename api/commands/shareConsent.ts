import { shareConsents } from '../../domain/consent/share';
import type { Wanted } from '../../domain/consent/rules';
import { filesOf } from '../../store/evidenceLinks';
import { boundByMatrix } from '../../store/matrix';
import type { RecordDoc } from '../../store/schemas/records';
import type { ApiDeps } from '../deps';

/** Who has to agree to a share of this record, beside its owner. */
export async function planShare({ store, now }: Pick<ApiDeps, 'store' | 'now'>, record: RecordDoc, to: { readonly organisationId: string; readonly extent: 'whole' | 'summary' }): Promise<Wanted> {
  const { _id, raisingOrganisationId, accountableOrganisationId, studyId, topic } = record;
  const [files, bound] = await Promise.all([
    filesOf(store, _id), boundByMatrix(store, { studyId, topic, organisationIds: [raisingOrganisationId, accountableOrganisationId], at: now() }),
  ]);
  const ofOrganisationIds = shareConsents({ raisingOrganisationId, accountableOrganisationId, studyId, filesOf: files, boundByMatrix: bound }, to);
  return { subject: 'share', recordId: _id, evidenceId: null, extent: to.extent, ofOrganisationIds, toOrganisationIds: [to.organisationId] };
}
