import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A letter as the test's SMTP server took it. */
export interface TakenLetter {
  readonly to: readonly string[];
  readonly at: number;
  readonly raw: string;
  readonly subject: string;
  readonly messageId: string;
}

export interface Mailbox {
  readonly url: string;
  readonly letters: readonly TakenLetter[];
  /** Answers the next recipients with this SMTP code instead of taking them; undefined: takes again. */
  refuseWith(code: number | undefined, address?: string): void;
  /** Takes letters only after so long, ms. */
  takeAfter(ms: number): void;
  close(): Promise<void>;
}

/** A real SMTP server on a free port that keeps what it takes. */
export async function openMailbox(): Promise<Mailbox> {
  const letters: TakenLetter[] = [];
  let delayMs = 0;
  let refusal: { code: number; address: string | undefined } | undefined;
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'],
    onRcptTo(address, _session, done) {
      const refused = refusal && (refusal.address === undefined || refusal.address === address.address);
      done(refused ? Object.assign(new Error('refused'), { responseCode: refusal?.code }) : null);
    },
    onData(stream, session, done) {
      void text(stream).then((raw) => {
        const header = (name: string) => new RegExp(`^${name}: ((?:.*)(?:\\r\\n[ \\t].*)*)`, 'im').exec(raw)?.[1]?.replace(/\r\n\s+/g, ' ') ?? '';
        letters.push({ to: session.envelope.rcptTo.map((to) => to.address), at: Date.now(), raw, subject: header('Subject'), messageId: header('Message-ID') });
        setTimeout(done, delayMs);
      }, () => undefined /* The sender was killed half-way: there is no letter. */);
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as { port: number };
  return {
    url: `smtp://127.0.0.1:${port}`, letters,
    refuseWith: (code, address) => { refusal = code === undefined ? undefined : { code, address }; },
    takeAfter: (ms) => { delayMs = ms; },
    close: () => new Promise((resolve) => { server.close(() => { resolve(); }); }),
  };
}
