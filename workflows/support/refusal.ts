import { ApplicationFailure } from '@temporalio/workflow';
import type { FailureType } from '../../contracts/failures';

/** A refusal as it crosses to the caller: the catalogue's type, and the revision it was judged at. */
export function refusal(type: FailureType, reason: string, extra: Readonly<Record<string, unknown>>): ApplicationFailure {
  return ApplicationFailure.create({ type, message: reason, nonRetryable: true, details: [extra] });
}
