import { createTransport } from 'nodemailer';
import type { ChannelOutcome } from '../contracts/channels';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments?: readonly { readonly filename: string; readonly content: string }[];
}

/** An error that leaves the outcome unknown is thrown. */
export type MailOutcome = ChannelOutcome;

export interface MailChannel {
  send(letter: Letter): Promise<MailOutcome>;
  close(): void;
}

/** Mail through the SMTP server of a `smtp://` or `smtps://` URL, a few connections at most. */
export function openMail(options: { url: string; from: string }): MailChannel {
  // Shorter than the activity's heartbeat patience: no attempt outlives the one that replaces it.
  const transport = createTransport({ url: options.url, pool: true, maxConnections: 4, connectionTimeout: 4000, greetingTimeout: 4000, socketTimeout: 10_000 } as Parameters<typeof createTransport>[0]);
  return {
    async send(letter) {
      try {
        await transport.sendMail({ ...letter, from: options.from, headers: { ...letter.headers }, attachments: [...(letter.attachments ?? [])] });
        return { outcome: 'accepted' };
      } catch (error) {
        const known = knownFailure(error as SmtpError);
        if (!known) throw error;
        return known;
      }
    },
    close: () => { transport.close(); },
  };
}

interface SmtpError {
  readonly responseCode?: number;
  readonly command?: string;
  readonly code?: string;
}

const UNREACHED = ['ECONNECTION', 'ECONNREFUSED', 'EDNS', 'ETLS', 'EAUTH'];

/** RFC 5321 4.2.1: 4yz is transient, 5yz permanent; about a recipient or a letter, not about our login. */
function knownFailure(error: SmtpError): MailOutcome | undefined {
  const { responseCode, command, code } = error;
  const aboutTheLetter = command === 'RCPT TO' || command === 'MAIL FROM' || command === 'DATA';
  if (aboutTheLetter && responseCode !== undefined) {
    return { outcome: responseCode >= 500 ? 'rejected' : 'deferred', reason: `the mail server answered ${responseCode}` };
  }
  const unreached = command === 'CONN' || (code !== undefined && UNREACHED.includes(code));
  return unreached ? { outcome: 'deferred', reason: `the mail server could not be used (${code ?? 'no code'})` } : undefined;
}
