import type { CapaState } from '../../contracts/capaState';
import type { Gate } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import type { NoticeDigest, NoticeEffect, NoticeReason } from '../../contracts/notice';
import type { OpenEffect } from '../../contracts/openEffect';
import type { Effect } from '../../contracts/step';
import { owedHere } from './elsewhere';
import { missing, partiesOf, QUALITY } from './seats';
import type { CapaDraft } from './stages';

interface Telling {
  /** Unique for ever within this CAPA. */
  readonly intent: string;
  readonly reason: NoticeReason;
  readonly deadline?: string | undefined;
  /** Told in one letter with others, never alone. */
  readonly digest?: NoticeDigest;
}

/** Tells one person; nobody, where there is none. */
export function tellPerson(draft: CapaDraft, whom: { personId: string | null | undefined; organisationId: string }, telling: Telling): void {
  const { personId, organisationId } = whom;
  if (personId != null) tell(draft, { ...telling, intent: `${telling.intent}/${personId}` }, { to: 'person', organisationId, personId });
}

/** Tells the quality assurance of organisations. */
export function tellQuality(draft: CapaDraft, organisationIds: readonly string[], telling: Telling): void {
  for (const organisationId of new Set(organisationIds)) {
    tell(draft, { ...telling, intent: `${telling.intent}/${organisationId}` }, { to: 'roles', organisationId, roles: QUALITY });
  }
}

export const tellOwner = (draft: CapaDraft, telling: Telling): void => {
  const { ownerId, accountableOrganisationId } = draft.state;
  if (ownerId === null) tellQuality(draft, [accountableOrganisationId], telling);
  else tellPerson(draft, { personId: ownerId, organisationId: accountableOrganisationId }, telling);
};

/** Asks whoever has not signed yet. */
export function askToSign(draft: CapaDraft, gate: Gate, telling: { now: Instant; deadline: string }): void {
  tellQuality(draft, missing(draft.state, gate), { intent: `sign/${gate}/${telling.now}`, reason: 'signature_awaited', deadline: telling.deadline });
}

function tell(draft: CapaDraft, { intent, reason, deadline, digest }: Telling, audience: NoticeEffect['audience']): void {
  const effect: NoticeEffect = { kind: 'notify', intent: `capa/${draft.state.id}/${intent}`, audience, reason, deadline: deadline ?? null, mustReach: false, ...(digest && { digest }) };
  draft.effect(effect as unknown as Effect);
}

/** What an overdue deadline is called on the issue that it opens. */
interface Overdue {
  readonly name: string;
  readonly due: Instant;
}

/**
 * Opens an issue on the same ladder, once for each deadline and due instant (Q12). The side that owes is
 * accountable, also where it is the raising side that has not signed.
 */
export function openIssue(draft: CapaDraft, { name, due }: Overdue): void {
  const { id, number, topic, severity, studyId, systemId, iteration } = draft.state;
  const owing = owingOrganisation(draft.state, name);
  const cameLate = draft.state.imported?.catchUpAt === due ? ' It was brought in overdue; this was the date to catch up.' : '';
  const effect: OpenEffect = {
    kind: 'open', intent: `${overduePrefix(id)}${name}/${iteration}/${due}`,
    request: {
      topic, severity, title: `${number}: ${overdueText(name)} overdue`,
      description: `The deadline ${name} of ${number} (iteration ${iteration}) passed at ${due} without its act. The CAPA is ${draft.state.status.replaceAll('_', ' ')}.${cameLate}`,
      accountableOrganisationId: owing, raisingOrganisationId: partiesOf(draft.state).find((other) => other !== owing) ?? owing,
      ...(studyId === null ? {} : { studyId }), ...(systemId === null ? {} : { systemId }),
      dedupeKey: `capa/${id}/${name.startsWith('action/') ? 'actions' : name}`,
    },
  };
  draft.effect(effect as unknown as Effect);
}

/** How the intents of issues for overdue deadlines begin. */
export const overduePrefix = (id: string): string => `capa/${id}/overdue/`;

const overdueText = (name: string): string => (name.startsWith('action/') ? 'an action is' : name.startsWith('breach/') ? 'the report of a serious breach is' : `${name.replace('stage/', '').replaceAll('-', ' ')} is`);

/** Who owes what is late: the accountable side, unless only another organisation's signature is missing. */
function owingOrganisation(state: CapaState, name: string): string {
  const { submitted, accountableOrganisationId, raisingOrganisationId } = state;
  if (name.startsWith('breach/')) return state.sponsorOrganisationId ?? accountableOrganisationId;
  if (!name.startsWith('stage/')) return accountableOrganisationId;
  if (state.status === 'triage') return accountableOrganisationId;
  const lacking = submitted ? missing(state, submitted) : name === 'stage/assessment' ? owedHere(state).map((seat) => seat.organisationId) : [];
  return lacking.length > 0 && !lacking.includes(accountableOrganisationId) ? raisingOrganisationId : accountableOrganisationId;
}
