import express, { type Request, type RequestHandler } from 'express';
import type { Failure } from '../../contracts/failures';
import { failureOf, invalid } from '../problem';

/** What came as body: its bytes, or why they were not taken. */
export type ReceivedBody = { readonly bytes: Buffer } | { readonly fault: Failure };

const BODY_LIMIT = '256kb';
const received = new WeakMap<Request, ReceivedBody>();
// A signature is over the bytes as sent: what is packed is not unpacked.
const readBytes = express.raw({ type: () => true, limit: BODY_LIMIT, inflate: false });

/** Keeps a request's bytes instead of parsing them; a fault waits for the route, which knows whose door it was at. */
export const keepBytes: RequestHandler = (req, res, next) => {
  if (!req.is('application/json')) {
    received.set(req, { fault: invalid([{ field: 'Content-Type', message: 'must be application/json' }]) });
    next();
    return;
  }
  readBytes(req, res, (error?: unknown) => {
    const bytes = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    received.set(req, error === undefined ? { bytes } : { fault: failureOf(error) });
    req.body = undefined;
    next();
  });
};

/** Undefined where bodies are parsed on arrival. */
export function receivedBody(req: Request): ReceivedBody | undefined {
  return received.get(req);
}
