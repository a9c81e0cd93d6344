import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** One received mail. */
export interface Mail {
  readonly id: string;
  readonly receivedAt: string;
  readonly from: string;
  /** Envelope recipients: who really got it. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Text files: the audit receipts. */
  readonly attachments: readonly { readonly filename: string; readonly content: string }[];
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MailboxOptions {
  /** Mails are kept here as .eml and survive restarts. */
  readonly folder: string;
  readonly smtpPort: number;
  readonly httpPort: number;
}

/** The demo's mail server: takes every mail, delivers none, shows all of them to this machine. */
export interface Mailbox {
  readonly smtpUrl: string;
  /** `GET /?to=` answers a JSON list, oldest first. */
  readonly url: string;
  list(to?: string): readonly Mail[];
  close(): Promise<void>;
}

const MAX_MAIL_BYTES = 10 * 1024 * 1024;

/** Starts SMTP and HTTP on 127.0.0.1. Ports of 0 are chosen freely. */
export async function startMailbox(options: MailboxOptions): Promise<Mailbox> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const mails = await stored(options.folder);
  let sequence = mails.length;
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MAX_MAIL_BYTES,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const recipients = session.envelope.rcptTo.map((recipient) => recipient.address);
        sequence += 1;
        keep(options.folder, { sequence, raw: Buffer.concat(chunks), recipients }).then(
          (mail) => { mails.push(mail); done(); },
          (error: unknown) => { done(error instanceof Error ? error : new Error('not stored')); },
        );
      });
    },
  });
  // A client that resets its connection must not end the stack.
  smtp.on('error', () => undefined);
  const http = createServer((request, response) => {
    const to = new URL(request.url ?? '/', 'http://mailbox').searchParams.get('to') ?? undefined;
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    response.end(JSON.stringify(addressedTo(mails, to)));
  });
  const smtpPort = await listening(smtp.server, () => smtp.listen(options.smtpPort, '127.0.0.1'));
  const httpPort = await listening(http, () => http.listen(options.httpPort, '127.0.0.1'));
  return {
    smtpUrl: `smtp://127.0.0.1:${String(smtpPort)}`,
    url: `http://127.0.0.1:${String(httpPort)}`,
    list: (to) => addressedTo(mails, to),
    close: async () => {
      http.closeAllConnections();
      await Promise.all([new Promise<void>((resolve) => { smtp.close(() => { resolve(); }); }), new Promise<void>((resolve) => { http.close(() => { resolve(); }); })]);
    },
  };
}

function addressedTo(mails: readonly Mail[], to: string | undefined): readonly Mail[] {
  return to === undefined || to === '' ? mails : mails.filter((mail) => mail.to.some((address) => address.toLowerCase() === to.toLowerCase()));
}

/** Envelope recipients and time go into the file's own first headers, as mail servers do. */
async function keep(folder: string, received: { sequence: number; raw: Buffer; recipients: readonly string[] }): Promise<Mail> {
  const receivedAt = new Date().toISOString();
  const added = `X-Received-At: ${receivedAt}\r\n${received.recipients.map((address) => `X-Envelope-To: ${address}\r\n`).join('')}`;
  const content = Buffer.concat([Buffer.from(added), received.raw]);
  const name = `${String(received.sequence).padStart(8, '0')}-${createHash('sha256').update(content).digest('hex').slice(0, 12)}.eml`;
  const mail = await read(name, content);
  writeFileSync(join(folder, `.${name}`), content, { mode: 0o600 });
  renameSync(join(folder, `.${name}`), join(folder, name));
  return mail;
}

async function stored(folder: string): Promise<Mail[]> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.eml') && !name.startsWith('.')).sort();
  return await Promise.all(names.map((name) => read(name, readFileSync(join(folder, name)))));
}

async function read(name: string, content: Buffer): Promise<Mail> {
  const email: Email = await PostalMime.parse(content, { attachmentEncoding: 'utf8' });
  const values = (key: string): string[] => email.headers.filter((header) => header.key === key).map((header) => header.value);
  return {
    id: name.replace(/\.eml$/, ''),
    receivedAt: values('x-received-at')[0] ?? '',
    from: email.from?.address ?? '',
    to: values('x-envelope-to'),
    subject: email.subject ?? '',
    text: email.text ?? '',
    attachments: email.attachments.map(({ filename, content: text }) => ({ filename: filename ?? 'attachment', content: typeof text === 'string' ? text : '' })),
    messageId: email.messageId ?? '',
    headers: Object.fromEntries(email.headers.map((header) => [header.key, header.value])),
  };
}

function listening(server: { once(event: string, listener: (error: Error) => void): unknown; address(): string | AddressInfo | null } | Server, listen: () => unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
    listen();
  });
}
