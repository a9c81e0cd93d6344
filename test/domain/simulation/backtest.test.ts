import fc from 'fast-check';
import type { EscalationCommand } from '../../../contracts/escalation';
import type { Duration } from '../../../contracts/duration';
import { minutes } from '../../../contracts/spans';
import { plusMs } from '../../../contracts/instant';
import type { Policy } from '../../../contracts/policy';
import { escalation } from '../../../domain/escalation/machine';
import { backtest, type RecordedIssue } from '../../../domain/simulation/backtest';
import { summaryOf } from '../../../domain/simulation/courses';
import type { IssueRun } from '../../../domain/simulation/simulate';
import { watchedWorld } from '../../../domain/simulation/tellings';
import { VirtualRun } from '../../../domain/simulation/virtualRun';
import { instant } from '../time/calendars';
import { CRO, defaultPolicy, personOf, settingOf, SPONSOR } from './village';

const START = instant('2026-11-27T15:30:00Z');
const setting = settingOf();
const actor = (organisationId: string, role: 'study_lead' | 'quality_head') => ({ kind: 'person' as const, personId: personOf(organisationId, role), organisationId, role, correlationId: 'c' });
const cro = actor(CRO, 'study_lead');
const sponsor = actor(SPONSOR, 'quality_head');

type Given = readonly [afterMinutes: number, who: typeof cro, command: EscalationCommand];

/** An issue as the store would hold it, recorded from a run under a policy. */
function recorded(policy: Policy, given: readonly Given[], severity: 'critical' | 'major' = 'critical'): RecordedIssue {
  const run: IssueRun = new VirtualRun(escalation, watchedWorld(setting).world, {
    at: START, actor: sponsor,
    opening: { id: 'i', number: 'ISS-1', policy, matrixVersion: null, raisedBy: null, request: { topic: 'data', severity, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO } },
  });
  const bodies = new Map<string, EscalationCommand['body']>();
  for (const [after, who, command] of given) {
    if (run.commandAt(plusMs(START, after * 60_000), { command, actor: who }) === undefined) bodies.set(run.steps.findLast((step) => step.source.act === command.act)?.source.key ?? '', command.body);
  }
  const steps = run.steps.map(({ source, at, effects, ended }) => ({ act: source.act, actor: source.actor, at, effects, ended, body: bodies.get(source.key) as never }));
  return { state: run.state, steps };
}

const STORY: readonly Given[] = [
  [40, cro, { act: 'acknowledge', body: {} }], [50, sponsor, { act: 'acknowledge', body: {} }], [200, cro, { act: 'resolve', body: { resolution: 'r' } }],
  [230, sponsor, { act: 'confirm', body: {} }],
];

const withFirst = (policy: Policy, acknowledgeWithin: Duration): Policy => {
  const { critical } = policy.ladders;
  const [first, ...others] = critical.levels;
  if (!first) throw new Error('no level');
  return { ...policy, version: 2, ladders: { ...policy.ladders, critical: { ...critical, levels: [{ ...first, acknowledgeWithin }, ...others] } } };
};

describe('a back-test', () => {
  test('P19 a faster first level tells one level more; when people acknowledged stays what it was', () => {
    // Recorded: level 1 for 30 min, level 2 told at 30, acknowledged at 40 and 50. Candidate: 5 min, so level 2 at 5 and level 3 at 35.
    const result = backtest(recorded(defaultPolicy(), STORY), withFirst(defaultPolicy(), minutes(5)), setting);
    expect(result.recorded).toMatchObject({ levels: { accountable: 2, raising: 2 }, missed: { 'ack/accountable': 1, 'ack/raising': 1 }, exhausted: false });
    expect(result.candidate).toMatchObject({ levels: { accountable: 3, raising: 3 }, missed: { 'ack/accountable': 2, 'ack/raising': 2 }, exhausted: false });
    expect(result.candidate.tellings - result.recorded.tellings).toBe(2);
    expect(result.recorded.acknowledgedAfterMs).toEqual({ accountable: 40 * 60_000, raising: 50 * 60_000 });
    expect(result.differs).toEqual(['levels.accountable', 'levels.raising', 'tellings', 'missed.ack/accountable', 'missed.ack/raising']);
    expect(result.refused).toEqual([]);
    expect(summaryOf([result])).toMatchObject({ issues: 1, changed: 1, higher: 1, lower: 0, missed: { recorded: 2, candidate: 4 } });
  });

  test('P19 acts that the candidate would have refused are listed: a promise beyond its bound', () => {
    const day: Given = [60, cro, { act: 'progress', body: { note: 'n', nextUpdateAt: plusMs(START, 20 * 3_600_000) } }];
    const policy = defaultPolicy();
    const strict = { ...policy, version: 2, ladders: { ...policy.ladders, critical: { ...policy.ladders.critical, promiseAtMostMs: 3_600_000 } } };
    const [acknowledge, other, ...rest] = STORY;
    if (!acknowledge || !other) throw new Error('no story');
    const result = backtest(recorded(policy, [acknowledge, other, day, ...rest]), strict, setting);
    expect(result.refused).toEqual([{ at: plusMs(START, 3_600_000), act: 'progress', side: 'accountable', type: 'rule_broken', reason: 'nextUpdateAt must lie ahead, for critical issues at most 1 h' }]);
    expect(result.differs).toEqual([]);
  });

  test('P19 a change of policy on the record is left out and said', () => {
    const moved: Given = [100, sponsor, { act: 'replan', body: { policy: withFirst(defaultPolicy(), minutes(20)), reason: 'r' } }];
    const [acknowledge, other, ...rest] = STORY;
    if (!acknowledge || !other) throw new Error('no story');
    const result = backtest(recorded(defaultPolicy(), [acknowledge, other, moved, ...rest]), defaultPolicy(), setting);
    expect(result.skipped).toEqual([`replan at ${plusMs(START, 6_000_000)}`]);
    expect(result.ranUnder).toEqual({ key: 'default', version: 2 });
  });

  test('P19 under its own policy an issue takes the course that it took, whatever people did', () => {
    const acts: readonly EscalationCommand[] = [
      { act: 'acknowledge', body: {} }, { act: 'progress', body: { note: 'n' } }, { act: 'escalate', body: { reason: 'r' } }, { act: 'regrade', body: { severity: 'major', reason: 'r' } },
      { act: 'regrade', body: { severity: 'critical', reason: 'r' } }, { act: 'resolve', body: { resolution: 'r' } }, { act: 'reject', body: { reason: 'r' } }, { act: 'confirm', body: {} },
      { act: 'cancel', body: { reason: 'r' } }, { act: 'confirm-cancel', body: {} }, { act: 'assign', body: { personId: personOf(CRO, 'quality') } },
    ];
    const given = fc.array(fc.tuple(fc.integer({ min: 1, max: 4000 }), fc.constantFrom(cro, sponsor), fc.constantFrom(...acts)), { maxLength: 14 })
      .map((list) => list.toSorted(([a], [b]) => a - b));
    fc.assert(fc.property(given, fc.constantFrom('critical' as const, 'major' as const), (list, severity) => {
      const issue = recorded(defaultPolicy(), list, severity);
      const result = backtest(issue, defaultPolicy(), setting);
      expect([result.differs, result.refused, result.candidate]).toEqual([[], [], result.recorded]);
    }), { numRuns: 100, seed: 11 });
  });
});
