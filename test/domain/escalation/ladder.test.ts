import { escalation } from '../../../domain/escalation/machine';
import { plusMs } from '../../../contracts/instant';
import { Issue, SPONSOR, CRO, START, acknowledged, amy, ann, at, bea, bob, exhausted, outsider } from './issues';

describe('E2 ordered levels', () => {
  test('E2 S1.3 without an acknowledgement each level is told when the time of the one before is over', () => {
    const issue = new Issue().to('10:59');
    expect(issue.ladderOf('accountable')).toEqual(['0m L1', '10m L2', '30m L3', '60m L1', '70m L2', '90m L3']);
    expect(issue.ladderOf('raising')).toEqual(issue.ladderOf('accountable'));
  });

  test('E2 the next level is told at T, not a millisecond before', () => {
    const issue = new Issue();
    issue.run.runTo(plusMs(START, 10 * 60_000 - 1));
    expect(issue.track('accountable').level).toBe(1);
    issue.run.runTo(plusMs(START, 10 * 60_000));
    expect(issue.track('accountable').level).toBe(2);
    expect(issue.notices('level').at(-1)).toMatchObject({
      mustReach: true, deadline: 'ack/raising', audience: { to: 'level', side: 'raising', organisationId: SPONSOR, level: 2 },
    });
  });

  test('E2 escalating by hand moves one level up at once and is on the record with its reason', () => {
    const issue = new Issue().to('09:05').act(ann, 'escalate', { reason: 'patients at risk' });
    expect(issue.track('accountable').level).toBe(2);
    expect(issue.track('raising').level).toBe(1);
    expect(issue.armed('ack/accountable')?.due).toBe(at('2026-03-02T09:25:00Z'));
    expect(issue.facts('issue.escalated')).toEqual([{ action: 'issue.escalated', field: 'tracks.accountable.level', old: 1, new: 2, reason: 'patients at risk' }]);
    expect(issue.run.steps.at(-1)?.source.actor).toEqual(ann);
  });

  test('E2 escalating an acknowledged track takes the acknowledgement back', () => {
    const issue = acknowledged().act(ann, 'escalate', { reason: 'nothing moves' });
    expect(issue.track('accountable')).toMatchObject({ status: 'climbing', level: 2, acknowledgedBy: null });
    expect(issue.state.status).toBe('open');
    expect(issue.waits()).toEqual(['ack/accountable', 'resolution']);
  });

  test('E2 escalating at the last level of the last round exhausts the track', () => {
    const issue = new Issue({ ladder: { repeats: 0 } }).act(ann, 'escalate', { reason: 'r' }).act(ann, 'escalate', { reason: 'r' }).act(ann, 'escalate', { reason: 'r' });
    expect(issue.track('accountable').status).toBe('exhausted');
    expect(issue.asked(ann, 'escalate', { reason: 'r' })).toBe('wrong_state');
  });

  test('E2 an acknowledgement at the very instant of the deadline wins', () => {
    const issue = new Issue();
    expect(issue.run.commandAt(at('2026-03-02T09:10:00Z'), { actor: bob, command: { act: 'acknowledge', body: {} } })).toBeUndefined();
    issue.to('09:20');
    expect(issue.track('accountable')).toMatchObject({ status: 'acknowledged', level: 1 });
    expect(issue.track('raising')).toMatchObject({ status: 'climbing', level: 2 });
    expect(issue.run.ended.find(({ name }) => name === 'ack/accountable')).toMatchObject({ outcome: 'met', lateByMs: 0 });
  });

  test('E6 after an outage an acknowledgement that comes first wins, and the miss stays on the record', () => {
    const issue = new Issue();
    issue.run.sleepTo(at('2026-03-02T09:15:00Z'));
    issue.act(bob, 'acknowledge', {}).to('09:15');
    expect(issue.track('accountable')).toMatchObject({ status: 'acknowledged', level: 1 });
    expect(issue.run.ended.find(({ name }) => name === 'ack/accountable')).toMatchObject({ outcome: 'missed', lateByMs: 5 * 60_000 });
    expect(issue.facts('deadline.missed').find(({ field }) => field === 'ack/accountable')?.detail).toMatchObject({ overtaken: true, lateByMs: 300_000 });
    expect(issue.track('raising').level).toBe(2);
    expect(issue.run.ended.find(({ name }) => name === 'ack/raising')).toMatchObject({ outcome: 'fired', lateByMs: 5 * 60_000 });
    expect(issue.armed('ack/raising')?.due).toBe(at('2026-03-02T09:35:00Z'));
  });
});

describe('E3 acknowledging is not progress', () => {
  test('E3 acknowledged, then idle: the track re-opens one level up', () => {
    const issue = acknowledged().to('12:59');
    expect(issue.state.status).toBe('acknowledged');
    issue.to('13:00');
    expect(issue.state.status).toBe('open');
    expect(issue.track('accountable')).toMatchObject({ status: 'climbing', level: 2, acknowledgedBy: null });
    expect(issue.notices('progress_late')).toHaveLength(1);
    expect(issue.track('raising').status).toBe('acknowledged');
  });

  test('E3 acknowledging again does not buy a second span while acknowledged', () => {
    expect(acknowledged().asked(bea, 'acknowledge', {})).toBe('wrong_state');
  });

  test('E3 progress starts the span anew and counts as met', () => {
    const issue = acknowledged().to('12:00').act(bob, 'progress', { note: 'half done' });
    expect(issue.armed('progress/accountable')?.due).toBe(at('2026-03-02T16:00:00Z'));
    expect(issue.run.ended.at(-1)).toMatchObject({ name: 'progress/accountable', outcome: 'met' });
  });

  test('E3 a promised next update moves the deadline, both ways', () => {
    const issue = acknowledged().act(bob, 'progress', { note: 'waiting for the lab', nextUpdateAt: '2026-03-04T10:00:00+01:00' });
    expect(issue.armed('progress/accountable')?.due).toBe(at('2026-03-04T09:00:00Z'));
    issue.act(bob, 'progress', { note: 'lab answered', nextUpdateAt: '2026-03-02T10:00:00Z' });
    expect(issue.armed('progress/accountable')?.due).toBe(at('2026-03-02T10:00:00Z'));
  });

  test('E3 a broken promise re-escalates', () => {
    const issue = acknowledged().act(bob, 'progress', { note: 'n', nextUpdateAt: '2026-03-02T10:00:00Z' }).to('10:00');
    expect(issue.track('accountable')).toMatchObject({ status: 'climbing', level: 2 });
    expect(issue.facts('deadline.missed').at(-1)).toMatchObject({ field: 'progress/accountable', detail: { due: '2026-03-02T10:00:00.000Z' } });
  });

  test.each([
    ['in the past', '2026-03-02T08:59:59Z', 'rule_broken'],
    ['now', '2026-03-02T09:00:00Z', 'rule_broken'],
    ['in 90 days', '2026-05-31T09:00:00Z', 'allowed'],
    ['a millisecond later', '2026-05-31T09:00:00.001Z', 'rule_broken'],
    ['not an instant', 'tomorrow', 'rule_broken'],
  ])('E3 a promise %s', (_title, nextUpdateAt, expected) => {
    expect(acknowledged().asked(bob, 'progress', { note: 'n', nextUpdateAt })).toBe(expected);
  });

  test('E3 the raising side owes progress only where it promised, and the next update keeps the promise', () => {
    const issue = acknowledged().act(ann, 'progress', { note: 'data sent' });
    expect(issue.waits()).toEqual(['progress/accountable', 'resolution']);
    issue.act(ann, 'progress', { note: 'answer by ten', nextUpdateAt: '2026-03-02T10:00:00Z' });
    expect(issue.waits()).toContain('progress/raising');
    issue.to('09:50').act(ann, 'progress', { note: 'here it is' });
    expect(issue.waits()).not.toContain('progress/raising');
    expect(issue.run.ended.at(-1)).toMatchObject({ name: 'progress/raising', outcome: 'met' });
    expect(issue.to('10:30').track('raising').status).toBe('acknowledged');
  });

  test('E3 a broken promise of the raising side re-opens its own track only', () => {
    const issue = acknowledged().act(ann, 'progress', { note: 'n', nextUpdateAt: '2026-03-02T10:00:00Z' }).to('10:00');
    expect(issue.track('raising')).toMatchObject({ status: 'climbing', level: 2 });
    expect(issue.track('accountable').status).toBe('acknowledged');
  });

  test('E3 progress needs an acknowledgement first', () => {
    expect(new Issue().asked(bob, 'progress', { note: 'n' })).toBe('wrong_state');
  });

  test('the resolution deadline lapses: both sides are told, the KPI is late, the issue stays as it is', () => {
    const issue = acknowledged().act(bob, 'progress', { note: 'n', nextUpdateAt: '2026-03-20T10:00:00Z' }).to('2026-03-04T09:00:00Z');
    expect(issue.state).toMatchObject({ resolutionLate: true, status: 'acknowledged' });
    expect(issue.notices('resolution_late').map(({ audience }) => audience.organisationId)).toEqual([CRO, SPONSOR]);
    expect(issue.waits()).toEqual(['progress/accountable']);
  });
});

describe('E4 bounded repeats', () => {
  test('E4 after the last repeat the track is exhausted once, with a review deadline', () => {
    const issue = exhausted();
    expect(issue.state).toMatchObject({ status: 'exhausted', underReview: true });
    expect(issue.facts('track.exhausted').map(({ detail }) => detail)).toEqual([
      { side: 'accountable', round: 2, level: 3 }, { side: 'raising', round: 2, level: 3 },
    ]);
    expect(issue.waits()).toEqual(['resolution', 'review']);
    expect(issue.armed('review')?.due).toBe(at('2026-03-04T11:00:00Z'));
  });

  test('E4 the level that each side stands at and the executives of both sides are told', () => {
    const told = exhausted().notices('exhausted').filter(({ intent }) => intent.includes('/accountable/')).map(({ audience }) => audience);
    expect(told).toEqual([
      { to: 'level', side: 'accountable', organisationId: CRO, level: 3 },
      { to: 'level', side: 'raising', organisationId: SPONSOR, level: 3 },
      { to: 'roles', organisationId: SPONSOR, roles: ['executive'] },
      { to: 'roles', organisationId: CRO, roles: ['executive'] },
    ]);
  });

  test('E4 the review lapses again and again; each time somebody is told anew', () => {
    const issue = exhausted().to('2026-03-08T11:00:00Z');
    expect(issue.state).toMatchObject({ reviewsLapsed: 3, status: 'exhausted' });
    expect(issue.facts('review.late').map(({ new: count }) => count)).toEqual([1, 2, 3]);
    expect(issue.notices('review_late')).toHaveLength(6);
    expect(new Set(issue.notices('review_late').map(({ intent }) => intent)).size).toBe(6);
    expect(issue.waits()).toEqual(['review']);
  });

  test('E4 without roles to tell, a late review tells the level of each side', () => {
    const issue = exhausted({ ladder: { exhaustedTells: [] } }).to('2026-03-04T11:00:00Z');
    expect(issue.notices('review_late').map(({ audience }) => audience)).toEqual([
      { to: 'level', side: 'accountable', organisationId: CRO, level: 3 }, { to: 'level', side: 'raising', organisationId: SPONSOR, level: 3 },
    ]);
  });

  test('E4 one exhausted track makes the issue exhausted; its acknowledgement ends the review', () => {
    const issue = new Issue().act(ann, 'acknowledge', {}).to('11:00');
    expect(issue.state.status).toBe('exhausted');
    issue.act(bob, 'acknowledge', {});
    expect(issue.state).toMatchObject({ status: 'acknowledged', underReview: false });
    expect(issue.waits()).toEqual(['progress/accountable', 'resolution']);
  });

  test('E4 the review goes on while the other track is exhausted', () => {
    const issue = exhausted().act(bob, 'acknowledge', {});
    expect(issue.state).toMatchObject({ status: 'exhausted', underReview: true });
    expect(issue.waits()).toEqual(['progress/accountable', 'resolution', 'review']);
  });

  test('E4 acknowledged after exhaustion and idle again: exhausted again, and told again under new intents', () => {
    const issue = new Issue().act(ann, 'acknowledge', {}).to('11:00').act(bob, 'acknowledge', {}).to('15:00');
    expect(issue.state).toMatchObject({ status: 'exhausted', underReview: true });
    const intents = issue.notices('exhausted').map(({ intent }) => intent);
    expect(intents).toHaveLength(8);
    expect(new Set(intents).size).toBe(8);
  });

  test('E4 zero repeats: one round', () => {
    expect(new Issue({ ladder: { repeats: 0 } }).to('2026-03-03T09:00:00Z').ladderOf('raising')).toEqual(['0m L1', '10m L2', '30m L3']);
  });
});

describe('E7 nobody there', () => {
  test('E7 the next level is told at once, with a record of why', () => {
    const issue = new Issue({ nobody: ({ audience }) => audience.to === 'level' && audience.side === 'accountable' && audience.level === 1 });
    expect(issue.ladderOf('accountable')).toEqual(['0m L1', '0m L2']);
    expect(issue.facts('level.skipped')).toEqual([{ action: 'level.skipped', field: 'tracks.accountable.level', old: 1, new: null, reason: 'simulated: nobody' }]);
    expect(issue.armed('ack/accountable')?.due).toBe(at('2026-03-02T09:20:00Z'));
    expect(issue.track('raising').level).toBe(1);
  });

  test('E7 every level empty: exhausted exactly once, each level tried once, no rounds', () => {
    const issue = new Issue({ ladder: { repeats: 20 }, nobody: ({ audience }) => audience.to === 'level' });
    expect(issue.ladderOf('accountable')).toEqual(['0m L1', '0m L2', '0m L3']);
    expect(issue.facts('track.exhausted')).toHaveLength(2);
    expect(issue.state.status).toBe('exhausted');
    expect(issue.waits()).toEqual(['resolution', 'review']);
    expect(issue.run.steps).toHaveLength(7);
  });

  test('E7 only the middle level is staffed: it gets its time in each round, then the track is exhausted', () => {
    const issue = new Issue({ nobody: ({ audience }) => audience.to === 'level' && audience.level !== 2 }).to('2026-03-02T23:00:00Z');
    expect(issue.ladderOf('accountable')).toEqual(['0m L1', '0m L2', '20m L3', '20m L1', '20m L2', '40m L3']);
    expect(issue.facts('track.exhausted')).toHaveLength(2);
  });

  test('E7 an answer about an older telling changes nothing', () => {
    const issue = new Issue().to('09:15');
    const late = { intent: 'escalation/i1/accountable/1/level/1/notify', outcome: 'nobody' as const, detail: 'bounced' };
    const { run } = issue;
    expect(settle(issue, late)).toBeUndefined();
    expect(settle(issue, { ...late, intent: 'escalation/i1/accountable/2/level/2/notify' })?.facts[0]).toMatchObject({ action: 'level.skipped' });
    expect(run.state.tracks[0]?.level).toBe(2);
  });

  test.each(['closed', 'cancelled'])('E7 an answer after the issue is %s changes nothing', (end) => {
    const issue = end === 'closed'
      ? new Issue().act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' }).to('2026-03-03T09:00:00Z').act(ann, 'confirm', {})
      : new Issue().act(ann, 'cancel', { reason: 'r' }).act(amy, 'confirm-cancel', {});
    expect(issue.state.status).toBe(end);
    const sent = issue.notices().filter(({ mustReach }) => mustReach);
    expect(sent.map(({ intent }) => settle(issue, { intent, outcome: 'nobody', detail: 'bounced' }))).toEqual(sent.map(() => undefined));
    expect(issue.state.tracks.filter((track) => track.status === 'climbing')).toEqual([]);
  });

  test('E7 a failed telling counts as nobody; an acknowledgement makes it old news', () => {
    const intent = 'escalation/i1/accountable/1/level/1/notify';
    expect(settle(new Issue(), { intent, outcome: 'failed', detail: 'd' })).toBeDefined();
    expect(settle(new Issue(), { intent, outcome: 'done', detail: '' })).toBeUndefined();
    expect(settle(new Issue().act(bob, 'acknowledge', {}), { intent, outcome: 'failed', detail: 'd' })).toBeUndefined();
  });
});

test('P14 an organisation without a seat may comment, where the API lets it in, and nothing else', () => {
  const issue = new Issue();
  expect(issue.asked(outsider, 'comment', { text: 't' })).toBe('allowed');
  expect(issue.asked(outsider, 'acknowledge', {})).toBe('not_permitted');
});

function settle(issue: Issue, outcome: Parameters<typeof escalation.settle>[1]) {
  return escalation.settle(issue.state, outcome, issue.run.now);
}
