import type { AnnouncedWhat } from '../contracts/announcement';
import { plusMs } from '../contracts/instant';
import type { Letter, MailOutcome } from '../platform/mail';
import { dueAnnouncements, settleAnnouncement } from '../store/announcements';
import { organisationsByIds } from '../store/organisations';
import type { AnnouncementDoc } from '../store/schemas/access';
import { MACHINE_MADE, messageIdOf } from './notice';
import type { TellingDeps } from './sending';

const PAGE = 200;
/** With waits that double up to an hour, about a day; the reader's list has it from the first moment. */
const ATTEMPTS = 30;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;

/** How a change is said to those whose organisation it concerns. */
const SAYS: Readonly<Record<AnnouncedWhat, string>> = {
  administrator: 'was made an administrator', role: 'was given a role', signer: 'was verified as a signer', consented: 'may sign at once: a second administrator consented',
  withdrawn: 'signs no more: the verification was withdrawn', person_added: 'was added by an administrator of the instance', role_ended: 'had a role changed or ended',
  organisation_changed: 'was changed by an administrator of the instance', receipts_asked: 'is to send its audit receipts elsewhere: a second person consents first', receipts_changed: 'sends its audit receipts elsewhere from now on',
  study_changed: 'was changed by an administrator of the instance', study_ended: 'was ended by an administrator of the instance', admitted: 'may act inside your organisation', consent_asked: 'waits for the consent of your organisation before it is shown to another one',
  calendar_changed: 'has a new version of its business calendar, on which deadlines owed to you are counted',
  name_asked: 'is to have another name: a second person of the organisation consents first', organisation_renamed: 'is the new name of an organisation',
  renamed: 'is the new printed name of a person: their identity is to be verified again', password_given: 'was given a password by somebody else, and signs and administers nothing until somebody independent verifies them again',
  second_factor_ended: 'had their second factor ended by somebody else', deactivated: 'was deactivated',
  policy_waiting: 'waits for the signature of your organisation', policy_counts: 'is signed by everybody whom it binds and has a new version', policy_declined: 'was declined by another organisation',
  policy_discarded: 'waits no more: whoever proposed it gave it up', row_waiting: 'waits for the approval of your organisation', row_counts: 'is approved by every organisation of it and has a new version',
  row_declined: 'was declined by another organisation', row_withdrawn: 'waits no more: whoever proposed it withdrew it', topic_waiting: 'waits for the agreement of your organisation', topic_agreed: 'was agreed to by the other organisation',
};

/** Sends the letters about who came to power and what others changed. Each repetition has the same Message-ID. */
export async function tellAnnouncements(deps: TellingDeps): Promise<{ readonly sent: number; readonly failed: number }> {
  const rows = await dueAnnouncements(deps.store, { at: deps.now(), limit: PAGE });
  const organisations = new Map((await organisationsByIds(deps.store, rows.map(({ organisationId }) => organisationId))).map(({ _id, name }) => [_id, name]));
  const counts = { sent: 0, failed: 0 };
  for (const row of rows) {
    const letter = announcementLetter(row, { organisation: organisations.get(row.organisationId) ?? row.organisationId, publicUrl: deps.publicUrl });
    const outcome = await deps.mail.send(letter).catch((error: unknown): MailOutcome => ({ outcome: 'deferred', reason: (error as Error).message }));
    if (outcome.outcome === 'accepted') {
      await settleAnnouncement(deps.store, row._id, { sentAt: deps.now() });
      counts.sent += 1;
    } else if (outcome.outcome === 'rejected' || row.attempts + 1 >= ATTEMPTS) {
      await settleAnnouncement(deps.store, row._id, { failure: outcome.reason });
      counts.failed += 1;
    } else {
      await settleAnnouncement(deps.store, row._id, { nextAt: plusMs(deps.now(), Math.min(FIRST_WAIT_MS * 2 ** Math.min(row.attempts, 10), LONGEST_WAIT_MS)) });
    }
  }
  return counts;
}

/** Who, what, by whom and until when; no secret, and nothing of a record. */
export function announcementLetter(row: AnnouncementDoc, { organisation, publicUrl }: { readonly organisation: string; readonly publicUrl: string }): Letter {
  const { what, subject, role, byName, at, until, address, about } = row;
  return {
    to: address, subject: `[${organisation}] ${subject} ${SAYS[what]}`, messageId: messageIdOf(`announcement/${row._id}`), headers: MACHINE_MADE,
    text: [
      `Organisation: ${organisation}`, `What: ${subject} ${SAYS[what]}`, ...(role === null ? [] : [`Role: ${role}`]), `By: ${byName}`, `At: ${at}`,
      ...untilLine(what, until),
      `Trail: ${about}`, `Open it: ${publicUrl}/announcements`, '',
    ].join('\n'),
  };
}

/** A role or a verification can be objected to before it counts; a calendar just begins. */
function untilLine(what: AnnouncedWhat, until: string | null): readonly string[] {
  if (until === null) return [];
  return [what === 'calendar_changed' ? `It counts from: ${until}` : `Until: ${until}. If you did not expect this, object before: end the role, or withdraw the verification.`];
}
