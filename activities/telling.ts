import { ApplicationFailure } from '@temporalio/common';
import type { NoticeEffect } from '../contracts/notice';
import { noticeStreamOf, recordPathOf } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import type { ArmedDeadline, EffectOutcome } from '../contracts/step';
import { partiesOf } from '../domain/escalation/plan';
import { appendToStream } from '../store/auditLog';
import type { Store } from '../store/connection';
import { claimNotice, markFailed, markTold, markUnsent } from '../store/noticeLedger';
import type { RecordDoc, StepDoc } from '../store/schemas/records';
import type { MailChannel } from './adapters/mail';
import { capabilityRecord } from './capabilities';
import { letterOf, messageIdOf, type NoticeContent } from './notice';
import { recipientsOf, type Recipient } from './routing';

export interface TellingDeps {
  readonly store: Store;
  readonly mail: MailChannel;
  readonly publicUrl: string;
  readonly now: () => Instant;
}

/** One notice of a step: who is told of what. */
interface Telling {
  readonly issue: RecordDoc;
  readonly step: StepDoc;
  readonly effect: NoticeEffect;
  /** `<reason>/<person>` told by this step already: two notices of one step make one letter. */
  readonly spared: Set<string>;
}

/**
 * Tells everybody a notice is for, once each, and keeps what became of it: in the ledger, and chained
 * in `notices/<id>`. Throws while the mail server is out of reach; the retry skips who was told.
 */
export async function tell(deps: TellingDeps, telling: Telling): Promise<EffectOutcome> {
  const { issue, effect } = telling;
  const ladder = capabilityRecord(issue.capability).ladderOf?.(issue.state);
  const routed = { studyId: issue.studyId, topic: issue.topic, organisationIds: partiesOf(issue), ladder };
  const recipients = await recipientsOf(deps.store, { audience: effect.audience, routed, at: deps.now() });
  if (recipients.length === 0) return { intent: effect.intent, outcome: 'nobody', detail: `nobody is there: ${audienceText(effect)}` };
  const keyOf = (recipient: Recipient): string => `${effect.reason}/${recipient.personId}`;
  const fresh = recipients.filter((recipient) => !telling.spared.has(keyOf(recipient)));
  if (fresh.length === 0) return { intent: effect.intent, outcome: 'done', detail: '' };
  const results = await Promise.all(fresh.map((recipient) => tellOne(deps, telling, recipient)));
  fresh.forEach((recipient) => telling.spared.add(keyOf(recipient)));
  const deferred = results.find((result) => result.outcome === 'deferred');
  if (deferred) throw ApplicationFailure.retryable(deferred.reason, 'unavailable');
  const told = results.some((result) => result.outcome === 'told');
  return { intent: effect.intent, outcome: told ? 'done' : 'failed', detail: told ? '' : `nobody could be told: ${audienceText(effect)}` };
}

type OneResult = { readonly outcome: 'told' | 'failed' } | { readonly outcome: 'deferred'; readonly reason: string };

async function tellOne(deps: TellingDeps, telling: Telling, recipient: Recipient): Promise<OneResult> {
  const { store, now } = deps;
  const id = `${telling.effect.intent}/${recipient.personId}`;
  const content = contentOf(deps, telling);
  const draft = letterOf(content, { address: recipient.address, intent: id, possiblyRepeated: false });
  const claim = await claimNotice(store, {
    _id: id, recordId: telling.issue._id, rev: telling.step.rev, reason: content.reason, side: sideOf(telling.effect), level: content.level,
    organisationId: telling.effect.audience.organisationId, personId: recipient.personId, as: recipient.as, channel: 'email',
    address: recipient.address, messageId: messageIdOf(id), contentHash: draft.contentHash, deadline: telling.effect.deadline, due: content.due, createdAt: now(),
  });
  if (!claim.todo) return { outcome: claim.status };
  const letter = claim.possiblyRepeated ? letterOf(content, { address: recipient.address, intent: id, possiblyRepeated: true }) : draft;
  const sent = await deps.mail.send(letter);
  const at = now();
  if (sent.outcome === 'deferred') {
    await markUnsent(store, { id, reason: sent.reason });
    return { outcome: 'deferred', reason: sent.reason };
  }
  const told = sent.outcome === 'accepted';
  if (told) await markTold(store, { id, at, contentHash: letter.contentHash });
  else await markFailed(store, { id, at, reason: sent.reason });
  await appendToStream(store, { streamId: noticeStreamOf(telling.issue._id), drafts: [{
    streamId: noticeStreamOf(telling.issue._id), at, zone: 'UTC', actor: { kind: 'system', name: 'effect' }, action: told ? 'notice.told' : 'notice.failed',
    correlationId: id, rev: telling.step.rev,
    detail: { personId: recipient.personId, as: recipient.as, channel: 'email', messageId: letter.messageId, contentHash: letter.contentHash, possiblyRepeated: claim.possiblyRepeated, ...(told ? {} : { reason: sent.reason }) },
  }] });
  return { outcome: told ? 'told' : 'failed' };
}

function contentOf(deps: TellingDeps, telling: Telling): NoticeContent {
  const { issue, step, effect } = telling;
  const deadline = effect.deadline === null ? undefined : dueOf(effect.deadline, step.armed) ?? dueOf(effect.deadline, issue.armed);
  const level = effect.audience.to === 'level' ? effect.audience.level : null;
  return {
    noun: capabilityRecord(issue.capability).noun, path: recordPathOf(issue.capability), recordId: issue._id, number: issue.number, topic: issue.topic, severity: issue.severity, reason: effect.reason, level, due: deadline ?? null, publicUrl: deps.publicUrl,
  };
}

const dueOf = (name: string, armed: readonly ArmedDeadline[]): Instant | undefined => armed.find((deadline) => deadline.name === name)?.due;

const sideOf = (effect: NoticeEffect): string | null => (effect.audience.to === 'level' ? effect.audience.side : null);

function audienceText({ audience }: NoticeEffect): string {
  if (audience.to === 'level') return `level ${audience.level} of the ${audience.side} side`;
  return audience.to === 'roles' ? `roles ${audience.roles.join(', ')}` : `person ${audience.personId}`;
}
