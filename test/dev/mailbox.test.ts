import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { startMailbox, type Mail, type Mailbox } from '../../dev/mailbox';

let folder: string;
let mailbox: Mailbox;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cro-mail-'));
  mailbox = await startMailbox({ folder, smtpPort: 0, httpPort: 0 });
});
afterEach(async () => {
  await mailbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const send = (to: string | string[], subject: string): Promise<unknown> =>
  createTransport(mailbox.smtpUrl).sendMail({ from: 'CRO oversight <oversight@localhost>', to, subject, text: 'Ünïcode, due 12:00Z', messageId: `<${subject}@cro>`, headers: { 'X-Cro-Intent': 'escalation/1/level/2' } });
const get = async (query = ''): Promise<Mail[]> => (await (await fetch(`${mailbox.url}/${query}`)).json()) as Mail[];

test('shows what was sent, oldest first, parsed, with headers', async () => {
  await send('ada@cro.example', 'first');
  await send(['ada@cro.example', 'Bo@sponsor.example'], 'second');
  const mails = await get();
  expect(mails.map((mail) => mail.subject)).toEqual(['first', 'second']);
  expect(mails[1]).toMatchObject({ from: 'oversight@localhost', to: ['ada@cro.example', 'Bo@sponsor.example'], messageId: '<second@cro>', headers: { 'x-cro-intent': 'escalation/1/level/2' } });
  expect(mails[0]?.text.trim()).toBe('Ünïcode, due 12:00Z');
  expect(Date.parse(mails[0]?.receivedAt ?? '')).not.toBeNaN();
});

test('shows attached text as it was: the audit receipts', async () => {
  const content = JSON.stringify({ kind: 'receipt', heads: [] }, null, 2);
  await createTransport(mailbox.smtpUrl).sendMail({ from: 'oversight@localhost', to: 'ada@cro.example', subject: 'receipt', text: 'keep it', attachments: [{ filename: 'receipt.json', content }] });
  expect((await get())[0]).toMatchObject({ text: 'keep it\n', attachments: [{ filename: 'receipt.json', content }] });
});

test('filters by recipient, in any case', async () => {
  await send('ada@cro.example', 'one');
  await send('bo@sponsor.example', 'two');
  expect((await get('?to=BO@sponsor.example')).map((mail) => mail.subject)).toEqual(['two']);
  expect(await get('?to=nobody@sponsor.example')).toEqual([]);
});

test('keeps mails over a restart, in order, under the same ids', async () => {
  await send('ada@cro.example', 'before');
  const before = await get();
  await mailbox.close();
  mailbox = await startMailbox({ folder, smtpPort: 0, httpPort: 0 });
  expect(await get()).toEqual(before);
  await send('ada@cro.example', 'after');
  expect((await get()).map((mail) => mail.subject)).toEqual(['before', 'after']);
});
