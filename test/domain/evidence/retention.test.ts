import fc from 'fast-check';
import { instantOf, parseInstant, plusMs, type Instant } from '../../../contracts/instant';
import { DEFAULT_RETENTION, RETENTION_CLASSES, retentionRules } from '../../../contracts/retention';
import { disposalRefusal, retentionOf } from '../../../domain/evidence/retention';

const instant = (text: string): Instant => parseInstant(text) ?? instantOf(0);
const STORED = instant('2028-02-29T12:30:00Z');

describe('how long evidence is kept', () => {
  test('P17 the trial master file 25 years after a study that has not ended: no date yet, with the article it rests on', () => {
    const retention = retentionOf(DEFAULT_RETENTION, 'trial_master_file', STORED);
    expect(retention).toMatchObject({ class: 'trial_master_file', years: 25, from: 'study_end', until: null });
    expect(retention.basis).toMatch(/536\/2014 Art\. 58/);
  });

  test('P17 other classes whole calendar years after it was stored, leap day included', () => {
    expect(retentionOf(DEFAULT_RETENTION, 'quality_record', STORED).until).toBe('2043-02-28T12:30:00.000Z');
    expect(retentionOf(DEFAULT_RETENTION, 'operational', instant('2026-11-22T00:00:00Z')).until).toBe('2031-11-22T00:00:00.000Z');
  });

  test('P17 an installation sets other spans, and the basis says so; no default calls itself a regulation that it is not', () => {
    const rules = retentionRules({ operational: 7, quality_record: 15 });
    expect(rules.operational).toMatchObject({ years: 7, basis: expect.stringMatching(/^set by this installation \(default 5: /) });
    expect(rules.quality_record).toEqual(DEFAULT_RETENTION.quality_record);
    expect(DEFAULT_RETENTION.quality_record.basis).toMatch(/no regulation named/);
  });
});

describe('disposal', () => {
  const ask = (more: Partial<Parameters<typeof disposalRefusal>[0]>) =>
    disposalRefusal({ retention: retentionOf(DEFAULT_RETENTION, 'operational', STORED), holdIds: [], now: STORED, ...more }).reason;

  test('P17 under a hold the hold is named, also when the retention is over', () => {
    expect(ask({ holdIds: ['h-1', 'h-2'], now: instant('2099-01-01T00:00:00Z') })).toMatch(/legal hold h-1, h-2/);
  });

  test('P17 within the retention its end is named, to the instant', () => {
    const end = instant('2033-02-28T12:30:00Z');
    expect(ask({ now: plusMs(end, -1) })).toMatch(/^Kept until 2033-02-28T12:30:00\.000Z/);
    expect(ask({ now: end })).toMatch(/retention ended .* disposes of nothing/);
    expect(ask({ retention: retentionOf(DEFAULT_RETENTION, 'trial_master_file', STORED), now: instant('2099-01-01T00:00:00Z') })).toMatch(/25 years after the end of the study/);
  });

  test('P17 there is no class, hold or time at which anything is disposed of', () => {
    fc.assert(fc.property(fc.constantFrom(...RETENTION_CLASSES), fc.array(fc.uuid(), { maxLength: 3 }), fc.date({ min: new Date(0), max: new Date('2500-01-01'), noInvalidDate: true }), (name, holdIds, now) => {
      const refusal = disposalRefusal({ retention: retentionOf(DEFAULT_RETENTION, name, STORED), holdIds, now: instantOf(now.getTime()) });
      expect(refusal.type).toBe('wrong_state');
      expect(refusal.reason).not.toBe('');
    }));
  });
});
