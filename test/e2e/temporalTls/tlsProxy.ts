import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';

const GRPC_UNAUTHENTICATED = '16';

export interface TlsProxy {
  readonly address: string;
  /** Requests that were let through and refused, by gRPC method. */
  readonly passed: readonly string[];
  readonly refused: readonly string[];
  close(): Promise<void>;
}

export interface TlsProxyOptions {
  readonly certificate: string;
  readonly key: string;
  /** Only `authorization: Bearer <apiKey>` passes. */
  readonly apiKey: string;
  /** `host:port` of a Temporal server that speaks plain text. */
  readonly upstream: string;
  /** A free one when absent. */
  readonly port?: number;
}

/** A gateway as a hosted Temporal has one: ends TLS, checks the bearer token of each request, hands it on. */
export async function startTlsProxy({ certificate, key, apiKey, upstream, port: wanted = 0 }: TlsProxyOptions): Promise<TlsProxy> {
  const passed: string[] = [];
  const refused: string[] = [];
  const sessions = new Set<http2.Http2Session>();
  const backend = http2.connect(`http://${upstream}`);
  backend.on('error', () => undefined);
  const server = http2.createSecureServer({ cert: certificate, key });
  server.on('session', (session) => { sessions.add(session); });
  server.on('stream', (stream, headers) => {
    const method = String(headers[':path']);
    stream.on('error', () => undefined);
    if (headers.authorization !== `Bearer ${apiKey}`) {
      refused.push(method);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': GRPC_UNAUTHENTICATED, 'grpc-message': 'no such key' }, { endStream: true });
      return;
    }
    passed.push(method);
    forward(backend, stream, headers);
  });
  await new Promise<void>((resolve) => { server.listen(wanted, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${String(port)}`,
    passed,
    refused,
    close: async () => {
      for (const session of sessions) session.destroy();
      backend.destroy();
      await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
    },
  };
}

function forward(backend: http2.ClientHttp2Session, stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
  const onward: http2.OutgoingHttpHeaders = { ...headers };
  delete onward[':authority'];
  delete onward[':scheme'];
  const request = backend.request(onward);
  let trailers: http2.IncomingHttpHeaders = {};
  request.on('error', () => { stream.close(http2.constants.NGHTTP2_CANCEL); });
  stream.on('close', () => { request.close(http2.constants.NGHTTP2_CANCEL); });
  request.on('trailers', (received: http2.IncomingHttpHeaders) => { trailers = received; });
  request.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    // gRPC answers an immediate error with headers only.
    const headersOnly = (flags & http2.constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(answer, headersOnly ? { endStream: true } : { waitForTrailers: true });
    if (!headersOnly) request.pipe(stream);
  });
  stream.on('wantTrailers', () => { stream.sendTrailers(trailers); });
  stream.pipe(request);
}
