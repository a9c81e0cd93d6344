import fc from 'fast-check';
import { topicSchema } from '../../../contracts/escalation';
import { distance, nearest, slipOf, unknownTopic } from '../../../domain/topics/nearest';
import { SEEDED_TOPICS } from '../../../domain/topics/seeded';

const NAMES = SEEDED_TOPICS.map(({ topic }) => topic);

describe('topics', () => {
  test('S1.2 every pair of organisations has those that its work needs, each once, with label and description', () => {
    expect(NAMES).toEqual(expect.arrayContaining(['data', 'safety', 'monitoring', 'supply', 'stability', 'regulatory', 'security', 'communication', 'site_issue', 'protocol_deviation', 'vendor', 'training', 'backup', 'demo']));
    expect(new Set(NAMES).size).toBe(NAMES.length);
    for (const { topic, label, description } of SEEDED_TOPICS) expect([topicSchema.safeParse(topic).success, label.length > 0, description.length > 0]).toEqual([true, true, true]);
  });

  test.each([['saftey', 'safety'], ['safty', 'safety'], ['back-up', 'backup'], ['monitering', 'monitoring'], ['secuirty', 'security'], ['protocol-deviation', 'protocol_deviation']])('S1.2 E1 %s is probably %s', (word, meant) => {
    expect(nearest(word, NAMES)[0]).toBe(meant);
    expect(unknownTopic(word, NAMES).message).toContain(`did you mean ${meant}`);
  });

  test('S1.2 what is like nothing is taken for nothing', () => {
    expect(nearest('zzzzzzzzzz', NAMES)).toEqual([]);
    expect(unknownTopic('zzzzzzzzzz', NAMES).message).not.toContain('did you mean');
  });

  test('S1.2 P19 a policy may have any name, but not one that is nearly a topic', () => {
    expect(['saftey', 'back-up', 'defaut'].map((key) => slipOf(key, [...NAMES, 'default'])[0])).toEqual(['safety', 'backup', 'default']);
    expect(['safety', 'default', 'temperature', 'fast', 'night-shift'].flatMap((key) => slipOf(key, [...NAMES, 'default']))).toEqual([]);
  });

  test('S1.2 a slip of one letter is always found', () => {
    fc.assert(fc.property(fc.constantFrom(...NAMES.filter((name) => name.length > 4)), fc.nat(), fc.constantFrom('q', 'x'), (name, place, letter) => {
      const at = place % name.length;
      const slip = name.slice(0, at) + letter + name.slice(at + 1);
      expect(distance(slip, name)).toBeLessThanOrEqual(1);
      expect(nearest(slip, NAMES)).toContain(name);
    }));
  });
});
