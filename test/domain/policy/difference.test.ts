import { hours, minutes } from '../../../contracts/spans';
import { DEFAULT_POLICIES } from '../../../domain/escalation/defaults';
import { differencesOf } from '../../../domain/policy/difference';

const [policy] = DEFAULT_POLICIES;
if (!policy) throw new Error('no policies');
const { ladders, basis } = policy;

describe('what differs between two versions of a policy', () => {
  test('P19 nothing, however the members are ordered', () => {
    const turned = JSON.parse(JSON.stringify(ladders), (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).reverse()) : value) as typeof ladders;
    expect(differencesOf(policy, { basis, ladders: turned })).toEqual([]);
  });

  test('P19 a span is one value, a level that is gone is one, lists of plain values too', () => {
    const { critical } = ladders;
    const [first, ...others] = critical.levels;
    if (!first) throw new Error('no levels');
    const next = { ...critical, repeats: 1, warnAt: [0.5], reviewWithin: hours(12), levels: [{ ...first, acknowledgeWithin: minutes(15) }, ...others.slice(0, 2)] };
    expect(differencesOf(policy, { basis: 'SOP 7', ladders: { ...ladders, critical: next } })).toEqual([
      { path: 'basis', old: basis, new: 'SOP 7' },
      { path: 'ladders.critical.levels.0.acknowledgeWithin', old: minutes(30), new: minutes(15) },
      { path: 'ladders.critical.levels.3', old: { role: 'executive', acknowledgeWithin: hours(2) }, new: null },
      { path: 'ladders.critical.warnAt', old: [0.5, 0.8], new: [0.5] },
      { path: 'ladders.critical.repeats', old: 2, new: 1 },
      { path: 'ladders.critical.reviewWithin', old: hours(24), new: hours(12) },
    ]);
  });

  test('P19 the first version is all new', () => {
    expect(differencesOf(undefined, policy)).toEqual([{ path: '', old: null, new: { basis, ladders } }]);
  });
});
