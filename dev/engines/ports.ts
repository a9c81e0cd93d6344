import { createServer } from 'node:net';

/** The preferred port on 127.0.0.1 when nobody listens there, else a free one. */
export async function freePort(preferred = 0): Promise<number> {
  return (await listenable(preferred)) ?? (await listenable(0)) ?? Promise.reject(new Error('no free port on 127.0.0.1'));
}

function listenable(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => { resolve(undefined); });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => { resolve(address !== null && typeof address === 'object' ? address.port : undefined); });
    });
  });
}
