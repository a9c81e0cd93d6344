import { plusMs } from '../../../contracts/instant';
import { capaView } from '../../../domain/capa/view';
import { jsonOf } from '../../../store/commands';
import { act, at, capaOf, DAY_MS, dueOf, PEOPLE } from './capas';

const { ann, bea, bob } = PEOPLE;

test('Q8 Q11 a stage that was extended keeps its granted date when the CAPA is regraded: what is shown is what the timer waits for', () => {
  const run = capaOf();
  const due = dueOf(run, 'stage/plan');
  const newDue = plusMs(at(due ?? ''), 10 * DAY_MS);
  act(run, bob, { act: 'request-extension', body: { deadline: 'stage/plan', newDue, justification: 'j', interimControl: 'i', currentDue: due ?? null } });
  act(run, bea, { act: 'grant-extension', body: { no: 1 } });
  act(run, ann, { act: 'regrade', body: { severity: 'critical', reason: 'graver' } });
  const { stages } = capaView({ _id: 'k1', rev: 1, stateVersion: 1, state: jsonOf(run.state), armed: run.armed, content: { title: 't', description: 'd' }, nextDueAt: null, updatedAt: run.now });
  expect(stages.find(({ name }) => name === 'plan')).toMatchObject({ due: dueOf(run, 'stage/plan') });
  expect(dueOf(run, 'stage/plan')).toBe(newDue);
  // The other clocks are counted anew.
  expect(dueOf(run, 'stage/root-cause')).not.toBe(undefined);
});
