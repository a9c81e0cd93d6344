import express, { type Request } from 'express';
import { CHUNK_BYTES } from '../domain/evidence/framing';
import { failureOf, invalid } from './problem';
import type { Route } from './route';

const OCTETS = 'application/octet-stream';
// What is packed is not unpacked: hashes are over the bytes as sent.
const readBytes = express.raw({ type: OCTETS, limit: CHUNK_BYTES, inflate: false });

/** Whether a request is for a route that takes bytes. Nothing is read yet: that is done for a caller who may. Throws Failure `invalid` for another content type. */
export function octetBodies(routes: readonly Route[]): (req: Request) => boolean {
  const taking = routes.filter(({ bodyType }) => bodyType === OCTETS).map(({ method, path }) => ({ method: method.toUpperCase(), path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) }));
  return (req) => {
    if (!taking.some(({ method, path }) => method === req.method && path.test(req.path))) return false;
    if (!req.is(OCTETS)) throw invalid([{ field: 'Content-Type', message: `must be ${OCTETS}` }]);
    return true;
  };
}

/** The bytes of the body, at most a chunk. Throws Failure `invalid` when there are more. */
export async function octetsOf(req: Request): Promise<Buffer> {
  const { res } = req;
  if (!res) throw new Error('a request without its answer');
  await new Promise<void>((resolve, reject) => {
    readBytes(req, res, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(failureOf(error));
    });
  });
  const body: unknown = req.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}
