import { z } from 'zod';
import { defineRoute, type Route } from '../route';

const open = { access: 'public', scope: 'read', limited: false, tags: ['system'] } as const;
const answers = { 200: { description: 'A page.', schema: z.string(), contentType: 'text/html' } } as const;
const CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Ids only: they go into the page as they are. */
const recordId = z.strictObject({ id: z.string().regex(/^[\w-]{1,64}$/, 'letters, digits, - and _, at most 64') });

/** What a browser finds at the address that the start prints, and behind the link of a notice. They show nothing of any record. */
export function welcomeRoutes({ demo }: { readonly demo: boolean }): Route[] {
  return [
    defineRoute({
      ...open, method: 'get', path: '/', summary: 'Where to go from here', answers,
      handler: () => page(`<h1>cro-oversight</h1><p>It runs. People and machines reach it by its API.</p>
<ul><li><a href="/docs">API reference</a></li>${demo ? '\n<li><a href="/dev/mail">Mailbox of the demo</a></li>' : ''}
<li><a href="/readyz">Is everything ready?</a></li></ul>`),
    }),
    defineRoute({
      ...open, method: 'get', path: '/issues/{id}', summary: 'Where the link of a notice leads', answers, params: recordId,
      handler: ({ params: { id } }) => page(`<h1>An issue waits for you</h1><p>Sign in by the API and read it there:</p>
<pre>GET  /api/v1/issues/${id}
GET  /api/v1/issues/${id}/waiting
POST /api/v1/issues/${id}/acknowledge</pre><p><a href="/docs">API reference</a></p>`),
    }),
  ];
}

function page(content: string) {
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>cro-oversight</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui;margin:3em auto;max-width:40em;padding:0 1em}pre{overflow-x:auto}</style></head>
<body>${content}</body></html>
`;
  return { status: 200, body, headers: { 'Content-Security-Policy': CSP } };
}
