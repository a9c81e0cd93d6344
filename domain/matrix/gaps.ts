import type { FieldError } from '../../contracts/failures';
import type { UncheckedMatrixRow } from '../../contracts/matrix';

/** What a row leaves open: allowed, and its approvers agree to it knowing. Fields are paths in the row. */
export function rowGaps({ filing, frequency, contacts }: UncheckedMatrixRow): readonly FieldError[] {
  const without = contacts.flatMap(({ channel, fallback }, index) => (fallback === undefined && channel !== 'inbox' ? [String(index)] : []));
  return [
    ...(filing ? [] : [{ field: 'filing', message: 'no filing rule: what is said on this topic is filed nowhere (S1.4)' }]),
    ...(frequency ? [] : [{ field: 'frequency', message: 'no frequency: silence on this topic is noticed by nobody (S1.2)' }]),
    ...(without.length === 0 ? [] : [{ field: 'contacts', message: `no fallback for contacts ${without.join(', ')}: a channel that fails leaves the inbox alone` }]),
  ];
}
