import { Issue, acknowledged, amy, ann, at, bea, bob, product } from './issues';

const offered = () => acknowledged().act(bob, 'hand-over', { toPersonId: 'bea', note: 'on leave' });
const leave = { personId: 'bob', deputyId: 'bea', reason: 'left the company' };

describe('E9 a hand-over needs acceptance', () => {
  test('E9 offered: the receiver is told, the giver stays the assignee until it is accepted', () => {
    const issue = offered();
    expect(issue.track('accountable')).toMatchObject({ assigneeId: 'bob', handOver: { fromId: 'bob', toId: 'bea' } });
    expect(issue.armed('handover/accountable')?.due).toBe(at('2026-03-02T10:00:00Z'));
    expect(issue.notices('hand_over').map(({ audience }) => audience)).toMatchObject([{ to: 'person', personId: 'bea' }]);
    expect(issue.facts('hand_over.offered')).toMatchObject([{ new: 'bea', reason: 'on leave' }]);
  });

  test('E9 only the receiver may accept', () => {
    expect(offered().asked(bob, 'accept', {})).toBe('not_permitted');
    expect(offered().asked(amy, 'accept', {})).toBe('wrong_state');
    expect(offered().asked(bea, 'accept', {})).toBe('allowed');
    expect(acknowledged().asked(bea, 'accept', {})).toBe('wrong_state');
  });

  test('E9 accepted: the receiver is the assignee and nothing waits any more', () => {
    const issue = offered().act(bea, 'accept', { note: 'mine' });
    expect(issue.track('accountable')).toMatchObject({ assigneeId: 'bea', handOver: null });
    expect(issue.waits()).toEqual(['progress/accountable', 'resolution']);
    expect(issue.facts('hand_over.accepted')).toMatchObject([{ old: 'bob', new: 'bea', reason: 'mine' }]);
  });

  test('E9 not accepted in time: it stays with the giver, who is told', () => {
    const issue = offered().to('10:00');
    expect(issue.track('accountable')).toMatchObject({ assigneeId: 'bob', handOver: null });
    expect(issue.facts('hand_over.lapsed')).toHaveLength(1);
    expect(issue.notices('hand_over_lapsed').map(({ audience }) => audience)).toMatchObject([{ to: 'person', personId: 'bob' }]);
    expect(issue.asked(bea, 'accept', {})).toBe('wrong_state');
  });

  test('E9 the work does not rest meanwhile: the progress deadline runs on', () => {
    expect(offered().armed('progress/accountable')?.due).toBe(at('2026-03-02T13:00:00Z'));
  });

  test('E9 not to the one who has it, and one at a time', () => {
    expect(acknowledged().asked(bob, 'hand-over', { toPersonId: 'bob', note: 'n' })).toBe('rule_broken');
    expect(offered().asked(bob, 'hand-over', { toPersonId: 'eve', note: 'n' })).toBe('wrong_state');
  });

  test('E9 each side hands over its own duty', () => {
    const issue = offered().act(ann, 'hand-over', { toPersonId: 'amy', note: 'n' });
    expect(issue.waits()).toEqual(['handover/accountable', 'handover/raising', 'progress/accountable', 'resolution']);
    expect(issue.act(amy, 'accept', {}).track('accountable').handOver).not.toBeNull();
  });

  test('E9 assigning somebody takes a waiting hand-over back, so that no old offer wins later', () => {
    const issue = offered().act(bea, 'assign', { personId: 'eve', note: 'she knows the system' });
    expect(issue.track('accountable')).toMatchObject({ assigneeId: 'eve', handOver: null });
    expect(issue.waits()).not.toContain('handover/accountable');
    expect(issue.facts('hand_over.withdrawn')).toMatchObject([{ old: 'bea', new: null }]);
    expect(issue.asked(bea, 'accept', {})).toBe('wrong_state');
  });

  test('assigning tells the assignee, keeps who had it, and is refused when it changes nothing', () => {
    const issue = acknowledged().act(bea, 'assign', { personId: 'eve' });
    expect(issue.facts('issue.assigned')).toMatchObject([{ old: 'bob', new: 'eve' }]);
    expect(issue.notices('assigned').map(({ audience }) => audience)).toMatchObject([{ personId: 'eve' }]);
    expect(issue.asked(bea, 'assign', { personId: 'eve' })).toBe('wrong_state');
  });
});

describe('P11 a person leaves', () => {
  test('P11 the duty goes to the deputy, who is told, with a record', () => {
    const issue = acknowledged().act(product, 'relieve', leave);
    expect(issue.track('accountable').assigneeId).toBe('bea');
    expect(issue.facts('duty.reassigned')).toEqual([{ action: 'duty.reassigned', field: 'tracks.accountable.assigneeId', old: 'bob', new: 'bea', reason: 'left the company' }]);
    expect(issue.notices('assigned').map(({ audience }) => audience)).toMatchObject([{ to: 'person', personId: 'bea' }]);
    expect(issue.waits()).toEqual(['progress/accountable', 'resolution']);
  });

  test('P11 without a deputy the level is told and nobody is named', () => {
    const issue = acknowledged().act(product, 'relieve', { ...leave, deputyId: null });
    expect(issue.track('accountable').assigneeId).toBeNull();
    expect(issue.notices('assigned').map(({ audience }) => audience)).toMatchObject([{ to: 'level', side: 'accountable', level: 1 }]);
    expect(issue.to('13:00').track('accountable')).toMatchObject({ status: 'climbing', level: 2 });
  });

  test('P11 the receiver of a hand-over leaves: the offer is withdrawn and the giver is told', () => {
    const issue = offered().act(product, 'relieve', { personId: 'bea', deputyId: null, reason: 'left' });
    expect(issue.track('accountable')).toMatchObject({ assigneeId: 'bob', handOver: null });
    expect(issue.facts('hand_over.withdrawn')).toMatchObject([{ old: 'bea', new: null, reason: 'left' }]);
    expect(issue.notices('hand_over_lapsed').map(({ audience }) => audience)).toMatchObject([{ personId: 'bob' }]);
  });

  test('P11 the giver leaves: the offer is withdrawn, the duty goes to the deputy', () => {
    const issue = offered().act(product, 'relieve', { ...leave, deputyId: 'eve' });
    expect(issue.track('accountable')).toMatchObject({ assigneeId: 'eve', handOver: null });
    expect(issue.notices('hand_over_lapsed')).toEqual([]);
    expect(issue.waits()).not.toContain('handover/accountable');
  });

  test('P11 somebody without a duty here leaves: nothing changes', () => {
    const before = acknowledged();
    const { state } = before;
    expect(before.act(product, 'relieve', { ...leave, personId: 'nobody' }).state).toEqual(state);
  });

  test('P11 works on a resolved issue too, for its duty may come back', () => {
    const issue = new Issue().act(bob, 'acknowledge', {}).act(bob, 'resolve', { resolution: 'r' }).act(product, 'relieve', leave);
    expect(issue.track('accountable').assigneeId).toBe('bea');
  });
});
