import fc from 'fast-check';
import { businessDays, businessHours, hours, minutes, calendarDays } from '../../../contracts/spans';
import type { GivenLadder, GivenLadders } from '../../../contracts/policy';
import { DEFAULT_POLICIES } from '../../../domain/escalation/defaults';
import { checkLadders, soundLadders } from '../../../domain/policy/check';

const GOOD: GivenLadder = {
  levels: [
    { role: 'project_manager', deputyRole: 'study_lead', acknowledgeWithin: minutes(30) },
    { role: 'study_lead', acknowledgeWithin: minutes(30) },
    { role: 'executive', acknowledgeWithin: hours(1) },
  ],
  repeats: 1, progressWithin: hours(4), promiseAtMostMs: 3_600_000, resolveWithin: calendarDays(2), confirmWithin: hours(24), secondPersonWithin: hours(12),
  acceptWithin: hours(1), reviewWithin: hours(48), exhaustedTells: ['executive'], warnAt: [0.5, 0.8],
};
const [L1, L2, L3] = GOOD.levels as [GivenLadder['levels'][number], GivenLadder['levels'][number], GivenLadder['levels'][number]];
const ladders = (critical: Partial<GivenLadder>): GivenLadders => ({ critical: { ...GOOD, ...critical }, major: GOOD, minor: GOOD });
const found = (critical: Partial<GivenLadder>) => checkLadders(ladders(critical)).map(({ severity, field, message }) => `${severity} ${field}: ${message}`);

describe('checking a policy', () => {
  test('P19 the policies of a new installation have no error', () => {
    for (const { ladders: shipped } of DEFAULT_POLICIES) expect(checkLadders(shipped).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(checkLadders(ladders({}))).toEqual([]);
  });

  test.each<readonly [string, Partial<GivenLadder>, string, RegExp]>([
    ['no level at all', { levels: [] }, 'ladders.critical.levels', /tells nobody/],
    ['a level without a role', { levels: [L1, { ...L2, role: null }, L3] }, 'ladders.critical.levels.1.role', /vacant/],
    ['nine levels', { levels: Array.from({ length: 9 }, () => ({ acknowledgeWithin: minutes(1) })) }, 'ladders.critical.levels', /at most 8/],
    ['repeats without a bound', { repeats: null }, 'ladders.critical.repeats', /no bound/],
    ['repeats beyond any patience', { repeats: 1000 }, 'ladders.critical.repeats', /at most 20/],
    ['rounds that take years', { repeats: 20, levels: [{ ...L1, acknowledgeWithin: calendarDays(100) }], resolveWithin: calendarDays(200) }, 'ladders.critical.repeats', /21 rounds of 1 levels take 2100 d/],
    ['no deadline for the review', { reviewWithin: null }, 'ladders.critical.reviewWithin', /no bound/],
    ['a deputy who is the role itself', { levels: [{ ...L1, deputyRole: 'project_manager' }, L2, L3] }, 'ladders.critical.levels.0.deputyRole', /cycle/],
    ['deputies that stand in for one another', { levels: [L1, { ...L2, deputyRole: 'executive' }, { ...L3, deputyRole: 'project_manager' }] }, 'ladders.critical.levels.0.deputyRole', /project_manager → study_lead → executive → project_manager/],
    ['a role that was asked already', { levels: [L1, L2, L3, { ...L1, acknowledgeWithin: hours(2) }] }, 'ladders.critical.levels.3.role', /level 1 asks project_manager already/],
    ['acknowledging that may take as long as resolving', { levels: [L1, L2, { ...L3, acknowledgeWithin: calendarDays(2) }] }, 'ladders.critical.levels.2.acknowledgeWithin', /not shorter than the 2 d to resolve/],
    ['acknowledging in business days that outlast the resolution', { levels: [L1, L2, { ...L3, acknowledgeWithin: businessDays(2) }] }, 'ladders.critical.levels.2.acknowledgeWithin', /2 business days/],
    ['a span of nothing', { progressWithin: { kind: 'calendar', ms: 0 } }, 'ladders.critical.progressWithin', /zero/],
    ['half a business day', { progressWithin: { kind: 'business', unit: 'days', amount: 0.5 } }, 'ladders.critical.progressWithin', /whole/],
    ['no promise possible', { promiseAtMostMs: 0 }, 'ladders.critical.promiseAtMostMs', /zero/],
    ['warnings out of order', { warnAt: [0.8, 0.5] }, 'ladders.critical.warnAt.1', /order of time/],
    ['a warning twice', { warnAt: [0.5, 0.5] }, 'ladders.critical.warnAt.1', /there already/],
    ['a warning after the deadline', { warnAt: [0.5, 1] }, 'ladders.critical.warnAt.1', /between 0 and 1/],
  ])('P19 %s is an error with its path', (...[, change, field, message]) => {
    const errors = checkLadders(ladders(change)).filter(({ severity }) => severity === 'error');
    expect(errors.find((finding) => finding.field === field)?.message).toMatch(message);
  });

  test.each<[string, Partial<GivenLadder>, string]>([
    ['business time on a critical ladder', { levels: [{ ...L1, acknowledgeWithin: businessHours(0.1) }, L2, L3] }, 'warning ladders.critical.levels.0.acknowledgeWithin: business time on a critical ladder: it stands still at night, on weekends and holidays'],
    ['a promise beyond the resolution', { promiseAtMostMs: 10 * 24 * 3_600_000 }, 'warning ladders.critical.promiseAtMostMs: a promised update of up to 10 d ahead silences the ladder beyond the 2 d to resolve'],
    ['progress that never falls due', { progressWithin: calendarDays(2) }, 'warning ladders.critical.progressWithin: never falls due before the 2 d to resolve'],
    ['a review that goes back down', { exhaustedTells: ['study_lead'] }, 'warning ladders.critical.exhaustedTells: cycle: study_lead stood on the ladder below its top and did not answer; tell somebody above it'],
  ])('P19 %s is a warning only', (_, change, line) => {
    expect(found(change)).toEqual([line]);
  });

  test('P19 critical slower than major is contradictory', () => {
    expect(checkLadders({ ...ladders({}), major: { ...GOOD, levels: [{ ...L1, acknowledgeWithin: minutes(5) }, L2, L3] } }).map(({ field }) => field)).toEqual(['ladders.critical.levels.0.acknowledgeWithin']);
  });

  test('P19 the last level told only after the resolution is late', () => {
    const slow = { levels: [{ ...L1, acknowledgeWithin: hours(20) }, { ...L2, acknowledgeWithin: hours(30) }, L3] };
    expect(found(slow)).toContain('warning ladders.critical.resolveWithin: is over before the last level is told for the first time, after about 2 d');
  });

  test('E7 a role that nobody holds is a warning that names the scope; a deputy fills it', () => {
    const scopes = [
      { name: 'CRO One', held: ['study_lead', 'executive'] as const },
      { name: 'Sponsor, study ST-1', held: ['project_manager', 'study_lead'] as const },
      { name: 'Sponsor', held: ['project_manager'] as const },
    ];
    expect(checkLadders(ladders({}), scopes).filter(({ field }) => field.startsWith('ladders.critical')).map(({ field, message }) => [field, message.split(';')[0]])).toEqual([
      ['ladders.critical.levels.1.role', 'vacant: nobody holds study_lead in Sponsor'],
      ['ladders.critical.levels.2.role', 'vacant: nobody holds executive in Sponsor, study ST-1, Sponsor'],
    ]);
  });

  test('P19 whatever has no error can be pinned by a record', () => {
    const span = fc.oneof(fc.integer({ min: 0, max: 4e11 }).map((ms) => ({ kind: 'calendar' as const, ms })), fc.record({ kind: fc.constant('business' as const), unit: fc.constantFrom('hours' as const, 'days' as const), amount: fc.oneof(fc.integer({ min: 0, max: 2100 }), fc.double({ min: 0, max: 2100, noNaN: true })) }));
    const roles = fc.uniqueArray(fc.constantFrom('project_manager' as const, 'study_lead' as const, 'quality' as const, 'executive' as const), { maxLength: 4 });
    const levels = fc.tuple(roles, fc.array(fc.record({ acknowledgeWithin: fc.oneof(span, fc.integer({ min: 1, max: 40 }).map(businessHours)), vacant: fc.nat(9) }), { minLength: 4, maxLength: 4 }))
      .map(([names, timings]) => names.map((role, index) => ({ role: timings[index]?.vacant === 0 ? null : role, acknowledgeWithin: timings[index]?.acknowledgeWithin ?? minutes(1) })));
    const drafted = fc.record({
      levels, repeats: fc.option(fc.nat(25), { freq: 8 }), progressWithin: span, promiseAtMostMs: fc.nat(1e9), resolveWithin: fc.oneof(span, fc.constant(calendarDays(3000))), confirmWithin: span,
      secondPersonWithin: span, acceptWithin: span, reviewWithin: fc.option(span, { freq: 8 }), exhaustedTells: roles, warnAt: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 2 }).map((shares) => shares.toSorted()),
    });
    let sound = 0;
    fc.assert(fc.property(drafted, (ladder) => {
      const given = { critical: ladder, major: GOOD, minor: GOOD };
      const errors = checkLadders(given).filter(({ severity }) => severity === 'error');
      if (errors.length > 0) return;
      sound += 1;
      expect(soundLadders(given).critical.levels).toHaveLength(ladder.levels.length);
    }), { numRuns: 1500, seed: 7 });
    expect(sound).toBeGreaterThan(5);
  });
});
