import { actOnConsent } from '../../store/consents';
import { tellOfConsent } from '../../store/consentNotices';
import { linksOf, withdrawLink } from '../../store/evidenceLinks';
import { findRecord } from '../../store/records';
import type { ConsentDoc } from '../../store/schemas/consents';
import type { Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { actorOf } from '../routes/evidenceAccess';
import { endShare } from './endShare';

/**
 * Takes a consent back together with what rests on it. The share ends first, by the record's own act: a crash between leaves a
 * consent that nothing rests on, and repeating finishes it. Throws as acting on the consent does.
 */
export async function takeBack(
  deps: ApiDeps, incoming: { readonly caller: Caller; readonly correlationId: string; readonly body: { readonly reason: string } }, { consent, seat }: { readonly consent: ConsentDoc; readonly seat: Seat },
): Promise<ConsentDoc> {
  const { reason } = incoming.body;
  const actor = actorOf(deps, incoming, seat);
  const { _id: id, recordId, evidenceId, subject, askingOrganisationId } = consent;
  if (subject === 'share' && consent.status === 'given') await endShare(deps, incoming, { consent, seat });
  const record = await findRecord(deps.store, recordId);
  return actOnConsent(deps.store, {
    id, act: 'withdraw', reason, person: actor.person, by: actor.by,
    also: async (_doc, session) => {
      const rests = evidenceId === null ? [] : (await linksOf(deps.store, [evidenceId], session)).filter((link) => link.recordId === recordId && link.consentIds?.includes(id) === true);
      for (const link of rests) await withdrawLink(deps.store, { evidenceId: link.evidenceId, recordId, reason, actor }, session);
      if (record) await tellOfConsent(deps.store, { consentId: id, reason: 'consent_withdrawn', record, organisationId: askingOrganisationId, by: actor.by }, session);
    },
  });
}
