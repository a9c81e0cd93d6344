import { escalation } from '../../../domain/escalation/machine';
import type { Waiting } from '../../../contracts/step';
import { CRO, Issue, SPONSOR, acknowledged, ann, bea, bob, exhausted, resolved } from './issues';

/** `ack/accountable: cro-1 acknowledge` */
const lines = (issue: Issue): readonly string[] => [...issue.run.waiting()].map(line).sort();
const line = (waiting: Waiting): string =>
  `${waiting.for}: ${waiting.movers.map((mover) => `${mover.organisationId}${mover.personId === undefined ? '' : `/${mover.personId}`} ${mover.acts.join('|')}`).join(', ')}`;

describe('what an issue waits for and who can move it', () => {
  test('open', () => {
    expect(lines(new Issue())).toEqual([
      `ack/accountable: ${CRO} acknowledge`, `ack/raising: ${SPONSOR} acknowledge`, `resolution: ${CRO} acknowledge|progress|resolve`,
    ]);
  });

  test('acknowledged: the assignee owes progress', () => {
    expect(lines(acknowledged())).toEqual([`progress/accountable: ${CRO}/bob progress|resolve`, `resolution: ${CRO} acknowledge|progress|resolve`]);
  });

  test('a promise of the raising side: it cannot resolve', () => {
    const issue = acknowledged().act(ann, 'progress', { note: 'n', nextUpdateAt: '2026-03-02T10:00:00Z' });
    expect(lines(issue)).toContain(`progress/raising: ${SPONSOR}/ann progress`);
  });

  test('a hand-over: its receiver', () => {
    expect(lines(acknowledged().act(bob, 'hand-over', { toPersonId: 'bea', note: 'n' }))).toContain(`handover/accountable: ${CRO}/bea accept`);
  });

  test('a cancellation: a second person of either side; the raising side may decline', () => {
    expect(lines(acknowledged().act(ann, 'cancel', { reason: 'r' }))).toContain(`cancellation: ${SPONSOR} confirm-cancel|reject, ${CRO} confirm-cancel`);
  });

  test('resolved: the raising side', () => {
    expect(lines(resolved())).toEqual([`confirmation: ${SPONSOR} confirm|reject`]);
  });

  test('a late confirmation: acknowledging gains time, confirming or rejecting ends it', () => {
    expect(lines(resolved().to('2026-03-03T09:00:00Z'))).toEqual([`ack/raising: ${SPONSOR} acknowledge|confirm|reject`]);
  });

  test('exhausted: only the sides that are', () => {
    expect(lines(exhausted())).toContain(`review: ${CRO} acknowledge, ${SPONSOR} acknowledge`);
    expect(lines(new Issue().act(ann, 'acknowledge', {}).to('11:00'))).toContain(`review: ${CRO} acknowledge`);
    expect(lines(resolved().to('2026-03-03T12:00:00Z'))).toEqual([`review: ${SPONSOR} acknowledge|confirm|reject`]);
  });

  test('over: nothing', () => {
    expect(lines(resolved().act(ann, 'confirm', {}))).toEqual([]);
  });

  test('until when, by which rule of which policy version, on which calendar version; warnings are not waited for', () => {
    const issue = new Issue({ ladder: { warnAt: [0.5], resolveWithin: { kind: 'business', unit: 'days', amount: 2 } } });
    expect(issue.run.waiting()).toHaveLength(3);
    expect(issue.run.waiting().find((waiting) => waiting.for === 'ack/accountable')).toMatchObject({
      until: '2026-03-02T09:10:00.000Z', rule: 'test/7 critical: 10 min from 2026-03-02T09:00:00.000Z',
    });
    expect(issue.run.waiting().find((waiting) => waiting.for === 'resolution')).toMatchObject({
      rule: 'test/7 critical: 2 business days from 2026-03-02T09:00:00.000Z', calendarVersion: 3,
    });
  });

  test.each([
    [90_000, '90 s'], [1_800_000, '30 min'], [14_400_000, '4 h'], [86_400_000, '24 h'], [172_800_000, '2 d'], [1500, '1.5 s'],
  ])('a span of %d ms reads %s', (ms, text) => {
    const issue = new Issue({ ladder: { resolveWithin: { kind: 'calendar', ms } } });
    expect(issue.run.waiting().find((waiting) => waiting.for === 'resolution')?.rule).toContain(`: ${text} from`);
  });

  test('a promise is shown as one', () => {
    const issue = acknowledged().act(bob, 'progress', { note: 'n', nextUpdateAt: '2026-03-02T10:00:00Z' });
    expect(issue.run.waiting().find((waiting) => waiting.for === 'progress/accountable')?.rule).toContain('as promised');
  });

  test('lists show status, severity and the highest level told', () => {
    expect(escalation.shown(new Issue().act(bea, 'acknowledge', {}).to('09:40').state)).toEqual({ state: 'open', severity: 'critical', level: 3 });
  });
});
