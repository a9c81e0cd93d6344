import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** A message as the receiver took it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Answers from now on; the default is 204. */
  answer(how: (response: ServerResponse, message: Received) => void): void;
  close(): Promise<void>;
}

/** A real HTTP server on a free port of this machine that keeps what it is sent. */
export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let how: (response: ServerResponse, message: Received) => void = (response) => { response.writeHead(204).end(); };
  const server: Server = createServer((request, response) => {
    void text(request).then((body) => {
      const message = { path: request.url ?? '', headers: request.headers, body };
      received.push(message);
      how(response, message);
    }, () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return {
    url: `http://127.0.0.1:${String(address.port)}`, received,
    answer: (next) => { how = next; },
    close: () => new Promise((resolve) => {
      server.close(() => { resolve(); });
      server.closeAllConnections();
    }),
  };
}

/** Networks of this machine, for senders that may call a receiver here. */
export const THIS_MACHINE = ['127.0.0.0/8', '::1/128'];
