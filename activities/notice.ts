import { createHash } from 'node:crypto';
import type { NoticeReason } from '../contracts/notice';
import type { Instant } from '../contracts/instant';
import type { Letter } from '../platform/mail';

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
  /** A drill's notice is marked wherever it is read (E15). */
  readonly drill: boolean;
  /** Held so long that the record is over. */
  readonly closed?: boolean;
}

/** How a reason is said to people. */
export const SAYS: Readonly<Record<NoticeReason, string>> = {
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
  contact_stated: 'a contact was logged by whoever owes it; confirm it, or object',
  contact_objected: 'the other side objects: the contact does not count',
  reachability: 'reachability drill: open it to confirm that this reached you',
  triage_awaited: 'waits for triage',
  signature_awaited: 'waits for a signature of quality assurance',
  verification_awaited: 'an action is done; it waits for verification by another person',
  returned: 'was returned with comments',
  plan_approved: 'plan is approved; start the implementation',
  monitoring_begins: 'implementation is verified; the monitoring window runs',
  assessment_due: 'monitoring window is over; assess the effect',
  closure_due: 'waits for its closing summary',
  extension_requested: 'more time is asked for',
  extension_decided: 'a request for more time is decided',
  not_effective: 'was not effective; the next iteration begins',
  cause_recurred: 'its cause came back; decide whether to open it again',
  serious_breach: 'is a possible serious breach',
  breach_denied: 'is said to be no serious breach; quality of the sponsor may answer otherwise',
  breach_report_due: 'a serious breach is to be reported to the authority',
  breach_reported: 'the serious breach was reported to the authority',
  statement_changed: 'the raising side changed what it had stated; read it again',
  view_written: 'the accountable side wrote its view of the problem beside the statement',
  imported: 'was brought in from elsewhere; look what it waits for',
  import_overdue: 'was brought in overdue; it is to be caught up',
  consent_asked: 'your organisation is asked for its consent to show something of it to another; answer under /api/v1/consents',
  consent_answered: 'a consent that you asked for is answered',
  consent_withdrawn: 'a consent about it was taken back',
  share_changed: 'who may see it has changed',
};

interface Addressed {
  readonly address: string;
  readonly intent: string;
  readonly possiblyRepeated: boolean;
}

/** The notice in one line, as subjects and lists show it. */
export function headlineOf({ number, topic, severity, reason, level, drill, closed }: NoticeContent): string {
  const line = `[${number}] ${severity} ${topic}: ${SAYS[reason]}${level === null ? '' : ` (level ${String(level)})`}`;
  return `${drill ? '[DRILL] ' : ''}${line}${closed === true ? ' (closed meanwhile)' : ''}`;
}

export const linkOf = ({ publicUrl, path, recordId }: NoticeContent): string => `${publicUrl}/${path}/${recordId}`;

/** The notice as a letter. The same intent gives the same Message-ID, so a repeated one is recognised. */
export function letterOf(content: NoticeContent, to: Addressed): Letter & { contentHash: string } {
  const { number, topic, severity, level, due, drill } = content;
  const subject = headlineOf(content);
  const text = [
    ...(drill ? ['DRILL: an exercise; nothing has happened.'] : []),
    `${content.noun}: ${number}`, `Topic: ${topic}`, `Severity: ${severity}`, ...(level === null ? [] : [`Level: ${String(level)}`]),
    ...(due === null ? [] : [`Due: ${due}`]), ...(content.closed === true ? ['Closed meanwhile: this was held, and nothing needs to be done any more.'] : []), `Open it: ${linkOf(content)}`,
    ...(to.possiblyRepeated ? [POSSIBLY_REPEATED] : []), '',
  ].join('\n');
  return {
    to: to.address, subject, text, messageId: messageIdOf(to.intent), contentHash: sha256(`${subject}\n${text}`),
    headers: {
      ...MACHINE_MADE,
      'X-Oversight-Record': content.recordId,
      ...(drill ? { 'X-Oversight-Drill': 'yes' } : {}),
      ...(to.possiblyRepeated ? REPEATED_HEADER : {}),
    },
  };
}

/** The notice as a webhook's body: what a letter may say, and nothing else. `personId` null: for a team. */
export function webhookBodyOf(content: NoticeContent, of: { intent: string; at: Instant; personId: string | null; possiblyRepeated: boolean }): { readonly body: string; readonly contentHash: string } {
  const { recordId, number, topic, severity, reason, level, due, drill } = content;
  const body = JSON.stringify({
    type: `notice.${reason}`, timestamp: of.at,
    data: {
      recordId, kind: content.noun.toLowerCase(), number, topic, severity, reason, level, due, link: linkOf(content), personId: of.personId,
      drill, closed: content.closed === true, possiblyRepeated: of.possiblyRepeated,
    },
  });
  return { body, contentHash: sha256(body) };
}

export const MACHINE_MADE = { 'Auto-Submitted': 'auto-generated' } as const;
export const REPEATED_HEADER = { 'X-Oversight-Possibly-Repeated': 'yes' } as const;
export const POSSIBLY_REPEATED = 'Possibly repeated: an earlier attempt was interrupted before its receipt.';

/** What names a sending for ever, whichever its channel: `webhook-id`, and the left part of a Message-ID. */
export const sendingIdOf = (intent: string): string => sha256(intent).slice(0, 40);
export const messageIdOf = (intent: string): string => `<${sendingIdOf(intent)}@cro-oversight>`;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
