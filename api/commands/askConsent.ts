import type { AskConsent } from '../../contracts/consent';
import { parseInstant } from '../../contracts/instant';
import { mayAct, accessRecordOf } from '../../domain/access/ability';
import type { Wanted } from '../../domain/consent/rules';
import { askConsents, untilOf } from '../../store/consents';
import { announce } from '../../store/announcements';
import { tellOfConsent } from '../../store/consentNotices';
import { plannedShare } from '../../store/plannedShares';
import type { ConsentDoc } from '../../store/schemas/consents';
import type { RecordDoc } from '../../store/schemas/records';
import { notPermitted, ruleBroken, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { actorOf } from '../routes/evidenceAccess';
import { wholeRecord } from '../views/readers';
import { planLink } from './evidenceLinking';
import { requireShareTarget } from './shareTarget';

interface Planned {
  readonly seat: Seat;
  readonly record: RecordDoc;
  /** Records by which the asked organisations know what it is about. */
  readonly homes: readonly RecordDoc[];
  readonly wanted: Wanted;
}

/**
 * Asks for every consent that is needed, and tells those who are asked. Throws Failure `not_found`, `not_permitted`, or
 * `rule_broken` when none is needed.
 */
export async function askForConsent(deps: ApiDeps, incoming: { readonly caller: Caller; readonly correlationId: string; readonly body: AskConsent }): Promise<readonly ConsentDoc[]> {
  const { body, caller } = incoming;
  const { seat, record, homes, wanted } = await planOf(deps, caller, body);
  if (wanted.ofOrganisationIds.length === 0) throw ruleBroken('No consent is needed: it may be done at once.');
  const { person: askedBy, by } = actorOf(deps, incoming, seat);
  const until = untilOf(body.until === undefined ? undefined : parseInstant(body.until), by.at);
  const { subject, recordId, evidenceId, extent, toOrganisationIds, ofOrganisationIds } = wanted;
  return askConsents(deps.store, {
    terms: { subject, recordId, evidenceId, extent, toOrganisationIds, studyId: (homes[0] ?? record).studyId, until }, of: ofOrganisationIds, reason: body.reason, askedBy, by,
    also: async (docs, session) => {
      for (const { _id, ofOrganisationId } of docs) {
        const told = [...homes, record].find(({ visibleTo }) => visibleTo.includes(ofOrganisationId));
        if (told) await tellOfConsent(deps.store, { consentId: _id, reason: 'consent_asked', record: told, organisationId: ofOrganisationId, by }, session);
        // A sponsor that is no party of it has no inbox entry for a record that is none of theirs.
        else await announce(deps.store, { what: 'consent_asked', about: `consent/${_id}`, organisationIds: [ofOrganisationId], studyId: record.studyId, subject: 'A record of your study', by }, session);
      }
    },
  });
}

async function planOf(deps: ApiDeps, caller: Caller, body: AskConsent): Promise<Planned> {
  if (body.subject === 'evidence_link') return planLink(deps, caller, body);
  const { record } = await wholeRecord(deps, { recordId: body.recordId, caller });
  const seat = mayAct({ memberships: caller.memberships, act: 'share', record: accessRecordOf(record), now: deps.now() });
  if (!seat) throw notPermitted();
  await requireShareTarget(deps, caller, { record, organisationId: body.organisationId });
  return { seat, record, homes: [], wanted: await plannedShare(deps.store, record, { to: body, at: deps.now() }) };
}
