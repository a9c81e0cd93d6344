import type { ClientSession } from 'mongoose';
import type { AuditActor } from '../contracts/audit';
import { ESCALATION, type PersonCommand } from '../contracts/escalation';
import type { Instant } from '../contracts/instant';
import type { CommitResult } from '../contracts/step';
import { agreed } from '../domain/consent/rules';
import type { Store } from './connection';
import { givenConsents, useConsent } from './consents';
import { plannedShare } from './plannedShares';
import { findRecord } from './records';
import type { CommandDoc } from './schemas/records';

type Refused = Extract<CommitResult, { outcome: 'refused' }>;
type ShareBody = Extract<PersonCommand, { act: 'share' }>['body'];

/**
 * Uses up the consents that a share rests on, in the transaction that shares: between the API's look and this one a consent may
 * have been taken back, or used by another share. What is missing now refuses the step; undefined: it may be done.
 */
export async function useShareConsents(
  store: Store, { command, actor, at }: { readonly command: CommandDoc | undefined; readonly actor: AuditActor; readonly at: Instant }, session: ClientSession,
): Promise<Refused | undefined> {
  if (command?.capability !== ESCALATION.capability || command.act !== 'share') return undefined;
  const to = command.body as unknown as ShareBody;
  const record = await findRecord(store, command.recordId);
  // Commands of earlier releases pin nothing and are judged by the rules of then (decision 020).
  if (!to.consents || !record) return undefined;
  const wanted = await plannedShare(store, record, { to, at });
  // What ran out while the command waited had not when it was stored.
  const { by, missing } = agreed(await givenConsents(store, wanted, session), { wanted, now: command.receivedAt });
  if (missing.length > 0) {
    return { outcome: 'refused', type: 'consent_needed', reason: 'a consent that the share rests on was taken back, or used, before it was carried out', extra: { consentOf: [...missing], toOrganisationIds: [...wanted.toOrganisationIds] } };
  }
  for (const { _id } of by) await useConsent(store, { id: _id, by: { actor, at, correlationId: command.actor.correlationId } }, session);
  return undefined;
}
