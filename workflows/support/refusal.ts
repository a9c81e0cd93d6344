import { ApplicationFailure, currentUpdateInfo, workflowInfo } from '@temporalio/workflow';
import type { RefusalProof } from '../../contracts/entity';
import type { FailureType } from '../../contracts/failures';

/** A refusal of the command that is being looked at, as it crosses to the caller: the catalogue's type, and the revision it was judged at. */
export function refusal(type: FailureType, reason: string, extra: Readonly<Record<string, unknown>>): ApplicationFailure {
  return refusalOf(currentUpdateInfo()?.id ?? '', { type, reason, extra });
}

/**
 * A refusal of a command. Its type is readable on the way, so the details, which only the key ring can write, say it once
 * more, and to which command: not while a history is replayed, whose answers have been given.
 */
export function refusalOf(commandId: string, no: { readonly type: FailureType; readonly reason: string; readonly extra: Readonly<Record<string, unknown>> }): ApplicationFailure {
  const { type, reason, extra } = no;
  const proof: readonly RefusalProof[] = workflowInfo().unsafe.isReplaying ? [] : [{ type, commandId }];
  return ApplicationFailure.create({ type, message: reason, nonRetryable: true, details: [extra, ...proof] });
}
