import { FAILURES, type Failure } from './failures';
import type { Json } from './step';

/**
 * The RFC 9457 form of a failure. `instance` is the correlation id, which finds the request in the
 * logs; ids and numbers of the failure stand beside it.
 */
export function problemBody(failure: Failure, correlationId: string): { readonly [member: string]: Json } {
  const { status, meaning } = FAILURES[failure.type];
  const extra = JSON.parse(JSON.stringify(failure.extra)) as { readonly [member: string]: Json };
  return { ...extra, type: `/problems/${failure.type}`, title: meaning, status, detail: failure.message, instance: correlationId };
}
