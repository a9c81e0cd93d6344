import { z } from 'zod';
import { CAPABILITIES, recordPathOf, type Capability } from '../../contracts/ids';
import { defineRoute, type Route } from '../route';

const open = { access: 'public', scope: 'read', limited: false, tags: ['system'] } as const;
const answers = { 200: { description: 'A page.', schema: z.string(), contentType: 'text/html' } } as const;
const CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Ids only: they go into the page as they are. */
const recordId = z.strictObject({ id: z.string().regex(/^[\w-]{1,64}$/, 'letters, digits, - and _, at most 64') });

/** What waits for whoever was told, and the act that most often answers it. */
const WAITING: Readonly<Record<Capability, { readonly what: string; readonly act?: string }>> = {
  escalation: { what: 'An issue', act: 'acknowledge' }, control: { what: 'An agreed contact', act: 'log-contact' }, drill: { what: 'A drill', act: 'confirm' }, capa: { what: 'A CAPA' },
};

/** What a browser finds at the address that the start prints, and behind the link of a notice. They show nothing of any record. */
export function welcomeRoutes({ demo }: { readonly demo: boolean }): Route[] {
  return [
    defineRoute({
      ...open, method: 'get', path: '/', summary: 'Where to go from here', answers,
      handler: () => page(`<h1>cro-oversight</h1><p>It runs. People and machines reach it by its API.</p>
<ul><li><a href="/docs">API reference</a></li>${demo ? '\n<li><a href="/dev/mail">Mailbox of the demo</a></li>' : ''}
<li><a href="/readyz">Is everything ready?</a></li></ul>`),
    }),
    ...CAPABILITIES.map((capability) => noticeRoute(recordPathOf(capability), WAITING[capability])),
  ];
}

function noticeRoute(path: string, { what, act }: { readonly what: string; readonly act?: string }): Route {
  return defineRoute({
    ...open, method: 'get', path: `/${path}/{id}`, summary: 'Where the link of a notice leads', answers, params: recordId,
    handler: ({ params: { id } }) => page(`<h1>${what} waits for you</h1><p>Sign in by the API and read it there:</p>
<pre>GET  /api/v1/${path}/${id}
GET  /api/v1/${path}/${id}/waiting${act === undefined ? '' : `\nPOST /api/v1/${path}/${id}/${act}`}</pre><p><a href="/docs">API reference</a></p>`),
  });
}

function page(content: string) {
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>cro-oversight</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui;margin:3em auto;max-width:40em;padding:0 1em}pre{overflow-x:auto}</style></head>
<body>${content}</body></html>
`;
  return { status: 200, body, headers: { 'Content-Security-Policy': CSP } };
}
