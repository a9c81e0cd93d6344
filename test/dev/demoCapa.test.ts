import { plusMs } from '../../contracts/instant';
import { minutes, seconds } from '../../contracts/spans';
import { DEMO_CAPA_POLICY } from '../../dev/demo/capaPolicy';
import { act, adverseCheck, bring, capaOf, dueOf, extentCheck, issuesOf, PEOPLE, planAt, risk, TO, whys } from '../domain/capa/capas';

const MINUTE_MS = 60_000;
const { bob } = PEOPLE;

describe('the quick CAPA policy of the demo', () => {
  test('Q6 Q11 a person with a minute or two for each stage plays the whole story in a quarter of an hour, and nothing lapses', () => {
    const run = capaOf({ policy: DEMO_CAPA_POLICY });
    const opened = run.now;
    const wait = (ms: number) => { run.runTo(plusMs(run.now, ms)); };
    bring(run, 'containment');
    wait(MINUTE_MS / 2);
    bring(run, 'investigation');
    wait(2 * MINUTE_MS);
    const plan = planAt(run.now);
    const actions = plan.actions.map((action) => ({ ...action, due: plusMs(run.now, 4 * MINUTE_MS) }));
    const effectiveness = plan.effectiveness && { ...plan.effectiveness, window: seconds(60) };
    act(run, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: { ...plan, actions, effectiveness } } });
    wait(1.5 * MINUTE_MS);
    bring(run, 'plan_approved');
    bring(run, 'implementation');
    wait(1.5 * MINUTE_MS);
    TO['implementation_verified']?.(run);
    expect(adverseCheck.finding).toBe('none');
    const verified = run.state.verifiedAt;
    expect([verified !== null, dueOf(run, 'monitoring')]).toEqual([true, verified && plusMs(verified, 60_000)]);
    wait(MINUTE_MS + 1000);
    expect(run.state.status).toBe('effectiveness_check');
    wait(MINUTE_MS);
    bring(run, 'closure_review');
    wait(MINUTE_MS);
    bring(run, 'closed');
    expect(Date.parse(run.now) - Date.parse(opened)).toBeLessThan(15 * MINUTE_MS);
    expect([issuesOf(run), run.state.stages.filter(({ missedAt }) => missedAt !== null)]).toEqual([[], []]);
    expect(dueOf(run, 'recurrence-watch')).toBe(run.state.closedAt && plusMs(run.state.closedAt, 10 * MINUTE_MS));
  });

  test('Q12 who does nothing sees the first stage lapse after a minute, and its issue', () => {
    const run = capaOf({ policy: DEMO_CAPA_POLICY });
    expect(DEMO_CAPA_POLICY.timings.major.response).toEqual(minutes(1));
    run.runTo(plusMs(run.now, MINUTE_MS + 1000));
    expect(issuesOf(run)).toHaveLength(1);
  });
});
