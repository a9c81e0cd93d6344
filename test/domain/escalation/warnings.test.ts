import { minutes } from '../../../contracts/spans';
import type { NoticeEffect } from '../../../contracts/notice';
import { Issue, LADDER, acknowledged, ann, at, bob, exhausted, resolved, type Opened } from './issues';

const WARNED: Opened = { ladder: { warnAt: [0.5, 0.8] } };

/** Who was warned of a deadline: `person/bob`, `level/raising/2`. */
function warned(issue: Issue, deadline: string): readonly string[] {
  return issue.notices('warning').filter((notice) => notice.deadline === deadline).map(({ audience }) => told(audience));
}
const told = (audience: NoticeEffect['audience']): string =>
  audience.to === 'person' ? `person/${audience.personId}` : audience.to === 'level' ? `level/${audience.side}/${String(audience.level)}` : `roles/${audience.organisationId}`;

describe('warnings at 50 % and 80 % of the span', () => {
  test('of an acknowledgement: the level that is asked, at half and at four fifths', () => {
    const issue = new Issue({ ladder: { warnAt: [0.5, 0.8], levels: [{ role: 'study_lead', acknowledgeWithin: minutes(100) }] } });
    expect(issue.armed('ack/accountable#50')?.due).toBe(at('2026-03-02T09:50:00Z'));
    expect(issue.armed('ack/accountable#80')?.due).toBe(at('2026-03-02T10:20:00Z'));
    expect(warned(issue.to('10:39'), 'ack/accountable')).toEqual(['level/accountable/1', 'level/accountable/1']);
    expect(issue.facts('deadline.warned').filter(({ field }) => field === 'ack/accountable').map(({ detail }) => detail)).toEqual([{ share: 0.5 }, { share: 0.8 }]);
  });

  test('not when under 5 minutes are left: of 10 minutes half is told, four fifths is not', () => {
    const issue = new Issue(WARNED);
    expect(issue.armed('ack/accountable#50')?.due).toBe(at('2026-03-02T09:05:00Z'));
    expect(issue.armed('ack/accountable#80')).toBeUndefined();
  });

  test('a warning changes nothing but the record', () => {
    const issue = new Issue(WARNED);
    const { state } = issue;
    issue.to('09:05');
    expect(issue.state).toEqual(state);
    expect(issue.waits()).toEqual(['ack/accountable', 'ack/raising', 'resolution']);
  });

  test('acknowledging ends the warnings of its deadline', () => {
    const issue = new Issue(WARNED).act(bob, 'acknowledge', {}).to('09:09');
    expect(warned(issue, 'ack/accountable')).toEqual([]);
    expect(warned(issue, 'ack/raising')).toEqual(['level/raising/1']);
  });

  test('of progress and resolution: the assignee', () => {
    const issue = acknowledged(WARNED).to('12:59');
    expect(warned(issue, 'progress/accountable')).toEqual(['person/bob', 'person/bob']);
    expect(warned(issue.act(bob, 'progress', { note: 'n', nextUpdateAt: '2026-03-10T09:00:00Z' }).to('2026-03-03T09:00:00Z'), 'resolution')).toEqual(['person/bob']);
  });

  test('of the resolution while nobody has it: the level of the accountable side', () => {
    const issue = new Issue({ ladder: { ...WARNED.ladder, resolveWithin: minutes(30) } }).to('09:29');
    expect(warned(issue, 'resolution')).toEqual(['level/accountable/2', 'level/accountable/2']);
  });

  test('of a hand-over: the one who is to accept', () => {
    expect(warned(acknowledged(WARNED).act(bob, 'hand-over', { toPersonId: 'bea', note: 'n' }).to('09:59'), 'handover/accountable')).toEqual(['person/bea', 'person/bea']);
  });

  test('of the confirmation: the raising side alone', () => {
    expect(warned(resolved(WARNED).to('2026-03-03T08:59:00Z'), 'confirmation')).toEqual(['level/raising/1', 'level/raising/1']);
  });

  test('of a cancellation and of a review: both sides', () => {
    expect(warned(acknowledged(WARNED).act(ann, 'cancel', { reason: 'r' }).to('15:00'), 'cancellation')).toEqual(['level/accountable/3', 'level/raising/1']);
    expect(warned(exhausted(WARNED).to('2026-03-03T11:00:00Z'), 'review')).toEqual(['level/accountable/3', 'level/raising/3']);
  });

  test('of a promise: counted from when it was made', () => {
    const issue = acknowledged(WARNED).to('10:00').act(bob, 'progress', { note: 'n', nextUpdateAt: '2026-03-02T20:00:00Z' });
    expect(issue.armed('progress/accountable#50')?.due).toBe(at('2026-03-02T15:00:00Z'));
    expect(issue.armed('progress/accountable#80')?.due).toBe(at('2026-03-02T18:00:00Z'));
  });

  test('every warning has an intent of its own', () => {
    const intents = exhausted(WARNED).to('2026-03-20T09:00:00Z').notices().map(({ intent }) => intent);
    expect(new Set(intents).size).toBe(intents.length);
  });

  test('none when the ladder asks for none', () => {
    expect(LADDER.warnAt).toEqual([]);
    expect(exhausted().notices('warning')).toEqual([]);
  });
});
