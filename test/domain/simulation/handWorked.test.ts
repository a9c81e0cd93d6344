import type { Severity } from '../../../contracts/policy';
import type { SimulatedAct, SimulatedTelling, Simulation } from '../../../contracts/simulation';
import type { Absence, Directory } from '../../../domain/routing/recipients';
import { simulate } from '../../../domain/simulation/simulate';
import { instant } from '../time/calendars';
import { CRO, defaultPolicy, personOf, settingOf, SPONSOR } from './village';

interface Case {
  readonly title: string;
  readonly severity: Severity;
  readonly at: string;
  /** Default: inside the CRO, so that one ladder climbs. */
  readonly raising?: string;
  readonly away?: readonly Absence[];
  readonly holidays?: Readonly<Record<string, readonly string[]>>;
  readonly directory?: Partial<Directory>;
  readonly acts?: readonly SimulatedAct[];
  /** The first tellings: `<month-day hour:minute, UTC> <person> <reason> <level>`. */
  readonly told: readonly string[];
  /** `<month-day hour:minute> <how>`: when the ladder was first exhausted, or the issue over. */
  readonly ends?: string;
}

const pm = personOf(CRO, 'project_manager');
const lead = personOf(CRO, 'study_lead');
const head = personOf(CRO, 'quality_head');
const exec = personOf(CRO, 'executive');
const quality = personOf(CRO, 'quality');
const all = [pm, lead, head, exec, quality].map((personId) => ({ personId }));
const act = (afterMs: number, side: 'raising' | 'accountable', name: SimulatedAct['act']): SimulatedAct => ({ afterMs, side, act: name });
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * The default policy, worked out with a wall calendar. Critical (24×7): 30 min, 30 min, 1 h, 2 h, two
 * further rounds. Major: 4, 4 business hours, 1, 2 business days, one further round. Minor: 2, 2, 3
 * business days. Zurich is UTC+1, from 29 March 2026 UTC+2; New York is UTC-5 in November.
 */
const CASES: readonly Case[] = [
  {
    // Sunday night makes no difference: 02:00 +30 min, +30 min, +1 h, +2 h = 4 h a round; three rounds: 14:00.
    title: 'critical, on a Sunday night', severity: 'critical', at: '2026-11-29T02:00:00Z',
    told: [`11-29 02:00 ${pm} level 1`, `11-29 02:30 ${lead} level 2`, `11-29 03:00 ${head} level 3`, `11-29 04:00 ${exec} level 4`, `11-29 06:00 ${pm} level 1`],
    ends: '11-29 14:00 exhausted',
  },
  {
    // The study lead stands in at level 1 and is asked again at level 2.
    title: 'critical, the project manager away', severity: 'critical', at: '2026-11-29T02:00:00Z', away: [{ personId: pm }],
    told: [`11-29 02:00 ${lead} level 1`, `11-29 02:30 ${lead} level 2`, `11-29 03:00 ${head} level 3`],
    ends: '11-29 14:00 exhausted',
  },
  {
    // Nobody on levels 1 and 2: no minute is lost on them, a round takes 1 h + 2 h; three rounds: 11:00.
    title: 'critical, both lower levels away', severity: 'critical', at: '2026-11-29T02:00:00Z', away: [{ personId: pm }, { personId: lead }],
    told: [`11-29 02:00 - level 1`, `11-29 02:00 - level 2`, `11-29 02:00 ${head} level 3`, `11-29 03:00 ${exec} level 4`, `11-29 05:00 - level 1`],
    ends: '11-29 11:00 exhausted',
  },
  {
    // A whole ladder without anybody is exhausted at once, not after three rounds of nothing.
    title: 'critical, nobody there at all', severity: 'critical', at: '2026-11-29T02:00:00Z', away: all,
    told: ['11-29 02:00 - level 1', '11-29 02:00 - level 2', '11-29 02:00 - level 3', '11-29 02:00 - level 4'],
    ends: '11-29 02:00 exhausted',
  },
  {
    // 00:30 UTC is 01:30 in Zurich; at 01:00 UTC the clocks there jump from 02:00 to 03:00. 24×7 time does not.
    title: 'critical, through the night when clocks go forward', severity: 'critical', at: '2026-03-29T00:30:00Z',
    told: [`03-29 00:30 ${pm} level 1`, `03-29 01:00 ${lead} level 2`, `03-29 01:30 ${head} level 3`, `03-29 02:30 ${exec} level 4`],
    ends: '03-29 12:30 exhausted',
  },
  {
    // Friday 16:30: 1 h until 17:30, 3 h on Monday: 12:00. +4 h: 16:00. +1 day: Tuesday 16:00. +2: Thursday 16:00.
    // Round 2: 1.5 h on Thursday, 2.5 h on Friday: 11:30. +4 h: 15:30. +1: Monday 15:30. +2: Wednesday 15:30.
    title: 'major, on a Friday afternoon', severity: 'major', at: '2026-11-27T15:30:00Z',
    told: [
      `11-27 15:30 ${pm} level 1`, `11-30 11:00 ${lead} level 2`, `11-30 15:00 ${head} level 3`, `12-01 15:00 ${exec} level 4`,
      `12-03 15:00 ${pm} level 1`, `12-04 10:30 ${lead} level 2`, `12-04 14:30 ${head} level 3`, `12-07 14:30 ${exec} level 4`,
    ],
    ends: '12-09 14:30 exhausted',
  },
  {
    // The same with a holiday on Monday: the 3 h are those of Tuesday, 12:00.
    title: 'major, on a Friday before a holiday', severity: 'major', at: '2026-11-27T15:30:00Z', holidays: { [CRO]: ['2026-11-30'] },
    told: [`11-27 15:30 ${pm} level 1`, `12-01 11:00 ${lead} level 2`, `12-01 15:00 ${head} level 3`, `12-02 15:00 ${exec} level 4`, `12-04 15:00 ${pm} level 1`],
  },
  {
    // Friday 16:30 is 15:30 UTC; Monday noon, after the change, is 10:00 UTC.
    title: 'major, over the weekend when clocks go forward', severity: 'major', at: '2026-03-27T15:30:00Z',
    told: [`03-27 15:30 ${pm} level 1`, `03-30 10:00 ${lead} level 2`, `03-30 14:00 ${head} level 3`],
  },
  {
    // The lead is away until Wednesday: level 2 is skipped on Monday 12:00; +1 day, +2 days, then 4 h: Thursday 16:00, the lead is back.
    title: 'major, the study lead away until Wednesday', severity: 'major', at: '2026-11-27T15:30:00Z', away: [{ personId: lead, until: '2026-12-02T08:00:00.000Z' }],
    told: [
      `11-27 15:30 ${pm} level 1`, '11-30 11:00 - level 2', `11-30 11:00 ${head} level 3`, `12-01 11:00 ${exec} level 4`,
      `12-03 11:00 ${pm} level 1`, `12-03 15:00 ${lead} level 2`,
    ],
  },
  {
    // A delegation from Monday to Tuesday, as in the store; level 2 of round 2 is Friday's: the lead again.
    title: 'major, the study lead delegated for two days', severity: 'major', at: '2026-11-27T15:30:00Z',
    directory: { delegations: [{ id: 'd', personId: lead, delegateId: quality, from: '2026-11-30T00:00:00.000Z', until: '2026-12-02T00:00:00.000Z' }] },
    told: [
      `11-27 15:30 ${pm} level 1`, `11-30 11:00 ${quality} level 2`, `11-30 15:00 ${head} level 3`, `12-01 15:00 ${exec} level 4`,
      `12-03 15:00 ${pm} level 1`, `12-04 10:30 ${lead} level 2`,
    ],
  },
  {
    // Wednesday 10:00, Christmas Day and New Year's Day are Fridays: 24th, 28th; 29th, 30th; 31st, 4th, 5th January.
    title: 'minor, over Christmas and New Year', severity: 'minor', at: '2026-12-23T09:00:00Z', holidays: { [CRO]: ['2026-12-25', '2027-01-01'] },
    told: [`12-23 09:00 ${pm} level 1`, `12-28 09:00 ${lead} level 2`, `12-30 09:00 ${head} level 3`],
    ends: '01-05 09:00 exhausted',
  },
  {
    // 15:00 in New York, 21:00 in Zurich. Zurich: 4 h from 09:00 on Thursday: 13:00, 12:00 UTC; +4 h: 17:00.
    // New York: 2.5 h on Wednesday, Thanksgiving, 1.5 h on Friday: 10:30, 15:30 UTC.
    title: 'major, two sides before Thanksgiving', severity: 'major', at: '2026-11-25T20:00:00Z', raising: SPONSOR, holidays: { [SPONSOR]: ['2026-11-26'] },
    told: [
      `11-25 20:00 ${pm} level 1`, `11-25 20:00 ${personOf(SPONSOR, 'project_manager')} level 1`, `11-26 12:00 ${lead} level 2`,
      `11-26 16:00 ${head} level 3`, `11-27 15:30 ${personOf(SPONSOR, 'study_lead')} level 2`,
    ],
  },
  {
    // The matrix row names quality at level 1, the lead as deputy; it names nobody above, so levels 2 to 4 are skipped.
    // Each of three rounds is the 30 min of level 1.
    title: 'critical, routed by a matrix row', severity: 'critical', at: '2026-11-29T02:00:00Z', away: [{ personId: quality, from: '2026-11-29T02:15:00.000Z' }],
    directory: { rows: [{ topic: '*', version: 1, effectiveFrom: '2026-01-01T00:00:00.000Z', contacts: [{ organisationId: CRO, level: 1, personId: quality, deputyId: lead }] }] },
    told: [`11-29 02:00 ${quality} level 1`, '11-29 02:30 - level 2', '11-29 02:30 - level 3', '11-29 02:30 - level 4', `11-29 02:30 ${lead} level 1`],
    ends: '11-29 03:30 exhausted',
  },
  {
    // Acknowledged 02:10, progress is owed by 06:10; silence re-opens the track one level up.
    title: 'critical, acknowledged and then silent', severity: 'critical', at: '2026-11-29T02:00:00Z', acts: [act(10 * MINUTE, 'accountable', 'acknowledge')],
    told: [`11-29 02:00 ${pm} level 1`, `11-29 06:10 ${lead} progress_late 2`, `11-29 06:40 ${head} level 3`, `11-29 07:40 ${exec} level 4`],
  },
  {
    // Resolved after an hour; the sponsor has a day to confirm and does not: its own ladder starts.
    title: 'critical, resolved and not confirmed', severity: 'critical', at: '2026-11-29T02:00:00Z', raising: SPONSOR,
    acts: [act(10 * MINUTE, 'accountable', 'acknowledge'), act(10 * MINUTE, 'raising', 'acknowledge'), act(HOUR, 'accountable', 'resolve')],
    told: [
      `11-29 02:00 ${pm} level 1`, `11-29 02:00 ${personOf(SPONSOR, 'project_manager')} level 1`, `11-29 03:00 ${personOf(SPONSOR, 'project_manager')} resolved 1`,
      `11-30 03:00 ${personOf(SPONSOR, 'project_manager')} confirmation_late 1`, `11-30 03:30 ${personOf(SPONSOR, 'study_lead')} confirmation_late 2`,
    ],
    ends: '11-30 15:00 exhausted',
  },
  {
    title: 'critical, resolved and confirmed', severity: 'critical', at: '2026-11-29T02:00:00Z', raising: SPONSOR,
    acts: [act(10 * MINUTE, 'accountable', 'acknowledge'), act(HOUR, 'accountable', 'resolve'), act(2 * HOUR, 'raising', 'confirm')],
    told: [
      `11-29 02:00 ${pm} level 1`, `11-29 02:00 ${personOf(SPONSOR, 'project_manager')} level 1`, `11-29 02:30 ${personOf(SPONSOR, 'study_lead')} level 2`,
      `11-29 03:00 ${personOf(SPONSOR, 'study_lead')} resolved 2`, `11-29 04:00 ${pm} closed -`,
    ],
    ends: '11-29 04:00 closed',
  },
];

const minute = (at: string): string => at.slice(5, 16).replace('T', ' ');
const shown = ({ at, personId, reason, level }: SimulatedTelling): string => `${minute(at)} ${personId ?? '-'} ${reason} ${level === null ? '-' : String(level)}`;

function run({ severity, at, raising = CRO, away = [], holidays = {}, directory = {}, acts = [] }: Case): Simulation {
  const issue = { policy: defaultPolicy(), severity, at: instant(at), studyId: null, topic: 'data', raisingOrganisationId: raising, accountableOrganisationId: CRO, raisedBy: null, acts };
  return simulate(issue, settingOf({ holidays, absences: away, directory }));
}

function endOf({ tellings, end }: Simulation): string {
  const exhausted = tellings.find(({ reason }) => reason === 'exhausted');
  return exhausted ? `${minute(exhausted.at)} exhausted` : `${minute(end.at)} ${end.as}`;
}

describe('the simulator against the hand-worked table', () => {
  test.each(CASES.map((row) => [row.title, row] as const))('P19 E2 E5 %s', (_, row) => {
    const simulation = run(row);
    expect(simulation.tellings.slice(0, row.told.length).map(shown)).toEqual(row.told);
    if (row.ends !== undefined) expect(endOf(simulation)).toBe(row.ends);
    expect(simulation.refused).toEqual([]);
    expect(simulation.lines).toHaveLength(simulation.tellings.length);
  });

  test('P19 the same in plain words, with whose calendar counts', () => {
    const friday = CASES.find(({ title }) => title === 'major, on a Friday afternoon');
    if (!friday) throw new Error('no such case');
    expect(run(friday).lines.slice(0, 2)).toEqual([
      '2026-11-27T15:30Z  level 1 of CRO One told: project_manager of cro (project_manager), since the issue was raised; to acknowledge by 2026-11-30T11:00Z (calendar 3 of cro)',
      '2026-11-30T11:00Z  level 2 of CRO One told: study_lead of cro (study_lead), since level 1 did not acknowledge by 2026-11-30T11:00Z; to acknowledge by 2026-11-30T15:00Z (calendar 3 of cro)',
    ]);
    expect(run({ ...friday, severity: 'critical', away: all }).lines[1]).toBe('2026-11-27T15:30Z  level 2 of CRO One nobody is there, since nobody stood on the level before; to acknowledge by 2026-11-27T16:00Z');
  });

  test('P19 an act that the machine refuses is listed and changes nothing', () => {
    const simulation = run({ title: '', severity: 'critical', at: '2026-11-29T02:00:00Z', told: [], acts: [act(10 * MINUTE, 'accountable', 'resolve')] });
    expect(simulation.refused).toEqual([{ at: '2026-11-29T02:10:00.000Z', act: 'resolve', side: 'accountable', type: 'wrong_state', reason: 'acknowledge before you resolve' }]);
    expect(endOf(simulation)).toBe('11-29 14:00 exhausted');
  });

  test('P19 a policy that nearly never ends is cut off and says so', () => {
    const policy = defaultPolicy();
    const { critical } = policy.ladders;
    const second = { kind: 'calendar', ms: 1000 } as const;
    const restless = { ...critical, reviewWithin: second, resolveWithin: { kind: 'calendar', ms: 300 * 24 * HOUR } as const };
    const simulation = simulate({
      policy: { ...policy, ladders: { ...policy.ladders, critical: restless } }, severity: 'critical', at: instant('2026-11-29T02:00:00Z'), studyId: null, topic: 'data',
      raisingOrganisationId: CRO, accountableOrganisationId: CRO, raisedBy: null, acts: [],
    }, settingOf());
    expect(simulation.end.as).toBe('bounded');
  });
});
