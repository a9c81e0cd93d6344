import { shareConsents } from '../domain/consent/share';
import type { Wanted } from '../domain/consent/rules';
import type { Instant } from '../contracts/instant';
import type { Store } from './connection';
import { filesOf } from './evidenceLinks';
import { boundByMatrix } from './matrix';
import { sponsorsOf } from './studies';
import type { RecordDoc } from './schemas/records';

/** To whom a record would be shown, and how much of it. */
export interface ShareTarget {
  readonly organisationId: string;
  readonly extent: 'whole' | 'summary';
}

/** Who has to agree to a share of this record at `at`, beside its owner; asked when it is wanted, and again where it is carried out. */
export async function plannedShare(store: Store, record: Pick<RecordDoc, '_id' | 'raisingOrganisationId' | 'accountableOrganisationId' | 'studyId' | 'topic'>, { to, at }: { readonly to: ShareTarget; readonly at: Instant }): Promise<Wanted> {
  const { _id, raisingOrganisationId, accountableOrganisationId, studyId, topic } = record;
  const [files, bound, sponsors] = await Promise.all([
    filesOf(store, _id), boundByMatrix(store, { studyId, topic, organisationIds: [raisingOrganisationId, accountableOrganisationId], at }), sponsorsOf(store, studyId),
  ]);
  const ofOrganisationIds = shareConsents({ raisingOrganisationId, accountableOrganisationId, studyId, sponsors, filesOf: files, boundByMatrix: bound }, to);
  return { subject: 'share', recordId: _id, evidenceId: null, extent: to.extent, ofOrganisationIds, toOrganisationIds: [to.organisationId] };
}
