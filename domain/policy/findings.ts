import { durationSchema, type Duration } from '../../contracts/duration';
import type { PolicyFinding } from '../../contracts/policy';
import { isZero } from './spans';

export const error = (field: string, message: string): PolicyFinding => ({ severity: 'error', field, message });
export const warning = (field: string, message: string): PolicyFinding => ({ severity: 'warning', field, message });

/** A span that is none: nothing at all, or what no deadline could be made of. */
export function badSpan(field: string, span: Duration): readonly PolicyFinding[] {
  if (isZero(span)) return [error(field, 'is zero: it would be due when it is armed')];
  const parsed = durationSchema.safeParse(span);
  return parsed.success ? [] : [error(field, parsed.error.issues[0]?.message ?? 'not a duration')];
}

/** Warnings are shares of a span, in order, each once. */
export function checkWarnings({ warnAt }: { readonly warnAt: readonly number[] }): readonly PolicyFinding[] {
  return warnAt.flatMap((share, index) => {
    const field = `warnAt.${String(index)}`;
    if (!(share > 0 && share < 1)) return [error(field, 'a share of the span, between 0 and 1')];
    const before = warnAt[index - 1];
    if (before === undefined || before < share) return [];
    return [error(field, before === share ? 'is there already' : 'warnings come in order of time')];
  });
}
