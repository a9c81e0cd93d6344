import { z } from 'zod';
import { Failure, FAILURES } from '../../contracts/failures';
import { defineRoute, type Route } from '../route';

const mailSchema = z.object({
  id: z.string(), receivedAt: z.string(), to: z.array(z.string()), subject: z.string(), text: z.string(),
  attachments: z.array(z.object({ filename: z.string(), content: z.string() })).optional(),
}).loose();
type Mail = z.infer<typeof mailSchema>;

/** The demo's mailbox, for everybody on this machine. Not mounted outside the demo. */
export function devMailRoutes(mailboxUrl: string): Route[] {
  return [
    defineRoute({
      method: 'get', path: '/dev/mail', summary: 'Mails of the demo, oldest first', tags: ['demo'], access: 'public', scope: 'read', limited: false,
      query: z.strictObject({ to: z.string().max(254).optional() }),
      answers: { 200: { description: 'JSON, or a page when the client accepts HTML.', schema: z.array(mailSchema) } },
      handler: async ({ query, req }) => {
        const mails = await fetchMails(mailboxUrl, query.to);
        if (req.accepts(['json', 'html']) !== 'html') return { status: 200, body: mails };
        return { status: 200, body: page(mails), headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" } };
      },
    }),
  ];
}

async function fetchMails(mailboxUrl: string, to: string | undefined): Promise<Mail[]> {
  const url = new URL(mailboxUrl);
  if (to !== undefined) url.searchParams.set('to', to);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    return z.array(mailSchema).parse(await response.json());
  } catch {
    throw new Failure('unavailable', FAILURES.unavailable.meaning, { retryAfterSeconds: 5 });
  }
}

const escaped: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Every value that reaches the page goes through here: a mail's text is anybody's. */
function html(strings: TemplateStringsArray, ...values: readonly string[]): string {
  return strings.reduce((page, part, index) => page + (values[index - 1] ?? '').replaceAll(/[&<>"']/g, (char) => escaped[char] ?? '') + part);
}

function page(mails: readonly Mail[]): string {
  const rows = mails.toReversed().map(({ receivedAt, to, subject, text, attachments = [] }) => {
    const files = attachments.map(({ filename }) => `\nAttached: ${filename}`).join('');
    return html`<tr><td class="time">${receivedAt}</td><td>${to.join(', ')}</td><td>${subject}</td><td><pre>${text.trimEnd()}${files}</pre></td></tr>`;
  });
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mailbox of the demo</title>
<style>body{font:14px system-ui;margin:2em}table{border-collapse:collapse}td,th{border-top:1px solid #ccc;padding:.4em .8em;text-align:left;vertical-align:top}pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}.time{white-space:nowrap}</style>
</head><body><h1>Mailbox of the demo</h1><p>${String(mails.length)} mails, newest first; times are UTC. Nothing here left this machine.</p>
<table><tr><th>Time</th><th>To</th><th>Subject</th><th>Text</th></tr>${rows.join('\n')}</table></body></html>
`;
}
