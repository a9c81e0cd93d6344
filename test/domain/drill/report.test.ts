import { plusMs } from '../../../contracts/instant';
import { drillReport } from '../../../domain/drill/report';
import type { TimelineNotice } from '../../../domain/timeline/deadlines';
import { timelineOf } from '../../../domain/timeline/timeline';
import { act, at, bea, CRO, drillOf, SPONSOR, START } from './drills';

const MIN_MS = 60_000;
const base = {
  rev: 1, side: null, level: null, as: 'named', channel: 'email', deadline: 'window', due: null, status: 'told', attempts: 1, possiblyRepeated: false,
  createdAt: START, toldAt: START, failedAt: null, failure: null, reachedAt: null, readAt: null, drill: true, holdUntil: null, digestId: null, fallbackOf: null, endpointId: null, severity: 'minor',
} as const;
const noticeFor = (personId: string, organisationId: string, more: Partial<TimelineNotice> = {}): TimelineNotice =>
  ({ ...base, intent: `drill/d1/reach/${personId}/${personId}`, reason: 'reachability', personId, organisationId, ...more });

describe('report of a reachability drill', () => {
  test('E15 says who was told by which channel, who answered after how long, and lists first whom it did not reach', () => {
    const run = drillOf('reachability', (effect) => (effect.intent.endsWith('/amy') ? 'nobody' : 'done'));
    run.runTo(at('2026-03-02T09:10:00Z'));
    act(run, bea, { act: 'confirm', body: {} });
    run.runTo(at('2026-03-03T09:00:00Z'));
    const report = drillReport(run.state, { notices: [
      noticeFor('ann', SPONSOR, { toldAt: plusMs(START, MIN_MS), reachedAt: plusMs(START, 5 * MIN_MS) }),
      noticeFor('bob', CRO, { status: 'failed', toldAt: null, failedAt: START, failure: '550 no such user' }),
      noticeFor('bob', CRO, { intent: 'drill/d1/reach/bob/bob/inbox', channel: 'inbox', toldAt: plusMs(START, 2 * MIN_MS) }),
      noticeFor('bea', CRO, { toldAt: plusMs(START, MIN_MS) }),
    ] });
    expect(report).toMatchObject({ kind: 'reachability', final: true, matrixVersion: 4, organisations: [
      { organisationId: CRO, people: 2, told: 2, reached: 1, reachedPercent: 50 }, { organisationId: SPONSOR, people: 2, told: 1, reached: 1, reachedPercent: 50 },
    ] });
    if (report.kind !== 'reachability') throw new Error('another kind');
    expect(report.people.map(({ personId, by, afterMs, attempts, unreachable }) => [personId, by, afterMs, attempts.map(({ channel, status }) => `${channel} ${status}`), unreachable])).toEqual([
      ['bob', null, null, ['email failed', 'inbox told'], null],
      ['amy', null, null, [], 'simulated: nobody'],
      ['bea', 'confirmed', 9 * MIN_MS, ['email told'], null],
      ['ann', 'opened', 4 * MIN_MS, ['email told'], null],
    ]);
  });

  test('E15 opening the notice after the window, or by a delegate, reaches nobody', () => {
    const run = drillOf('reachability');
    run.runTo(at('2026-03-03T09:00:00Z'));
    const report = drillReport(run.state, { notices: [
      noticeFor('ann', SPONSOR, { reachedAt: plusMs(START, 25 * 60 * MIN_MS) }),
      noticeFor('bob', CRO, { intent: 'drill/d1/reach/bob/stand-in', personId: 'stand-in', as: 'delegate', reachedAt: plusMs(START, MIN_MS) }),
    ] });
    expect(report.kind === 'reachability' && report.people.filter(({ by }) => by !== null)).toEqual([]);
    expect(report.kind === 'reachability' && report.organisations.map(({ told, reachedPercent }) => [told, reachedPercent])).toEqual([[1, 0], [1, 0]]);
  });

  test('a report of a running drill says so', () => {
    expect(drillReport(drillOf('reachability').state, { notices: [] })).toMatchObject({ final: false, endedAt: null });
  });
});

describe('report of a fire drill', () => {
  test('E15 says which level was told when, how late, and who acknowledged after how long', () => {
    const run = drillOf('escalation');
    const due = plusMs(START, 30 * MIN_MS);
    const fact = { actor: { kind: 'system', name: 'timer' } } as const;
    const level = (of: { seq: number; rev: number; at: typeof START; level: number }) => ({ ...fact, ...of, action: 'level.started', field: 'tracks.accountable.level', new: of.level, detail: { side: 'accountable', round: 1 } });
    const told = (of: { rev: number; level: number; toldAt: typeof START; personId: string }): TimelineNotice => ({ ...base, ...of, intent: `e/${String(of.rev)}`, reason: 'level', side: 'accountable', organisationId: CRO });
    const rule = { name: 'ack/accountable', from: START, after: { kind: 'calendar', ms: 30 * MIN_MS }, organisationId: CRO } as const;
    const fired = plusMs(due, 2000);
    const story = timelineOf({
      reader: { organisationIds: [SPONSOR, CRO], partyIds: [SPONSOR, CRO] },
      facts: [
        { ...fact, seq: 1, rev: 1, at: START, action: 'issue.opened' }, level({ seq: 2, rev: 1, at: START, level: 1 }), level({ seq: 3, rev: 2, at: fired, level: 2 }),
        { seq: 4, rev: 3, at: plusMs(due, 10 * MIN_MS), action: 'issue.acknowledged', field: 'tracks.accountable.status', actor: { kind: 'person', personId: 'bea', name: 'Bea', role: 'study_lead', organisationId: CRO } },
      ],
      steps: [
        { rev: 1, armed: [{ name: 'ack/accountable', due, armedAt: START, rule }], ended: [] },
        { rev: 2, armed: [], ended: [{ name: 'ack/accountable', due, outcome: 'fired', at: fired, lateByMs: 2000 }] },
      ],
      notices: [told({ rev: 1, level: 1, toldAt: plusMs(START, 1000), personId: 'bob' }), told({ rev: 2, level: 2, toldAt: plusMs(due, 5000), personId: 'bea' })],
    });
    expect(drillReport(run.state, { notices: [], story })).toMatchObject({
      kind: 'escalation', issueId: 'opened by drill/d1/issue', failure: null, sides: [{ side: 'accountable', highestLevel: 2, acknowledged: true }],
      levels: [
        { side: 'accountable', level: 1, due: START, toldAt: plusMs(START, 1000), lateByMs: 1000, told: [{ personId: 'bob', channel: 'email' }] },
        { side: 'accountable', level: 2, due, startedAt: fired, lateByMs: 5000, told: [{ personId: 'bea' }] },
      ],
      acknowledgements: [{ side: 'accountable', personId: 'bea', afterMs: 40 * MIN_MS, afterToldMs: 10 * MIN_MS - 5000 }],
    });
  });

  test('without an issue it says why', () => {
    const run = drillOf('escalation', (effect) => (effect.kind === 'open' ? 'failed' : 'done'));
    expect(drillReport(run.state, { notices: [] })).toMatchObject({ issueId: null, failure: 'simulated: failed', levels: [] });
  });
});
