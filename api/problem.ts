import type { ErrorRequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { Failure, FAILURES, type FailureType, type FieldError } from '../contracts/failures';
import { problemBody } from '../contracts/problem';

/** What the driver throws when MongoDB cannot be reached; nothing was stored. */
const OUTAGES = new Set([
  'MongoServerSelectionError', 'MongooseServerSelectionError', 'MongoNetworkError', 'MongoNetworkTimeoutError',
  'MongoPoolClearedError', 'PoolClearedOnNetworkError', 'MongoNotConnectedError', 'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError', 'MongoClientClosedError',
]);
/** NotWritablePrimary, PrimarySteppedDown, ShutdownInProgress, InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary. */
const OUTAGE_CODES = new Set([10107, 189, 91, 11600, 11602, 13435, 13436]);

/** Brings any error into the catalogue; what is not known there is `internal` and says nothing of itself. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { name, code, type, limit, status, expose } = (typeof error === 'object' && error !== null ? error : {}) as { [K in 'name' | 'code' | 'type' | 'limit' | 'status' | 'expose']?: unknown };
  if ((typeof name === 'string' && OUTAGES.has(name)) || (typeof code === 'number' && OUTAGE_CODES.has(code))) {
    return new Failure('unavailable', FAILURES.unavailable.meaning, { retryAfterSeconds: 5 });
  }
  if (type === 'entity.too.large') return invalid([{ field: 'body', message: `larger than ${String(typeof limit === 'number' ? limit / 1024 : 256)} kB` }]);
  if (typeof type === 'string' && (type.startsWith('entity.') || type.startsWith('request.') || type.startsWith('charset.') || type.startsWith('encoding.'))) {
    return invalid([{ field: 'body', message: 'not readable as JSON' }]);
  }
  // A path that does not decode, e.g. `%zz`.
  if (name === 'URIError') return new Failure('not_found', FAILURES.not_found.meaning);
  // What the reader of bodies throws of a stream that is not what it says it is; it names no type.
  if (status === 400 && expose === true) return invalid([{ field: 'body', message: 'cannot be unpacked: it is not what Content-Encoding says' }]);
  return new Failure('internal', FAILURES.internal.meaning);
}

/** The 400 that names each field at fault. */
export function invalid(errors: readonly FieldError[]): Failure {
  return new Failure('invalid', FAILURES.invalid.meaning, { errors });
}

/** Answers with a problem; `retryAfterSeconds` among the extras also becomes the header. */
export function sendProblem(res: Response, failure: Failure): void {
  const correlationId = String(res.locals.correlationId ?? '');
  const { retryAfterSeconds } = failure.extra;
  if (typeof retryAfterSeconds === 'number') res.setHeader('Retry-After', String(Math.max(1, Math.ceil(retryAfterSeconds))));
  res.status(FAILURES[failure.type].status).type('application/problem+json').send(JSON.stringify(problemBody(failure, correlationId)));
}

/** The last middleware: no other error leaves the API. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  // Express tells an error handler by its four parameters.
  // eslint-disable-next-line max-params
  return (error: unknown, _req, res, next) => {
    const failure = failureOf(error);
    const logged: readonly FailureType[] = ['internal', 'unavailable', 'damaged'];
    if (logged.includes(failure.type)) logger.error({ err: error, correlationId: res.locals.correlationId }, 'request failed');
    if (res.headersSent) next(error);
    else sendProblem(res, failure);
  };
}
