import { hours, minutes } from '../../../contracts/spans';
import type { Policy } from '../../../contracts/policy';
import { escalation } from '../../../domain/escalation/machine';
import { previewReplan } from '../../../domain/simulation/replanning';
import type { IssueRun } from '../../../domain/simulation/simulate';
import { watchedWorld } from '../../../domain/simulation/tellings';
import { VirtualRun } from '../../../domain/simulation/virtualRun';
import { instant } from '../time/calendars';
import { CRO, defaultPolicy, personOf, settingOf, SPONSOR } from './village';

const setting = settingOf();
const sponsor = { kind: 'person' as const, personId: personOf(SPONSOR, 'study_lead'), organisationId: SPONSOR, role: 'study_lead', correlationId: 'c' };
const cro = { ...sponsor, personId: personOf(CRO, 'study_lead'), organisationId: CRO };

/** Twice as fast at level 1 and 2, resolution in a day. */
function faster(): Policy {
  const policy = defaultPolicy();
  const { critical } = policy.ladders;
  const levels = critical.levels.map((level, index) => (index < 2 ? { ...level, acknowledgeWithin: minutes(15) } : level));
  return { ...policy, version: 2, ladders: { ...policy.ladders, critical: { ...critical, levels, resolveWithin: hours(24) } } };
}

function opened(): IssueRun {
  return new VirtualRun(escalation, watchedWorld(setting).world, {
    at: instant('2026-11-29T02:00:00Z'), actor: sponsor,
    opening: { id: 'i', number: 'ISS-1', policy: defaultPolicy(), matrixVersion: null, raisedBy: null, request: { topic: 'data', severity: 'critical', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO } },
  });
}

const preview = (run: IssueRun, more: { policy?: Policy; actor?: typeof sponsor } = {}) =>
  previewReplan({ rev: run.steps.length, state: run.state, armed: run.armed, policy: faster(), actor: sponsor, now: run.now, ...more }, setting);

describe('what replanning an issue would change', () => {
  test('P19 each running deadline now and after, and who is told next; the issue itself stays', () => {
    const run = opened();
    run.runTo(instant('2026-11-29T02:10:00Z'));
    const before = JSON.stringify([run.state, run.armed]);
    const { refusal, deadlines, changes, tellings } = preview(run);
    expect(refusal).toBeNull();
    expect(deadlines).toEqual([
      { name: 'ack/accountable', dueNow: '2026-11-29T02:30:00.000Z', dueAfter: '2026-11-29T02:25:00.000Z' },
      { name: 'ack/raising', dueNow: '2026-11-29T02:30:00.000Z', dueAfter: '2026-11-29T02:25:00.000Z' },
      { name: 'resolution', dueNow: '2026-12-01T02:00:00.000Z', dueAfter: '2026-11-30T02:10:00.000Z' },
    ]);
    expect(changes.map(({ path }) => path)).toEqual(['ladders.critical.levels.0.acknowledgeWithin', 'ladders.critical.levels.1.acknowledgeWithin', 'ladders.critical.resolveWithin']);
    const level2 = (told: typeof tellings.now) => told.find(({ level, organisationId }) => level === 2 && organisationId === CRO)?.at;
    expect([level2(tellings.now), level2(tellings.after)]).toEqual(['2026-11-29T02:30:00.000Z', '2026-11-29T02:25:00.000Z']);
    expect(JSON.stringify([run.state, run.armed])).toBe(before);
  });

  test('P19 what is shown is what the act does', () => {
    const run = opened();
    run.runTo(instant('2026-11-29T03:07:00Z'));
    const { deadlines, tellings } = preview(run);
    expect(run.command({ actor: sponsor, command: { act: 'replan', body: { policy: faster(), reason: 'SOP 7' } } })).toBeUndefined();
    expect(deadlines.map(({ name, dueAfter }) => [name, dueAfter])).toEqual(run.armed.map(({ name, due }) => [name, due]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)));
    expect(run.state).toMatchObject({ policy: { key: 'default', version: 2 }, plans: [{ policyVersion: 1 }, { policyVersion: 2, reason: 'SOP 7' }] });
    const replanned = run.steps.length;
    run.runTo(instant('2026-11-29T20:00:00Z'));
    const told = run.steps.slice(replanned).flatMap((step) => step.facts.filter(({ action }) => action === 'level.started').map(({ field }) => `${step.at} ${String(field)}`));
    const foreseen = tellings.after.filter(({ cause, level }) => cause.kind === 'lapsed' && level !== null).map(({ at, side }) => `${at} tracks.${String(side)}.level`);
    expect(foreseen).toEqual(expect.arrayContaining(told));
  });

  test('P19 E13 the accountable side cannot move the issue: running deadlines would be counted anew', () => {
    expect(preview(opened(), { actor: cro }).refusal).toEqual({ type: 'not_permitted', reason: 'only the raising side moves an issue to another version' });
  });

  test('P19 a version that does not count yet is refused, as is the one that it runs under', () => {
    expect(preview(opened(), { policy: { ...faster(), effectiveFrom: '2026-12-01T00:00:00.000Z' } }).refusal?.type).toBe('rule_broken');
    expect(preview(opened(), { policy: defaultPolicy() }).refusal?.type).toBe('wrong_state');
  });
});
