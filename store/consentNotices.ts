import type { ClientSession } from 'mongoose';
import { createHash } from 'node:crypto';
import type { AuditDraft } from '../contracts/audit';
import type { NoticeRoute } from '../contracts/channels';
import { noticeStreamOf } from '../contracts/ids';
import type { NoticeReason } from '../contracts/notice';
import { ROLES } from '../contracts/people';
import { ROLE_ACTS } from '../domain/access/roles';
import { channelAllowed } from '../domain/matrix/checkRow';
import type { By } from './administration';
import { peopleInForce } from './authority';
import type { Store } from './connection';
import { matrixRowInForce } from './matrix';
import { peopleInRoles } from './memberships';
import { holdNotices, type Wanted } from './noticeLedger';
import type { RecordDoc } from './schemas/records';

/** Who answers for an organisation: whoever may show records of its own accord. */
const ANSWERING = ROLES.filter((role) => ROLE_ACTS.share[role] === 'any');

/** What is told, about a record that the told organisation sees. */
export interface ConsentTelling {
  readonly consentId: string;
  readonly reason: Extract<NoticeReason, 'consent_asked' | 'consent_answered' | 'consent_withdrawn' | 'share_changed'>;
  readonly record: Pick<RecordDoc, '_id' | 'studyId' | 'topic' | 'severity' | 'drill' | 'raisingOrganisationId' | 'accountableOrganisationId'>;
  readonly organisationId: string;
  /** One person instead of those who answer. */
  readonly personId?: string;
  readonly by: By;
}

/**
 * Puts what concerns a consent into inboxes, and has housekeeping mail it; in the transaction of what it is about, so that nobody
 * is told of what did not happen and nothing happens untold.
 */
export async function tellOfConsent(store: Store, telling: ConsentTelling, session: ClientSession): Promise<void> {
  const { record, organisationId, by } = telling;
  const ids = telling.personId === undefined ? await peopleInRoles(store, { organisationId, roles: ANSWERING, studyId: record.studyId, at: by.at }) : [telling.personId];
  const [people, row] = await Promise.all([
    peopleInForce(store, { personIds: ids, at: by.at }),
    matrixRowInForce(store, { studyId: record.studyId, topic: record.topic, organisationIds: [record.raisingOrganisationId, record.accountableOrganisationId], at: by.at }),
  ]);
  const mailed = !row || channelAllowed(row, 'email');
  const wanted = people.map(({ personId, email }): Wanted => wantedOf(telling, { personId, route: mailed ? { channel: 'email', address: email, endpointId: null, blocked: null } : { channel: 'inbox', address: '', endpointId: null, blocked: null } }));
  if (wanted.length > 0) await holdNotices(store, wanted, session);
}

function wantedOf({ consentId, reason, record, organisationId, by }: ConsentTelling, { personId, route }: { readonly personId: string; readonly route: NoticeRoute }): Wanted {
  const id = `consent/${consentId}/${reason}/${by.at}/${personId}`;
  const messageId = `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@cro-oversight>`;
  const entry: AuditDraft = {
    streamId: noticeStreamOf(record._id), at: by.at, zone: 'UTC', actor: { kind: 'system', name: 'effect' }, action: 'notice.held', correlationId: id, rev: 0, visibleTo: [organisationId],
    detail: { personId, as: 'role', channel: route.channel, messageId, until: by.at, consentId },
  };
  const { channel, address, endpointId } = route;
  return {
    notice: {
      _id: id, recordId: record._id, rev: 0, reason, side: null, level: null, organisationId, personId, as: 'role', channel, address, endpointId, messageId, contentHash: '',
      deadline: null, due: null, severity: record.severity, drill: record.drill, fallbackOf: null, createdAt: by.at,
    },
    hold: { until: by.at, digestId: null, rest: [] }, entry,
  };
}
