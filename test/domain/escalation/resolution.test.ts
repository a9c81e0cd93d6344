import type { Ladder } from '../../../contracts/policy';
import { Issue, CRO, LADDER, SPONSOR, acknowledged, amy, ann, at, bea, bob, policyOf, resolved } from './issues';

describe('E12 one track per side', () => {
  test('E12 one side acknowledges, the other goes on climbing', () => {
    const issue = new Issue().to('09:05').act(bob, 'acknowledge', {});
    expect(issue.state.status).toBe('open');
    expect(issue.waits()).toEqual(['ack/raising', 'progress/accountable', 'resolution']);
    issue.to('09:10');
    expect(issue.track('raising').level).toBe(2);
    expect(issue.track('accountable').level).toBe(1);
  });

  test('E12 the issue is acknowledged when every track is', () => {
    const issue = new Issue().act(ann, 'acknowledge', {});
    expect(issue.state.status).toBe('open');
    issue.act(bob, 'acknowledge', { note: 'on it' });
    expect(issue.state.status).toBe('acknowledged');
    expect(issue.facts('status.changed')).toEqual([{ action: 'status.changed', field: 'status', old: 'open', new: 'acknowledged' }]);
    expect(issue.facts('issue.acknowledged').at(-1)?.reason).toBe('on it');
    expect(issue.waits()).toEqual(['progress/accountable', 'resolution']);
  });

  test('E12 whoever acknowledges becomes the assignee, unless there is one', () => {
    expect(acknowledged().track('accountable')).toMatchObject({ acknowledgedBy: 'bob', assigneeId: 'bob' });
    expect(new Issue().act(bea, 'assign', { personId: 'bea' }).act(bob, 'acknowledge', {}).track('accountable')).toMatchObject({ acknowledgedBy: 'bob', assigneeId: 'bea' });
  });

  test('E12 an issue inside one organisation has one track', () => {
    const issue = new Issue({ request: { raisingOrganisationId: CRO } });
    expect(issue.state.tracks.map(({ side }) => side)).toEqual(['accountable']);
    expect(issue.act(bob, 'acknowledge', {}).state.status).toBe('acknowledged');
    expect(issue.asked(bob, 'escalate', { side: 'raising', reason: 'r' })).toBe('rule_broken');
  });
});

describe('E13 the raising side confirms', () => {
  test('E13 resolving waits for a confirmation, with a deadline of the raising side; its level and the raiser are told', () => {
    const issue = resolved();
    expect(issue.state).toMatchObject({ status: 'resolved', resolvedBy: 'bob' });
    expect(issue.waits()).toEqual(['confirmation']);
    expect(issue.armed('confirmation')?.rule.organisationId).toBe(SPONSOR);
    expect(issue.armed('confirmation')?.due).toBe(at('2026-03-03T09:00:00Z'));
    expect(issue.notices('resolved').map(({ audience }) => audience)).toEqual([
      { to: 'level', side: 'raising', organisationId: SPONSOR, level: 1 }, { to: 'person', organisationId: SPONSOR, personId: 'ann' },
    ]);
  });

  test('E13 the side that resolved can neither confirm nor reject', () => {
    expect(resolved().asked(bea, 'confirm', {})).toBe('not_permitted');
    expect(resolved().asked(bob, 'confirm', {})).toBe('not_permitted');
    expect(resolved().asked(bea, 'reject', { reason: 'r' })).toBe('not_permitted');
  });

  test('E13 only the accountable side resolves, and only after acknowledging', () => {
    expect(acknowledged().asked(ann, 'resolve', { resolution: 'r' })).toBe('not_permitted');
    expect(new Issue().asked(bob, 'resolve', { resolution: 'r' })).toBe('wrong_state');
    expect(new Issue().act(ann, 'acknowledge', {}).asked(bob, 'resolve', { resolution: 'r' })).toBe('wrong_state');
  });

  test('E13 inside one organisation another person confirms', () => {
    const issue = new Issue({ request: { raisingOrganisationId: CRO } }).act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' });
    expect(issue.asked(bob, 'confirm', {})).toBe('separation_of_duties');
    expect(issue.act(bea, 'confirm', {}).state.status).toBe('closed');
  });

  test('E13 confirmed: closed, nothing waits, the assignee is told', () => {
    const issue = resolved().to('10:00').act(ann, 'confirm', { note: 'seen' });
    expect(issue.state.status).toBe('closed');
    expect(issue.run.done).toBe(true);
    expect(issue.run.armed).toEqual([]);
    expect(issue.notices('closed').map(({ audience }) => audience)).toEqual([{ to: 'person', organisationId: CRO, personId: 'bob' }]);
    expect(issue.run.ended.at(-1)).toMatchObject({ name: 'confirmation', outcome: 'met' });
  });

  test('E13 rejected: re-opened at the level and round it had, told there; the resolution deadline counts from the opening as before', () => {
    const issue = new Issue().act(ann, 'acknowledge', {}).to('10:15').act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' });
    expect(issue.track('accountable')).toMatchObject({ level: 2, round: 2 });
    issue.to('12:00').act(ann, 'reject', { reason: 'still broken' });
    expect(issue.state).toMatchObject({ status: 'open', rejections: 1, resolvedBy: null });
    expect(issue.track('accountable')).toMatchObject({ status: 'climbing', level: 2, round: 2, acknowledgedBy: null });
    expect(issue.track('raising').status).toBe('acknowledged');
    expect(issue.waits()).toEqual(['ack/accountable', 'resolution']);
    expect(issue.armed('ack/accountable')?.due).toBe(at('2026-03-02T12:20:00Z'));
    // A hollow resolution buys no time.
    expect(issue.armed('resolution')?.due).toBe(at('2026-03-04T09:00:00Z'));
    expect(issue.facts('resolution.rejected')).toEqual([{ action: 'resolution.rejected', reason: 'still broken' }]);
    expect(issue.notices('rejected')).toMatchObject([{ mustReach: true, audience: { level: 2, side: 'accountable' } }]);
    expect(issue.to('12:20').track('accountable')).toMatchObject({ level: 3, round: 2 });
  });

  test('E13 rejecting speaks for a raising side that never acknowledged', () => {
    const issue = new Issue().act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' });
    expect(issue.track('raising').status).toBe('settled');
    expect(issue.act(ann, 'reject', { reason: 'r' }).track('raising')).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'ann' });
  });

  test('E13 not confirmed in time: the raising side climbs from level 1 and the issue stays resolved', () => {
    const issue = resolved().to('2026-03-03T09:00:00Z');
    expect(issue.state.status).toBe('resolved');
    expect(issue.track('raising')).toMatchObject({ status: 'climbing', level: 1, round: 1, acknowledgedBy: null });
    expect(issue.waits()).toEqual(['ack/raising']);
    expect(issue.notices('confirmation_late')).toHaveLength(1);
    expect(issue.track('accountable').status).toBe('acknowledged');
  });

  test('E13 acknowledging the late confirmation is not confirming: the deadline runs again', () => {
    const issue = resolved().to('2026-03-03T09:05:00Z').act(amy, 'acknowledge', {});
    expect(issue.waits()).toEqual(['confirmation']);
    expect(issue.armed('confirmation')?.due).toBe(at('2026-03-04T09:05:00Z'));
    expect(issue.to('2026-03-04T09:05:00Z').waits()).toEqual(['ack/raising']);
  });

  test('E3 E13 each time it is acknowledged and left the late confirmation goes one level up, until governance has it', () => {
    const issue = resolved({ ladder: { repeats: 0 } }).to('2026-03-03T09:05:00Z').act(amy, 'acknowledge', {}).to('2026-03-04T09:05:00Z');
    expect(issue.track('raising')).toMatchObject({ status: 'climbing', level: 2, round: 1 });
    issue.act(amy, 'acknowledge', {}).to('2026-03-05T09:05:00Z').act(amy, 'acknowledge', {}).to('2026-03-06T09:04:00Z');
    expect(issue.ladderOf('raising').slice(1)).toEqual(['1440m L1', '2885m L2', '4325m L3']);
    expect(issue.to('2026-03-06T09:05:00Z').waits()).toEqual(['review']);
    expect(issue.facts('confirmation.exhausted')).toHaveLength(1);
  });

  test('E13 the late confirmation of another resolution begins at level 1 again', () => {
    const issue = resolved().to('2026-03-03T09:05:00Z').act(amy, 'acknowledge', {}).to('2026-03-04T09:05:00Z').act(ann, 'reject', { reason: 'r' });
    issue.act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' }).to('2026-03-05T09:05:00Z');
    expect(issue.track('raising')).toMatchObject({ status: 'climbing', level: 1, round: 1 });
  });

  test('E13 nobody ever confirms: the ladder ends, governance reviews, and it never closes by itself', () => {
    const issue = resolved().to('2026-03-03T11:00:00Z');
    expect(issue.state).toMatchObject({ status: 'resolved', underReview: true });
    expect(issue.facts('confirmation.exhausted')).toHaveLength(1);
    expect(issue.waits()).toEqual(['review']);
    issue.to('2026-06-01T00:00:00Z');
    expect(issue.state.status).toBe('resolved');
    expect(issue.state.reviewsLapsed).toBeGreaterThan(40);
    expect(issue.act(ann, 'confirm', {}).state.status).toBe('closed');
  });

  test('E13 acknowledging an exhausted confirmation ends the review and runs the deadline again', () => {
    const issue = resolved().to('2026-03-03T12:00:00Z').act(ann, 'acknowledge', {});
    expect(issue.state).toMatchObject({ status: 'resolved', underReview: false });
    expect(issue.waits()).toEqual(['confirmation']);
  });

  test('E13 an exhausted confirmation can be rejected: the review ends, the accountable side climbs', () => {
    const issue = resolved().to('2026-03-03T12:00:00Z').act(ann, 'reject', { reason: 'r' });
    expect(issue.state).toMatchObject({ status: 'open', underReview: false });
    expect(issue.waits()).toEqual(['ack/accountable', 'resolution']);
  });

  test('E7 E13 a level of the late confirmation without anybody is skipped, and the next is told why it is told', () => {
    const issue = resolved({ nobody: ({ reason, audience }) => reason === 'confirmation_late' && audience.to === 'level' && audience.level === 1 }).to('2026-03-03T09:00:00Z');
    expect(issue.track('raising').level).toBe(2);
    expect(issue.notices('confirmation_late').map(({ audience }) => audience)).toMatchObject([{ level: 1 }, { level: 2 }]);
  });

  test('E7 E13 levels that were found empty before do not count against the late confirmation: who is there is told', () => {
    const issue = new Issue({ nobody: ({ audience }) => audience.to === 'level' && audience.side === 'raising' && audience.level < 3 })
      .act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' }).to('2026-03-03T09:00:00Z');
    expect(issue.ladderOf('raising')).toEqual(['0m L1', '0m L2', '0m L3', '1440m L1', '1440m L2', '1440m L3']);
    expect(issue.waits()).toEqual(['ack/raising']);
  });

  test('E7 P19 nor against a new plan: a level that was heard meanwhile ends the row of empty ones', () => {
    const longer: Ladder = { ...LADDER, levels: [...LADDER.levels, { role: 'executive', acknowledgeWithin: LADDER.acceptWithin }] };
    const issue = new Issue({ policy: policyOf({ critical: longer, major: { ...LADDER, repeats: 1 } }), nobody: ({ audience }) => audience.to === 'level' && [1, 3].includes(audience.level) })
      .to('09:20').act(ann, 'regrade', { severity: 'major', reason: 'r' });
    // Level 4 was heard; under three levels the third is told again, then level 1 and, in the second round, level 2.
    expect(issue.ladderOf('raising')).toEqual(['0m L1', '0m L2', '20m L3', '20m L4', '20m L3', '20m L1', '20m L2']);
    expect(issue.state.status).toBe('open');
  });

  test('E13 late under one plan and regraded: the deadline of the plan in force survives a hollow resolution', () => {
    const issue = acknowledged({ ladder: { progressWithin: { kind: 'calendar', ms: 5 * 86_400_000 } } }).to('2026-03-04T09:00:00Z').act(ann, 'regrade', { severity: 'major', reason: 'r' });
    expect(issue.state.resolutionLate).toBe(true);
    issue.act(bob, 'resolve', { resolution: 'r' }).act(ann, 'reject', { reason: 'r' });
    expect(issue.armed('resolution')?.due).toBe(at('2026-03-08T09:00:00Z'));
    issue.to('2026-03-08T09:00:00Z');
    expect(issue.facts('resolution.late').map(({ old, new: next }) => [old, next])).toEqual([[false, true], [true, true]]);
    issue.act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' }).act(ann, 'reject', { reason: 'r' });
    // Under this plan it is late already, and once is enough.
    expect(issue.waits()).toEqual(['ack/accountable']);
  });

  test('E13 resolving ends a review and takes a waiting cancellation and hand-over back, on the record', () => {
    const issue = new Issue().act(ann, 'acknowledge', {}).to('11:00').act(bob, 'acknowledge', {})
      .act(bob, 'hand-over', { toPersonId: 'bea', note: 'n' }).act(ann, 'cancel', { reason: 'noise' }).act(bob, 'resolve', { resolution: 'r' });
    expect(issue.state).toMatchObject({ cancellation: null, underReview: false });
    expect(issue.track('accountable').handOver).toBeNull();
    expect(issue.waits()).toEqual(['confirmation']);
    expect(issue.facts('cancellation.withdrawn')).toMatchObject([{ old: 'ann', new: null, reason: 'the issue was resolved' }]);
    expect(issue.facts('hand_over.withdrawn')).toMatchObject([{ old: 'bea', new: null, reason: 'the issue was resolved' }]);
    expect(issue.notices('cancellation_withdrawn')).toHaveLength(2);
  });
});

describe('cancelling takes two persons', () => {
  test('P10 the one who asked cannot confirm; a second person can', () => {
    const issue = new Issue().act(ann, 'cancel', { reason: 'raised twice' });
    expect(issue.notices('cancellation_requested').map(({ audience }) => audience.organisationId)).toEqual([CRO, SPONSOR]);
    expect(issue.asked(ann, 'confirm-cancel', {})).toBe('separation_of_duties');
    expect(issue.asked(amy, 'cancel', { reason: 'r' })).toBe('wrong_state');
    issue.act(amy, 'confirm-cancel', { note: 'agreed' });
    expect(issue.state.status).toBe('cancelled');
    expect(issue.run.armed).toEqual([]);
    expect(issue.facts('issue.cancelled')).toEqual([{ action: 'issue.cancelled', reason: 'raised twice', detail: { requestedBy: 'ann', confirmedBy: 'amy', note: 'agreed' } }]);
  });

  test('the ladder goes on while the second person is awaited', () => {
    const issue = new Issue().act(ann, 'cancel', { reason: 'r' }).to('09:30');
    expect(issue.track('accountable').level).toBe(3);
    expect(issue.waits()).toEqual(['ack/accountable', 'ack/raising', 'cancellation', 'resolution']);
  });

  test('no second person in time: withdrawn, both sides told', () => {
    const issue = acknowledged({ ladder: { progressWithin: { kind: 'calendar', ms: 86_400_000 } } }).act(ann, 'cancel', { reason: 'r' }).to('21:00');
    expect(issue.state).toMatchObject({ cancellation: null, status: 'acknowledged' });
    expect(issue.facts('cancellation.withdrawn')).toMatchObject([{ reason: 'no second person in time' }]);
    expect(issue.notices('cancellation_withdrawn').map(({ audience }) => audience.organisationId)).toEqual([CRO, SPONSOR]);
    expect(issue.asked(amy, 'confirm-cancel', {})).toBe('wrong_state');
    expect(issue.asked(ann, 'cancel', { reason: 'again' })).toBe('allowed');
  });

  test('the raising side declines a cancellation; the status stays', () => {
    const issue = acknowledged().act(bob, 'cancel', { reason: 'not ours' }).act(ann, 'reject', { reason: 'it is' });
    expect(issue.state).toMatchObject({ cancellation: null, status: 'acknowledged', rejections: 0 });
    expect(issue.facts('cancellation.declined')).toMatchObject([{ reason: 'it is' }]);
    expect(issue.waits()).toEqual(['progress/accountable', 'resolution']);
  });

  test('the deadline counts on the calendar of whoever asked', () => {
    expect(new Issue().act(bob, 'cancel', { reason: 'r' }).armed('cancellation')?.rule.organisationId).toBe(CRO);
  });
});
