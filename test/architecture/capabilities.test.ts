import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { capabilityRecord } from '../../activities/capabilities';
import { CAPABILITIES, recordOf, recordPathOf, workflowIdOf } from '../../contracts/ids';

const read = (path: string): string => readFileSync(join(__dirname, '../..', path), 'utf8');

describe('every capability is registered in every layer', () => {
  test.each(CAPABILITIES)('%s', (capability) => {
    // The workflow's type is the capability's name; a missing export would only be seen when the first record is opened.
    expect(read('workflows/index.ts')).toContain(`export { ${capability} } from './${capability}';`);
    expect(read(`domain/${capability}/machine.ts`)).toContain(`capability: '${capability}'`);
    expect(recordOf(workflowIdOf(capability, 'a/b'))).toEqual({ capability, recordId: 'a/b' });
    expect(capabilityRecord(capability).stateVersion).toBeGreaterThan(0);
    expect(CAPABILITIES.filter((other) => recordPathOf(other) === recordPathOf(capability))).toEqual([capability]);
  });

  test('a name that this release does not know is an error, not a guess', () => {
    expect(() => capabilityRecord('telepathy')).toThrow(RangeError);
    expect(recordOf('telepathy/1')).toBeUndefined();
  });
});
