import { randomUUID } from 'node:crypto';
import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { FAILURES } from '../contracts/failures';
import { problemBody } from '../contracts/problem';
import { invalid } from './problem';

/** The HTTP server of the API. What Node refuses before any handler sees it is answered as a problem, too. */
export function createApiServer(handler: RequestListener): Server {
  return createServer(handler).on('clientError', (error: NodeJS.ErrnoException, socket) => {
    answerMalformed(error, socket);
  });
}

function answerMalformed({ code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const failure = invalid([code === 'HPE_HEADER_OVERFLOW' ? { field: 'headers', message: 'larger than 16 kB, the address included' } : { field: 'request', message: 'not readable as HTTP' }]);
  const { status } = FAILURES[failure.type];
  const body = JSON.stringify(problemBody(failure, randomUUID()));
  const head = [`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`, 'Content-Type: application/problem+json; charset=utf-8', `Content-Length: ${String(Buffer.byteLength(body))}`, 'Cache-Control: no-store', 'Connection: close'];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
