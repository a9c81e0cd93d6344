import { calendarDays, hours } from '../../../contracts/spans';
import { plusMs } from '../../../contracts/instant';
import { drill } from '../../../domain/drill/machine';
import { act, ann, bob, drillOf, product, START, type Run } from './drills';

/** The machine before anybody knows what became of its opening. */
function unanswered(): Run['state'] {
  const { state } = drillOf('escalation').steps[0] ?? {};
  if (!state) throw new Error('no step');
  return state;
}
const deadline = { name: 'window', due: plusMs(START, 24 * 3_600_000), armedAt: START, rule: { name: 'window', from: START, after: hours(24), organisationId: 'sponsor-1' } };

describe('a window that ends before the issue is known', () => {
  test('E15 the drill waits on, for an issue that nobody knows could not be ended', () => {
    const late = drill.lapse(unanswered(), deadline, deadline.due);
    expect(late.done).toBeUndefined();
    expect(late.arm).toMatchObject([{ name: 'window', after: calendarDays(1) }]);
    expect(drill.refuse(late.state, { actor: ann, command: { act: 'end', body: { reason: 'r' } } }, deadline.due)?.type).toBe('wrong_state');
    const heard = drill.settle(late.state, { intent: 'drill/d1/issue', outcome: 'done', detail: '', recordId: 'i1' }, plusMs(deadline.due, 1000));
    expect(heard).toMatchObject({ done: true, state: { status: 'reported', endReason: 'the window is over' }, effects: [{ act: 'end-drill', recordId: 'i1' }, { reason: 'drill_ended' }] });
  });

  test('outcomes of other effects change nothing', () => {
    expect(drill.settle(unanswered(), { intent: 'drill/d2/issue', outcome: 'failed', detail: 'x' }, START)).toBeUndefined();
    expect(drill.settle(drillOf('reachability').state, { intent: 'drill/d1/reach/ann', outcome: 'done', detail: '' }, START)).toBeUndefined();
  });

  test('links from the other side are kept once', () => {
    const run = drillOf('escalation');
    for (let times = 0; times < 2; times += 1) act(run, product, { act: 'linked', body: { recordId: 'i9', kind: 'relates_to' } });
    expect(run.state.links.filter(({ recordId }) => recordId === 'i9')).toHaveLength(1);
    expect(() => { act(run, bob, { act: 'linked', body: { recordId: 'i9', kind: 'relates_to' } }); }).toThrow('not_permitted');
  });
});
