import { MockActivityEnvironment } from '@temporalio/testing';
import { createEffectActivities } from '../../activities/effects';
import { tellRecurrences } from '../../activities/tellRecurrences';
import type { OpenCapa } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { CauseCategory } from '../../contracts/capaWords';
import type { RecurrencesEffect } from '../../contracts/recurrence';
import { calendarDays } from '../../contracts/spans';
import { verifyStore } from '../support/verified';
import { openedCapa, playerOf } from '../support/capaPlayer';
import { chapters, FAILED_RESTORE, PARTS, type Player } from '../support/capaStory';
import { personOf, SPONSOR } from '../support/cast';
import { entriesOf, toldOf } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { eventually } from '../support/world';

const DAY_MS = 86_400_000;
const TIMES = { actionAfterMs: 5 * DAY_MS, window: calendarDays(30) };
const SYSTEM = 'etmf';

/** The same story with another root cause. */
const withCause = (player: Player, category: CauseCategory): Player => ({
  ...player,
  act: (by, act, body) => player.act(by, act, 'rootCause' in body ? { ...body, rootCause: { ...(body.rootCause as object), cause: { statement: 'another', categories: [category] } } } : body),
});

/** A closed CAPA, and others that find a cause while it is watched. The stories follow one another. */
describe('a cause that comes back', () => {
  let world: SkippingWorld;
  let closed = '';
  let second = '';
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until('2040-02-06T09:00:00.000Z');
  });
  afterAll(() => world.close());

  const stateOf = async (id: string): Promise<CapaState> => (await world.issue(id)).state as unknown as CapaState;
  const player = (id: string): Player => playerOf(world, id, () => world.now());
  const open = async (more: Partial<OpenCapa>): Promise<string> => openedCapa(world, { ...FAILED_RESTORE, ...more }, { by: personOf(SPONSOR, 'study_lead'), at: await world.now() });
  const performed = () => eventually('effects are performed', async () => (await world.fresh.store.models.steps.countDocuments({ effectsDone: false })) === 0);
  /** Up to the signed plan. */
  const planned = async (more: Partial<OpenCapa>, category: CauseCategory = 'procedure'): Promise<string> => {
    const id = await open(more);
    const own = withCause(player(id), category);
    await chapters.taken(own);
    await chapters.investigated(own, TIMES);
    await chapters.planSigned(own);
    await performed();
    return id;
  };

  it('Q7 a CAPA is closed as effective, and watched', async () => {
    closed = await planned({ systemId: SYSTEM, dedupeKey: 'restore' });
    await chapters.implemented(player(closed));
    await world.until((await world.issue(closed)).armed.find(({ name }) => name === 'monitoring')?.due ?? '');
    await eventually('the check is due', async () => (await stateOf(closed)).status === 'effectiveness_check');
    await chapters.assessed(player(closed), 'effective');
    await chapters.closed(player(closed));
    expect(await stateOf(closed)).toMatchObject({ status: 'closed', watchOver: false, recurrence: null });
  });

  it('Q2 Q7 the trigger of a closed CAPA opens another one; that of an open one does not', async () => {
    const again = await open({ dedupeKey: 'restore' });
    expect(again).not.toBe(closed);
    const joined = await open({ dedupeKey: 'restore' });
    expect(joined).toBe(again);
    expect(await entriesOf(world, again, 'trigger.repeated')).toHaveLength(1);
  });

  it('Q7 another system, another cause, or no system: the closed one hears of nothing', async () => {
    await planned({ systemId: 'edc' });
    await planned({ systemId: SYSTEM }, 'resources');
    await planned({});
    expect(await stateOf(closed)).toMatchObject({ status: 'closed', recurrence: null, links: [] });
  });

  it('Q7 the same cause on the same system proposes re-opening, with a deadline for quality; both keep the link', async () => {
    second = await planned({ systemId: SYSTEM, severity: 'minor' });
    await eventually('it recurred', async () => (await stateOf(closed)).recurrence !== null);
    const { armed } = await world.issue(closed);
    expect(await stateOf(closed)).toMatchObject({ status: 'closed', recurrence: { capaId: second, status: 'pending', categories: ['procedure'] }, links: [{ recordId: second, kind: 'relates_to' }] });
    expect(armed.map(({ name }) => name)).toContain('recurrence-decision');
    await eventually('the link back', async () => (await stateOf(second)).links.some(({ recordId }) => recordId === closed));
    await performed();
    expect((await toldOf(world, closed)).filter((line) => line.includes('cause_recurred'))).toEqual([expect.stringContaining(personOf(SPONSOR, 'quality')), expect.stringContaining(personOf(SPONSOR, 'quality_head'))]);
  });

  it('Q7 once: a retry of the effect, and a plan that is approved again, say nothing twice', async () => {
    const steps = world.fresh.store.models.steps;
    const step = (await steps.find({ recordId: second }).lean()).find(({ effects }) => effects.some(({ kind }) => kind === 'recurrences'));
    if (!step) throw new Error('no plan was approved');
    const at = await world.now();
    const deps = { store: world.fresh.store, send: world.send, now: () => at };
    const { performEffects } = createEffectActivities({ ...deps, tellRecurrences: (effect: RecurrencesEffect) => tellRecurrences(deps, effect) } as never);
    // The step told people, too: what was told is not told again, so only this effect is performed anew.
    await steps.updateOne({ _id: step._id }, { $set: { effectsDone: false, effects: step.effects.filter(({ kind }) => kind === 'recurrences') } });
    await new MockActivityEnvironment().run(performEffects, { capability: 'capa', recordId: second, revs: [step.rev] });
    // What was altered by hand is put back: verification would name it.
    await steps.updateOne({ _id: step._id }, { $set: { effects: step.effects } });
    const { plan } = await stateOf(second);
    await player(second).act(PARTS.owner, 'revise-plan', { plan: { ...plan, documents: ['SOP-12', 'SOP-13'] }, reason: 'one more procedure' });
    await player(second).act(PARTS.croQuality, 'approve-plan', {});
    await player(second).act(PARTS.sponsorQuality, 'approve-plan', {});
    await performed();
    expect(await entriesOf(world, closed, 'cause.recurred')).toHaveLength(1);
    expect((await entriesOf(world, second, 'capa.linked')).filter((entry) => entry.new === closed)).toHaveLength(1);
  });

  it('Q7 Q12 undecided, it becomes an issue; re-opened, it goes on as ineffective in its next iteration', async () => {
    const due = (await world.issue(closed)).armed.find(({ name }) => name === 'recurrence-decision')?.due;
    await world.until(due ?? '');
    await eventually('an issue', async () => (await stateOf(closed)).links.some(({ kind }) => kind === 'causes'));
    await player(closed).act(PARTS.sponsorQuality, 'reopen', {});
    expect(await stateOf(closed)).toMatchObject({ status: 'investigation', iteration: 2, past: [{ no: 1, outcome: 'recurred' }], recurrence: { status: 'reopened' } });
    expect((await world.issue(closed)).armed.map(({ name }) => name)).toEqual(expect.arrayContaining(['stage/root-cause', 'stage/plan']));
    expect((await verifyStore(world.fresh.store)).findings).toEqual([]);
  });
});
