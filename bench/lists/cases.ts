import type { IssueFilter } from '../../store/issues';
import { NEWEST, RARE_SPONSOR, RARE_TOPIC, READER_ORGANISATION } from './shape';

const OPEN = ['open', 'acknowledged', 'resolved', 'exhausted'];
const DAY_MS = 86_400_000;

/** A page that people ask for. `anywhere`: begins at a random place, so that nothing is warm. */
export interface ListCase {
  readonly name: string;
  readonly filter: IssueFilter;
  readonly anywhere?: boolean;
}

/** The filters that the console and the API's users set, alone and together. */
export const CASES: readonly ListCase[] = [
  { name: 'no filter', filter: {} },
  { name: 'no filter, a page anywhere', filter: {}, anywhere: true },
  { name: 'open', filter: { status: OPEN } },
  { name: 'open and critical', filter: { status: OPEN, severity: ['critical'] } },
  { name: 'closed, a page anywhere', filter: { status: ['closed'] }, anywhere: true },
  { name: 'severity', filter: { severity: ['critical'] } },
  { name: 'topic', filter: { topic: 'monitoring' } },
  { name: 'rare topic', filter: { topic: RARE_TOPIC } },
  { name: 'study', filter: { studyId: 'st-0-0' } },
  { name: 'study, open', filter: { studyId: 'st-0-0', status: OPEN } },
  { name: 'study and topic', filter: { studyId: 'st-0-0', topic: 'data' } },
  { name: 'other party', filter: { organisationId: 'spo-0' } },
  { name: 'rare other party', filter: { organisationId: RARE_SPONSOR } },
  { name: 'other party, topic, severity', filter: { organisationId: 'spo-0', topic: 'safety', severity: ['critical', 'major'] } },
  { name: 'own organisation', filter: { organisationId: READER_ORGANISATION } },
  { name: 'assignee', filter: { assigneeId: `${READER_ORGANISATION}/p0` } },
  { name: 'assignee, open', filter: { assigneeId: `${READER_ORGANISATION}/p0`, status: OPEN } },
  { name: 'level', filter: { level: 3 } },
  { name: 'opened in a month', filter: { openedFrom: new Date(NEWEST - 700 * DAY_MS).toISOString(), openedTo: new Date(NEWEST - 670 * DAY_MS).toISOString() } },
  { name: 'due within two days', filter: { dueBefore: new Date(NEWEST + 2 * DAY_MS).toISOString() } },
];

/** The case as the query of `GET /api/v1/issues`. */
export function queryOf(filter: IssueFilter): string {
  const given = Object.entries(filter).map(([name, value]): [string, string] => [name, Array.isArray(value) ? value.join(',') : String(value)]);
  return new URLSearchParams(given).toString();
}
