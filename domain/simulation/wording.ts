import type { Cause, SimulatedTelling } from '../../contracts/simulation';
import type { Directory } from '../routing/recipients';

/** `2026-11-27T13:00Z  level 2 of CRO told: Maria Rossi (study_lead), since level 1 did not acknowledge by 2026-11-27T13:00Z` */
export function lineOf(telling: SimulatedTelling, directory: Pick<Directory, 'organisations'>): string {
  const { at, organisationId, level, name, role, as } = telling;
  const nameOf = (id: string): string => directory.organisations.get(id) ?? id;
  const whose = level === null ? nameOf(organisationId) : `level ${String(level)} of ${nameOf(organisationId)}`;
  const quality = [role, as === 'delegate' || as === 'deputy' ? as : null].filter((word) => word !== null).join(', ');
  const who = name === null ? 'nobody is there' : `told: ${name}${quality === '' ? '' : ` (${quality})`}`;
  return `${minute(at)}  ${whose} ${who}, ${causeText(telling)}${asksFor(telling)}`;
}

const minute = (instant: string): string => `${instant.slice(0, 16)}Z`;

const ABOUT: Readonly<Record<string, string>> = {
  ack: 'acknowledge', progress: 'report progress', handover: 'accept the hand-over', resolution: 'resolve', confirmation: 'confirm or reject',
  cancellation: 'confirm the cancellation', review: 'review',
};
const about = (deadline: string): string => ABOUT[deadline.split('/')[0] ?? ''] ?? deadline;

function causeText({ reason, cause, level }: SimulatedTelling): string {
  switch (cause.kind) {
    case 'opened': return 'since the issue was raised';
    case 'nobody': return reason === 'exhausted' ? 'since nobody is left on the ladder' : 'since nobody stood on the level before';
    case 'warned': return `as ${String(Math.round(cause.share * 100))} % of the time to ${about(cause.deadline)} have passed`;
    case 'lapsed': return lapseText(cause, { reason, level });
    case 'act': return cause.act === 'escalate' ? 'since it was escalated' : `since ${cause.personId ?? 'the product'} did: ${cause.act}`;
  }
}

function lapseText({ deadline, due }: Extract<Cause, { kind: 'lapsed' }>, { reason, level }: Pick<SimulatedTelling, 'reason' | 'level'>): string {
  const by = minute(due);
  if (reason === 'exhausted') return `since the last level did not ${about(deadline)} by ${by}: the ladder is exhausted, it goes to governance`;
  if (!deadline.startsWith('ack/')) return `since nobody did ${about(deadline)} by ${by}`;
  return level !== null && level > 1 ? `since level ${String(level - 1)} did not acknowledge by ${by}` : `since the round before ended without an answer at ${by}`;
}

function asksFor({ deadline, due, calendar, cause }: SimulatedTelling): string {
  if (deadline === null || due === null) return '';
  const counted = calendar === null ? '' : ` (calendar ${String(calendar.version)} of ${calendar.organisationId})`;
  return cause.kind === 'warned' ? `; due ${minute(due)}${counted}` : `; to ${about(deadline)} by ${minute(due)}${counted}`;
}
