import { createHash } from 'node:crypto';
import type { NoticeReason } from '../contracts/notice';
import type { Instant } from '../contracts/instant';
import type { Letter } from './adapters/mail';

/** What a notice may say: id, topic, severity, due instant and a link; never free text (E10: content stays in the product). */
export interface NoticeContent {
  /** What the record is called, e.g. `Issue`, and under which path people find it, e.g. `issues`. */
  readonly noun: string;
  readonly path: string;
  readonly recordId: string;
  readonly number: string;
  readonly topic: string;
  readonly severity: string;
  readonly reason: NoticeReason;
  readonly level: number | null;
  readonly due: Instant | null;
  readonly publicUrl: string;
}

const SAYS: Readonly<Record<NoticeReason, string>> = {
  level: 'waits for acknowledgement',
  warning: 'deadline approaches',
  assigned: 'is assigned to you',
  hand_over: 'is handed over to you; accept or leave it',
  hand_over_lapsed: 'hand-over was not accepted; it stays with you',
  resolved: 'is resolved; confirm or reject',
  confirmation_late: 'confirmation is overdue',
  rejected: 'resolution was rejected; it is open again',
  resolution_late: 'resolution is overdue',
  exhausted: 'ladder is exhausted; it goes to governance',
  review_late: 'review is overdue',
  cancellation_requested: 'cancellation waits for a second person',
  cancellation_withdrawn: 'cancellation was withdrawn',
  closed: 'is closed',
  progress_late: 'progress is overdue',
  regraded: 'has a new severity',
  trigger_repeated: 'was triggered again while it waits for confirmation',
  trigger_cleared: 'its source reports all clear; resolving it stays with you',
  replanned: 'runs under another version of its policy',
  drill_ended: 'drill is over',
  contact_due: 'agreed contact is due',
  contact_missed: 'agreed contact did not take place',
  reachability: 'reachability drill: open it to confirm that this reached you',
};

/** The notice as a letter. The same intent gives the same Message-ID, so a repeated one is recognised. */
export function letterOf(content: NoticeContent, to: { address: string; intent: string; possiblyRepeated: boolean }): Letter & { contentHash: string } {
  const { number, topic, severity, reason, level, due } = content;
  const subject = `[${number}] ${severity} ${topic}: ${SAYS[reason]}${level === null ? '' : ` (level ${level})`}`;
  const text = [
    `${content.noun}: ${number}`, `Topic: ${topic}`, `Severity: ${severity}`, ...(level === null ? [] : [`Level: ${level}`]),
    ...(due === null ? [] : [`Due: ${due}`]), `Open it: ${content.publicUrl}/${content.path}/${content.recordId}`,
    ...(to.possiblyRepeated ? ['Possibly repeated: an earlier attempt was interrupted before its receipt.'] : []), '',
  ].join('\n');
  return {
    to: to.address, subject, text, messageId: messageIdOf(to.intent), contentHash: sha256(`${subject}\n${text}`),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Oversight-Record': content.recordId,
      ...(to.possiblyRepeated ? { 'X-Oversight-Possibly-Repeated': 'yes' } : {}),
    },
  };
}

export const messageIdOf = (intent: string): string => `<${sha256(intent).slice(0, 40)}@cro-oversight>`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
