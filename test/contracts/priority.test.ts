import fc from 'fast-check';
import { priorityOf } from '../../contracts/priority';

const state = (severity: string, drill = false) => ({ severity, drill, accountableOrganisationId: 'org-cro', status: 'open' });

describe('the order of tasks', () => {
  it.each([
    ['critical', false, 1], ['critical', true, 2], ['major', false, 3], ['major', true, 4], ['minor', false, 5], ['minor', true, 5],
  ])('E2, E15 %s, drill %s: priority %s, in turn with other accountable organisations', (severity, drill, priorityKey) => {
    expect(priorityOf(state(severity, drill))).toEqual({ priorityKey, fairnessKey: 'org-cro' });
  });

  it('an opening request says the same as the state that follows from it', () => {
    expect(priorityOf({ severity: 'major', accountableOrganisationId: 'org-cro', drill: undefined })).toEqual(priorityOf(state('major')));
  });

  it('what a record does not state is left to Temporal', () => {
    expect(priorityOf({ status: 'open' })).toEqual({});
    expect(priorityOf(undefined)).toEqual({});
  });

  it('never gives what Temporal refuses: keys from 1 to 5, fairness keys of at most 64 bytes', () => {
    fc.assert(fc.property(fc.record({ severity: fc.oneof(fc.constantFrom('critical', 'major', 'minor'), fc.string()), accountableOrganisationId: fc.oneof(fc.uuid(), fc.string({ unit: 'binary', maxLength: 90 })), drill: fc.boolean() }), (stated) => {
      const { priorityKey = 3, fairnessKey = '' } = priorityOf(stated);
      return Number.isInteger(priorityKey) && priorityKey >= 1 && priorityKey <= 5 && Buffer.byteLength(fairnessKey) <= 64;
    }));
  });
});
