import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ApiDeps } from '../deps';
import { openApiDocument } from '../openapi';
import { readiness } from '../readiness';
import { defineRoute, type Route } from '../route';

const check = z.object({ ok: z.boolean(), detail: z.string().optional() });
const readySchema = z.object({ ready: z.boolean(), checks: z.object({ mongo: check, temporal: check, worker: check, clock: check }) });
const open = { access: 'public', scope: 'read', limited: false, tags: ['system'] } as const;

/** Redoc styles itself inline and searches in a worker made from a blob; nothing comes from elsewhere. */
const DOCS_CSP = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const DOCS_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>cro-oversight API</title><meta name="viewport" content="width=device-width, initial-scale=1"><style>body{margin:0}</style></head>
<body><redoc spec-url="/api/v1/openapi.json"></redoc><script src="/docs/redoc.standalone.js"></script></body></html>
`;

/** Probes and metrics. */
export function probeRoutes(deps: ApiDeps): Route[] {
  return [
    defineRoute({
      ...open, method: 'get', path: '/healthz', summary: 'The process is alive',
      answers: { 200: { description: 'Alive.', schema: z.object({ ok: z.literal(true) }) } },
      handler: () => ({ status: 200, body: { ok: true } }),
    }),
    defineRoute({
      ...open, method: 'get', path: '/readyz', summary: 'MongoDB, Temporal, a worker and the clock are fit for commands',
      answers: { 200: { description: 'Ready.', schema: readySchema }, 503: { description: 'Not ready; the checks say why.', schema: readySchema } },
      handler: async () => {
        const body = await readiness(deps);
        return { status: body.ready ? 200 : 503, body };
      },
    }),
    defineRoute({
      ...open, method: 'get', path: '/metrics', summary: 'Prometheus metrics',
      answers: { 200: { description: 'Text exposition format.', schema: z.string(), contentType: 'text/plain' } },
      handler: async () => ({ status: 200, body: await deps.metrics.registry.metrics(), headers: { 'Content-Type': deps.metrics.registry.contentType } }),
    }),
  ];
}

/** The description of all routes, these included, and a page that shows it without the internet. */
export function documentationRoutes(described: readonly Route[], version: string): Route[] {
  let document: unknown;
  const routes: Route[] = [
    defineRoute({
      ...open, method: 'get', path: '/api/v1/openapi.json', summary: 'This description',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
      handler: () => ({ status: 200, body: (document ??= openApiDocument([...described, ...routes], version)) }),
    }),
    defineRoute({
      ...open, method: 'get', path: '/docs', summary: 'This description as a page',
      answers: { 200: { description: 'A page.', schema: z.string(), contentType: 'text/html' } },
      handler: () => ({ status: 200, body: DOCS_PAGE, headers: { 'Content-Security-Policy': DOCS_CSP } }),
    }),
    defineRoute({
      ...open, method: 'get', path: '/docs/redoc.standalone.js', summary: 'Script of the page',
      answers: { 200: { description: 'A script.', schema: z.string(), contentType: 'text/javascript' } },
      handler: () => ({ status: 200, body: redoc(), headers: { 'Cache-Control': 'public, max-age=86400' } }),
    }),
  ];
  return routes;
}

let script: string | undefined;
function redoc(): string {
  return (script ??= readFileSync(path.join(path.dirname(require.resolve('redoc/package.json')), 'bundles/redoc.standalone.js'), 'utf8'));
}
