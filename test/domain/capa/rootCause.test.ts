import { rootCauseFault, systemCauses } from '../../../domain/capa/rootCause';
import { fishbone, whys } from './capas';
import { FAULTY_CAUSES } from './faults';

test.each(FAULTY_CAUSES)('Q3 an analysis is refused: %s', (fault, rootCause) => {
  expect(rootCauseFault(rootCause)).toBe(fault);
});

test('Q3 a chain of whys and a fishbone with evidence and a cause in the system pass; nothing at all does not', () => {
  expect([rootCauseFault(whys()), rootCauseFault(fishbone()), rootCauseFault(null)]).toEqual([undefined, undefined, 'the root cause is not analysed']);
});

test('Q3, Q7 human error may stand beside a cause in the system, but recurrence is told by the latter', () => {
  expect(systemCauses(whys())).toEqual(['procedure']);
});
