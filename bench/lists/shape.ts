import type { EscalationOpening } from '../../contracts/escalation';
import { instantOf, type Instant } from '../../contracts/instant';
import type { Policy, Severity } from '../../contracts/policy';
import type { Json } from '../../contracts/step';
import { emptyChain } from '../../domain/audit/chain';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { escalation } from '../../domain/escalation/machine';
import { listedUnder } from '../../domain/lists/listedUnder';
import type { RecordDoc } from '../../store/schemas/records';

/** The reader of the lists: somebody of this CRO, which is a party of 5 % of all issues. */
export const READER_ORGANISATION = 'cro-reader';
/** A sponsor that few issues of the reader's are about, and a topic that is hardly used. */
export const RARE_SPONSOR = 'spo-39';
export const RARE_TOPIC = 'supply';

const READER_SHARE = 0.05;
const OPEN_SHARE = 0.03;
const CANCELLED_SHARE = 0.04;
const SPONSORS = 40;
const CROS = 160;
const STUDIES_PER_SPONSOR = 12;
const PEOPLE_PER_ORGANISATION = 25;
const TOPICS = ['monitoring', 'data', 'safety', 'site', 'lab', 'etmf', 'randomisation', 'security', 'training', 'budget', 'contract', 'consent', 'labels', 'archive', RARE_TOPIC];
const SITES = ['Basel', 'Ghent', 'Lyon', 'Malmo', 'Porto'];
const YEARS_MS = 5 * 365 * 86_400_000;
export const NEWEST = Date.UTC(2026, 10, 1);

/** A repeatable source of numbers from 0 to 1 (mulberry32), so that two seedings are the same. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Index from 0 to below `n`; small ones are far likelier, as sizes of organisations are. */
const skewed = (random: () => number, n: number): number => Math.floor(n * random() ** 2.5);
const pick = <T>(values: readonly T[], at: number): T => {
  const found = values[Math.min(at, values.length - 1)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
};

type Told = Pick<RecordDoc, 'status' | 'level'>;
const OPEN_STATES: readonly Told[] = [
  { status: 'open', level: 1 }, { status: 'open', level: 2 }, { status: 'acknowledged', level: 1 }, { status: 'acknowledged', level: 3 },
  { status: 'resolved', level: 1 }, { status: 'exhausted', level: 4 },
];

/** Which issue of how many, and how many of them the reader is a party of; absent: one in twenty. */
export interface Seeded {
  readonly index: number;
  readonly total: number;
  readonly readerShare?: number | undefined;
}

/** An issue with its projection, state and content as they would be stored; later ones were opened later. */
export function seededIssue({ index, total, readerShare = READER_SHARE }: Seeded, random: () => number): RecordDoc {
  const openedAt = instantOf(NEWEST - YEARS_MS + Math.floor((YEARS_MS * index) / total));
  const sponsor = skewed(random, SPONSORS);
  const raising = `spo-${String(sponsor)}`;
  const accountable = random() < readerShare ? READER_ORGANISATION : `cro-${String(skewed(random, CROS))}`;
  const severity = pick<Severity>(['critical', 'major', 'major', 'major', 'major', 'minor', 'minor', 'minor', 'minor', 'minor'], Math.floor(random() * 10));
  const topic = pick(TOPICS, skewed(random, TOPICS.length));
  const studyId = random() < 0.02 ? null : `st-${String(sponsor)}-${String(skewed(random, STUDIES_PER_SPONSOR))}`;
  const isOpen = random() < OPEN_SHARE;
  const ended = { status: random() < CANCELLED_SHARE ? 'cancelled' : 'closed', level: 1 + skewed(random, 4) };
  const { status, level } = isOpen ? pick(OPEN_STATES, Math.floor(random() * OPEN_STATES.length)) : ended;
  const shared = random() < 0.02 ? [`cro-${String(skewed(random, CROS))}`] : [];
  const id = `i${String(index).padStart(9, '0')}`;
  const number = `ISS-${String(index)}`;
  const { length, head } = emptyChain('');
  const seen = {
    studyId, systemId: null, topic, raisingOrganisationId: raising, accountableOrganisationId: accountable, visibleTo: [...new Set([raising, accountable, ...shared])],
    assigneeIds: random() < 0.8 ? [`${accountable}/p${String(skewed(random, PEOPLE_PER_ORGANISATION))}`] : [],
    ...(random() < 0.1 && { dedupeKey: `alert-${String(index)}` }),
    drill: random() < 0.001,
  };
  return {
    _id: id, capability: 'escalation', rev: isOpen ? 3 : 5, number, stateVersion: escalation.version, armed: [],
    state: isOpen ? openState({ id, number, raising, accountable, severity, topic, studyId, openedAt }) : { id, number, status, shares: shared.map((organisationId) => ({ organisationId, extent: 'summary' })) },
    content: { title: `${topic} at ${pick(SITES, index % SITES.length)}, case ${String(index)}`, description: 'As described by the site. '.repeat(isOpen ? 12 : 2) },
    ...seen, listedUnder: listedUnder(seen), status, severity, level,
    nextDueAt: isOpen ? instantOf(NEWEST + Math.floor(random() * 10 * 86_400_000)) : null,
    openedAt, updatedAt: openedAt, done: !isOpen, chain: { length, head },
  };
}

const POLICY = pick<Policy>(DEFAULT_POLICIES, 0);

/** An open issue carries its whole policy, as the machine leaves it after opening. */
function openState(of: { id: string; number: string; raising: string; accountable: string; severity: Severity; topic: string; studyId: string | null; openedAt: Instant }): Json {
  const { id, number, raising, accountable, severity, topic, studyId, openedAt } = of;
  const opening: EscalationOpening = {
    id, number, policy: POLICY, matrixVersion: 1, raisedBy: `${raising}/p1`,
    request: { topic, severity, ...(studyId !== null && { studyId }), raisingOrganisationId: raising, accountableOrganisationId: accountable },
  };
  return escalation.open(opening, openedAt).state as unknown as Json;
}
