import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../platform/metrics';

export interface MetricsServerParts {
  readonly metrics: Metrics;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where the SDK's core shows its own figures: slots, caches, schedule-to-start latencies. */
  readonly coreUrl: string;
  /** Whether the worker takes tasks. */
  readonly polls: () => boolean;
}

/** The core is in this process; one that hangs must not hang the scrape, ms. */
const CORE_WITHIN_MS = 2000;

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `/metrics` in the text exposition format and `/healthz`: 200 while the worker polls, else 503. Rejects when the port is taken. */
export async function startMetricsServer(parts: MetricsServerParts): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    void answer(parts, request.url?.split('?')[0]).then(({ status, type, body }) => {
      response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(parts.port, parts.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return { url: `http://${address.includes(':') ? `[${address}]` : address}:${String(port)}`, close: () => closed(server) };
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function answer({ metrics, coreUrl, polls }: MetricsServerParts, path: string | undefined): Promise<Answer> {
  const json = (status: number, body: object): Answer => ({ status, type: 'application/json', body: JSON.stringify(body) });
  if (path === '/healthz') return json(polls() ? 200 : 503, { ok: polls() });
  if (path !== '/metrics') return json(404, { ok: false });
  const [own, core] = await Promise.all([metrics.registry.metrics(), coreMetrics(coreUrl)]);
  return { status: 200, type: metrics.registry.contentType, body: `${own.trimEnd()}\n${core}` };
}

async function coreMetrics(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(CORE_WITHIN_MS) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => { resolve(); });
    server.closeAllConnections();
  });
}

/** A port of this machine that is free now, for the core's exporter: it cannot choose one itself and say which. */
export async function freeLoopbackPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await closed(server);
  return port;
}
