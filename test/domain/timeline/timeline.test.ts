import { instantOf, plusMs } from '../../../contracts/instant';
import { timelineOf, type TimelineFact } from '../../../domain/timeline/timeline';

const T0 = instantOf(Date.UTC(2026, 10, 22, 8));
const fact = (seq: number, ms: number, more: Partial<TimelineFact> = {}): TimelineFact => ({
  seq, at: plusMs(T0, ms), actor: { kind: 'system', name: 'timer' }, action: `fact.${seq}`, ...more,
});
const fold = (facts: readonly TimelineFact[], organisationIds: readonly string[]) => timelineOf({ facts, steps: [], notices: [], reader: { organisationIds, partyIds: ['vendor', 'cro'] } });

const CRO = { organisationIds: ['cro'], partyIds: ['vendor', 'cro'] };
const by = (organisationId: string) => ({ actor: { kind: 'person' as const, personId: 'p', name: 'P', role: 'quality', organisationId } });

describe('a timeline', () => {
  test('P14 leaves out entries meant for others, also from the story from top to bottom', () => {
    const facts = [fact(1, 0), fact(2, 1, { visibleTo: ['sponsor-a', 'cro'] }), fact(3, 2, { visibleTo: ['sponsor-b', 'cro'] })];
    const seen = fold(facts, ['sponsor-b']);
    expect(seen.facts.map(({ seq }) => seq)).toEqual([1, 3]);
    expect(seen.events.map(({ what }) => what)).toEqual(['fact.1', 'fact.3']);
    expect(fold(facts, ['cro']).facts).toHaveLength(3);
  });

  test('P14 who holds a share reads what the parties, the product and its own people did, and nothing of another holder', () => {
    const facts = [fact(1, 0), fact(2, 1, by('cro')), fact(3, 2, by('vendor')), fact(4, 3, by('sponsor-a')), fact(5, 4, by('sponsor-b'))];
    const seqs = (organisationIds: readonly string[]) => fold(facts, organisationIds).facts.map(({ seq }) => seq);
    expect(seqs(['sponsor-a'])).toEqual([1, 2, 3, 4]);
    expect(seqs(['sponsor-b'])).toEqual([1, 2, 3, 5]);
    expect(seqs(['vendor'])).toEqual([1, 2, 3, 4, 5]);
  });

  test('E2 tells the story in order: due, fired, fact, told', () => {
    const due = plusMs(T0, 10_000);
    const deadline = { name: 'ack/accountable', due, armedAt: T0, rule: { name: 'ack/accountable', from: T0, after: { kind: 'calendar' as const, ms: 10_000 }, organisationId: 'cro' } };
    const fired = plusMs(due, 50);
    const story = timelineOf({
      reader: CRO,
      facts: [fact(2, 10_050, { action: 'level.started' }), fact(1, 0, { action: 'issue.opened' })],
      steps: [{ rev: 1, armed: [deadline], ended: [] }, { rev: 2, armed: [], ended: [{ name: deadline.name, due, outcome: 'fired', at: fired, lateByMs: 50 }] }],
      notices: [{
        intent: 'i', rev: 2, reason: 'level', side: null, level: 2, organisationId: 'cro', personId: 'p', as: 'contact', channel: 'email', deadline: null, due: null,
        status: 'told', attempts: 1, possiblyRepeated: false, createdAt: fired, toldAt: plusMs(due, 80), failedAt: null, failure: null, reachedAt: null,
      }],
    });
    expect(story.events.map(({ kind, what }) => `${kind} ${what}`)).toEqual([
      'fact issue.opened', 'deadline due', 'deadline fired', 'fact level.started', 'notice told',
    ]);
  });

  test('who acknowledges after being told was reached; an earlier act or another person does not count', () => {
    const told = plusMs(T0, 100);
    const acknowledgedBy = (personId: string, afterMs: number) => fact(1, afterMs, { action: 'issue.acknowledged', actor: { kind: 'person', personId, name: personId, role: 'study_lead', organisationId: 'cro' } });
    const reachedOf = (one: ReturnType<typeof fact>) => timelineOf({
      reader: CRO, facts: [one], steps: [],
      notices: [{
        intent: 'i', rev: 1, reason: 'level', side: null, level: 1, organisationId: 'cro', personId: 'p', as: 'contact', channel: 'email', deadline: null, due: null,
        status: 'told', attempts: 1, possiblyRepeated: false, createdAt: T0, toldAt: told, failedAt: null, failure: null, reachedAt: null,
      }],
    }).notices[0]?.reachedAt;
    expect(reachedOf(acknowledgedBy('p', 200))).toBe(plusMs(T0, 200));
    expect(reachedOf(acknowledgedBy('p', 50))).toBeNull();
    expect(reachedOf(acknowledgedBy('q', 200))).toBeNull();
  });
});
