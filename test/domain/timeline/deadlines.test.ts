import { instantOf, plusMs, type Instant } from '../../../contracts/instant';
import type { ArmedDeadline, EndedDeadline } from '../../../contracts/step';
import { deadlineLedger, type TimelineNotice, type TimelineStep } from '../../../domain/timeline/deadlines';

const T0 = instantOf(Date.UTC(2026, 10, 22, 8));
const at = (ms: number): Instant => plusMs(T0, ms);

const armed = (name: string, due: Instant, warning?: number): ArmedDeadline => ({
  name, due, armedAt: T0, rule: { name, from: T0, after: { kind: 'calendar', ms: 1000 }, organisationId: 'cro' }, ...(warning !== undefined && { warning }),
});
const ended = (name: string, due: Instant, end: Partial<EndedDeadline> = {}): EndedDeadline => ({ name, due, outcome: 'fired', at: due, lateByMs: 0, ...end });
const step = (rev: number, parts: Partial<TimelineStep> = {}): TimelineStep => ({ rev, armed: [], ended: [], ...parts });
const notice = (rev: number, personId: string, toldAt: Instant | null): TimelineNotice => ({
  intent: `${rev}/${personId}`, rev, reason: 'level', side: 'accountable', level: 2, organisationId: 'cro', personId, as: 'contact', channel: 'email',
  deadline: null, due: null, status: toldAt ? 'told' : 'failed', attempts: 1, possiblyRepeated: false, createdAt: T0, toldAt, failedAt: toldAt ? null : T0,
  failure: null, reachedAt: null,
});

describe('the ledger of deadlines', () => {
  test('E2 a fired deadline shows due, fired and told times, and how late both were', () => {
    const due = at(10_000);
    const steps = [
      step(1, { armed: [armed('ack/accountable', due)] }),
      step(2, { ended: [ended('ack/accountable', due, { at: at(12_500), lateByMs: 2500 })], armed: [armed('ack/accountable', at(22_500))] }),
    ];
    const notices = [notice(1, 'level-1', at(100)), notice(2, 'slow', at(13_400)), notice(2, 'quick', at(13_000)), notice(2, 'failed', null)];
    const [first, second] = deadlineLedger(steps, notices);
    expect(first).toMatchObject({
      due, outcome: 'fired', firedAt: at(12_500), lateByMs: 2500, toldAt: at(13_000), toldLateByMs: 3000,
      told: [{ personId: 'quick', at: at(13_000) }, { personId: 'slow', at: at(13_400) }],
    });
    expect(second).toMatchObject({ due: at(22_500), outcome: 'waiting', firedAt: null, toldAt: null, told: [] });
  });

  test('E2 an act that won after the due instant leaves the deadline missed, with its lateness and nobody told by it', () => {
    const due = at(10_000);
    const steps = [
      step(1, { armed: [armed('ack/accountable', due)] }),
      step(2, { ended: [ended('ack/accountable', due, { outcome: 'missed', at: at(10_700), lateByMs: 700 })] }),
    ];
    expect(deadlineLedger(steps, [notice(2, 'somebody', at(10_900))])[0]).toMatchObject({ outcome: 'missed', firedAt: at(10_700), lateByMs: 700, told: [], toldAt: null });
  });

  test('E2 a met deadline never fired and is not late', () => {
    const due = at(10_000);
    const steps = [step(1, { armed: [armed('ack/accountable', due)] }), step(2, { ended: [ended('ack/accountable', due, { outcome: 'met', at: at(10) })] })];
    expect(deadlineLedger(steps, [])[0]).toMatchObject({ outcome: 'met', endedAt: at(10), firedAt: null, lateByMs: null });
  });

  test('E2 steps out of order, and one that re-arms the same name with the same instant, are told apart', () => {
    const due = at(10_000);
    const steps = [
      step(3, { ended: [ended('review', due)] }),
      step(1, { armed: [armed('review', due)] }),
      step(2, { ended: [ended('review', due, { outcome: 'replaced' })], armed: [armed('review', due)] }),
    ];
    expect(deadlineLedger(steps, []).map(({ armedRev, outcome }) => ({ armedRev, outcome }))).toEqual([
      { armedRev: 1, outcome: 'replaced' }, { armedRev: 2, outcome: 'fired' },
    ]);
  });

  test('E2 warnings stand under their deadline, with whom they told', () => {
    const due = at(10_000);
    const steps = [
      step(1, { armed: [armed('resolution', due), armed('resolution#50', at(5000), 0.5), armed('resolution#80', at(8000), 0.8)] }),
      step(2, { ended: [ended('resolution#50', at(5000), { at: at(5100), lateByMs: 100 })] }),
    ];
    const ledger = deadlineLedger(steps, [notice(2, 'owner', at(5200))]);
    expect(ledger).toHaveLength(1);
    expect(ledger[0]?.outcome).toBe('waiting');
    expect(ledger[0]?.warnings).toMatchObject([
      { share: 0.5, firedAt: at(5100), lateByMs: 100, told: [{ personId: 'owner' }], toldLateByMs: 200 },
      { share: 0.8, firedAt: null, told: [] },
    ]);
  });
});
