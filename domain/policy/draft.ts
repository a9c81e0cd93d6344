import type { FailureType } from '../../contracts/failures';
import type { PartyApproval, PolicyScope } from '../../contracts/policyScope';
import { maySteer } from '../access/ability';
import { approverSeat, decideSigning, drafterSeat, missingParties, refused, type Agreement, type AgreementSeat, type AgreementSituation, type Approving } from '../signature/agreement';
import { inForceAt, type Dated } from './inForce';
import { scopeOf, type Scoped } from './scope';

/** A draft, as far as it matters who does what with it. */
export interface AgreedDraft extends Scoped {
  readonly key: string;
  readonly status: string;
  readonly organisationId: string;
  readonly authorIds: readonly string[];
  readonly approvals?: readonly PartyApproval[] | undefined;
}

/** A draft that still becomes a version: written, or signed by one side already. */
export const isOpenDraft = ({ status }: Pick<AgreedDraft, 'status'>): boolean => status === 'draft' || status === 'proposed';

/** The agreement that publishing a draft is: every organisation that it binds signs. */
export function agreementOf(draft: AgreedDraft): Agreement {
  const { organisationIds, studyId } = scopeOf(draft);
  return { organisationIds, studyId, topic: draft.key, authorIds: draft.authorIds, approvals: draft.approvals ?? [] };
}

/** Organisations that have not signed yet. */
export const missingSignatures = (draft: AgreedDraft): readonly string[] => missingParties(agreementOf(draft));

/**
 * The seat under which somebody drafts for a scope: by a role that drafts, in an organisation that it binds. The
 * installation's is suggested by anybody who drafts at home, or drafted by the instance's administrator.
 */
export function seatToDraft(key: string, scope: PolicyScope, at: AgreementSituation & { readonly organisationIds: readonly string[] }): AgreementSeat | undefined {
  if (scope.kind !== 'installation') return drafterSeat({ studyId: scope.studyId, topic: key }, scope.organisationIds, at);
  return drafterSeat({ studyId: null, topic: key }, at.organisationIds, at) ?? instanceSeat(at);
}

/** The seat under which somebody changes or discards a draft: of the organisation that drafted it. */
export function seatToChange(draft: AgreedDraft, at: AgreementSituation): AgreementSeat | undefined {
  const { studyId, kind } = scopeOf(draft);
  const own = drafterSeat({ studyId, topic: draft.key }, [draft.organisationId], at);
  return own ?? (kind === 'installation' ? instanceSeat(at) : undefined);
}

/** The seat under which somebody declines what another party signed. */
export function seatToDecline(draft: AgreedDraft, at: AgreementSituation): AgreementSeat | undefined {
  const agreement = agreementOf(draft);
  return approverSeat(agreement, agreement.organisationIds, at);
}

/** Whether somebody may sign a draft now, and under which seat. What binds nobody by agreement, the instance's administrator publishes. */
export function decidePublishing(draft: AgreedDraft, at: AgreementSituation): Approving {
  const signing = scopeOf(draft).kind === 'installation' ? decideInstallation(draft, at) : decideSigning(agreementOf(draft), at);
  if (!signing.allowed && signing.type === 'not_permitted') return signing;
  return isOpenDraft(draft) ? signing : refused('wrong_state', `the draft is ${draft.status}`);
}

function decideInstallation({ authorIds }: AgreedDraft, at: AgreementSituation): Approving {
  const seat = instanceSeat(at);
  if (!seat) return refused('not_permitted', 'the installation\'s default is published by an administrator of the instance; what binds organisations, they sign: give the draft their scope');
  return authorIds.includes(at.actor.personId) ? refused('separation_of_duties', 'who wrote it does not publish it') : { allowed: true, seat };
}

function instanceSeat({ actor, now }: AgreementSituation): AgreementSeat | undefined {
  return maySteer({ memberships: actor.memberships, act: 'administer-instance', organisationIds: [], now });
}

/** Why a draft is no new version: it says what the line's last version says, which counts already when it would begin. */
export function refuseIdentical<Version extends Dated>(versions: readonly Version[], draft: { readonly startsAt: string; readonly isSame: (version: Version) => boolean }): { readonly type: FailureType; readonly reason: string } | undefined {
  const last = versions.reduce<Version | undefined>((found, one) => (found && found.version > one.version ? found : one), undefined);
  if (!last || !draft.isSame(last) || inForceAt(versions, draft.startsAt) !== last) return undefined;
  return { type: 'rule_broken', reason: `identical to version ${String(last.version)}: nothing would change` };
}
