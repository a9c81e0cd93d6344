import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { Webhook } from 'standardwebhooks';
import type { OutboundMessage } from '../../contracts/channels';
import { instantOf } from '../../contracts/instant';
import { isNetwork, outboundRule } from '../../platform/outboundNetworks';
import { createWebhookSender, newWebhookSecret } from '../../platform/webhooks';
import { openReceiver, THIS_MACHINE, type Receiver } from '../support/receiver';

const now = () => instantOf(Date.now());

describe('signed messages', () => {
  let receiver: Receiver;
  beforeEach(async () => { receiver = await openReceiver(); });
  afterEach(() => receiver.close());
  const sender = createWebhookSender({ allowedNetworks: THIS_MACHINE, totalMs: 500 });
  const message = (more: Partial<OutboundMessage> = {}): OutboundMessage => ({ url: `${receiver.url}/hook`, id: 'm1', at: now(), body: '{"a":1}', secrets: [newWebhookSecret()], ...more });

  test('E10 a receiver verifies them with the Standard Webhooks library, with the old and with the new secret', async () => {
    const [fresh, old] = [newWebhookSecret(), newWebhookSecret()];
    expect(await sender.post(message({ secrets: [fresh, old] }))).toEqual({ outcome: 'accepted' });
    const [taken] = receiver.received;
    const headers = Object.fromEntries(Object.entries(taken?.headers ?? {}).map(([name, value]) => [name, String(value)]));
    for (const secret of [fresh, old]) expect(new Webhook(secret).verify(taken?.body ?? '', headers)).toEqual({ a: 1 });
    expect(() => new Webhook(newWebhookSecret()).verify(taken?.body ?? '', headers)).toThrow('No matching signature');
    expect(() => new Webhook(fresh).verify('{"a":2}', headers)).toThrow('No matching signature');
    expect(taken).toMatchObject({ path: '/hook', headers: { 'webhook-id': 'm1', 'content-type': 'application/json' } });
  });

  test.each([
    [200, 'accepted'], [202, 'accepted'], [301, 'rejected'], [307, 'rejected'], [400, 'rejected'], [401, 'rejected'], [404, 'rejected'], [408, 'deferred'], [410, 'rejected'], [429, 'deferred'], [500, 'deferred'], [503, 'deferred'],
  ])('E10 an answer of %i is %s', async (status, outcome) => {
    receiver.answer((response) => response.writeHead(status, { location: `${receiver.url}/elsewhere` }).end('a body that nobody reads'));
    expect(await sender.post(message())).toMatchObject({ outcome });
    // A redirect is not followed: what is signed for one receiver is not handed to another.
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  test('E10 a receiver that cannot be reached was surely not told', async () => {
    await receiver.close();
    expect(await sender.post(message())).toEqual({ outcome: 'deferred', reason: 'the receiver cannot be reached (ECONNREFUSED)' });
  });

  test('E10 a name that leads inside and a name that there is not are answered with the same words', async () => {
    // Resolved by this machine's own hosts file; no rule of names knows it.
    const inside = createWebhookSender({ allowedNetworks: ['192.0.2.0/24'], totalMs: 500 });
    const [refused, unknown] = [await inside.post(message({ url: `https://${hostname()}/` })), await inside.post(message({ url: 'https://does-not-exist.invalid/' }))];
    expect(refused).toEqual(unknown);
    expect(unknown).toEqual({ outcome: 'deferred', reason: 'the name leads to no address that this installation may call' });
  });

  test('E10 of a receiver that takes the message and does not answer nobody knows; the attempt ends in time', async () => {
    receiver.answer(() => undefined);
    const begun = Date.now();
    await expect(sender.post(message())).rejects.toThrow('the receiver did not answer (timeout)');
    expect(Date.now() - begun).toBeLessThan(3000);
    receiver.answer((response) => { response.destroy(); });
    await expect(sender.post(message())).rejects.toThrow('the receiver did not answer (ECONNRESET)');
  });

  test('E10 a server that never completes the handshake was not told', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    expect(await sender.post(message({ url: `https://127.0.0.1:${String(port)}/` }))).toMatchObject({ outcome: 'deferred', reason: 'the receiver cannot be reached (timeout)' });
    silent.close();
  });

  test('E10 addresses inside are never called, by number or by name, unless the installation allows them', async () => {
    const strict = createWebhookSender({ totalMs: 500 });
    const refused = { outcome: 'rejected', reason: 'the address lies in a network that this installation does not allow' };
    const { port } = new URL(receiver.url);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0x7f000001', '[::ffff:127.0.0.1]']) {
      expect([host, await strict.post(message({ url: `http://${host}:${port}/hook` }))]).toEqual([host, expect.objectContaining({ outcome: 'rejected' })]);
    }
    expect(await strict.post(message({ url: `https://localhost:${port}/` }))).toEqual(refused);
    expect(await strict.post(message({ url: 'https://169.254.169.254/latest/meta-data' }))).toEqual(refused);
    expect(await sender.post(message({ url: 'http://192.0.2.1/' }))).toEqual({ outcome: 'rejected', reason: 'only https leaves this machine' });
    expect(await sender.post(message({ url: 'https://user:word@example.org/' }))).toMatchObject({ outcome: 'rejected' });
    expect(await sender.post(message({ url: 'file:///etc/passwd' }))).toMatchObject({ outcome: 'rejected' });
    expect(receiver.received).toEqual([]);
    expect(await sender.post(message({ url: `http://localhost:${port}/hook` }))).toEqual({ outcome: 'accepted' });
  });
});

const SPECIAL_NETWORKS = [
  ['0.0.0.0/8', '0.0.0.1', '0.255.255.255'], ['192.0.0.0/24', '192.0.0.0', '192.0.0.255'], ['192.31.196.0/24', '192.31.196.0', '192.31.196.255'],
  ['192.52.193.0/24', '192.52.193.0', '192.52.193.255'], ['192.175.48.0/24', '192.175.48.0', '192.175.48.255'], ['198.18.0.0/15', '198.18.0.0', '198.19.255.255'],
  ['198.51.100.0/24', '198.51.100.0', '198.51.100.255'], ['203.0.113.0/24', '203.0.113.0', '203.0.113.255'], ['240.0.0.0/4', '240.0.0.0', '255.255.255.255'],
  ['::/96', '::2', '::ffff:ffff'], ['::ffff:0:0:0/96', '::ffff:0:0:0', '::ffff:0:ffff:ffff'], ['64:ff9b:1::/48', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  ['100::/64', '100::', '100::ffff:ffff:ffff:ffff'], ['100:0:0:1::/64', '100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff'], ['2001::/23', '2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2001:db8::/32', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'], ['2620:4f:8000::/48', '2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff'],
  ['3fff::/20', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'], ['5f00::/16', '5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], ['fc00::/7', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
] as const;

describe('networks that webhooks may reach', () => {
  const rule = outboundRule(['10.20.0.0/16']);
  const refused = (address: string) => rule.refuse(address, { encrypted: true }) !== undefined;
  test.each(['10.0.0.1', '10.21.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '0.0.0.0', '255.255.255.255', '224.0.0.1', '::', '::1', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::a00:1', '2002:a00:1::1', 'not-an-address'])('E10 %s is refused', (address) => {
    expect(refused(address)).toBe(true);
  });
  // Registries of IANA, whole: each network by its first and its last address.
  test.each(SPECIAL_NETWORKS)('E10 nothing of %s is called', (_network, first, last) => {
    expect([first, last].filter((address) => !rule.refuse(address, { encrypted: true }))).toEqual([]);
  });
  test.each(['https://intranet/', 'https://db.internal/', 'https://printer.local./', 'https://x.home.arpa/', 'https://nobody.invalid/', 'https://localhost/', 'http://hooks.example.org/', 'https://10.0.0.1/', 'https://[fd00::1]/', 'https://a:b@hooks.example.org/', 'ftp://hooks.example.org/'])('E10 %s is refused before anybody asks for its name', (url) => {
    expect(outboundRule([]).refuseUrl(new URL(url))).toEqual(expect.any(String));
  });
  test.each(['https://hooks.example.org/a?b=c', 'https://8.8.8.8/', 'https://localhost.example.org/'])('E10 %s may be stored', (url) => {
    expect(outboundRule([]).refuseUrl(new URL(url))).toBeUndefined();
  });
  test.each(['10.20.0.1', '8.8.8.8', '::ffff:8.8.8.8', '172.32.0.1', '2606:4700::1'])('E10 %s is allowed', (address) => {
    expect(refused(address)).toBe(false);
  });
  test('a network is written in CIDR form', () => {
    expect(['10.0.0.0/8', '::1/128'].every(isNetwork)).toBe(true);
    expect(['10.0.0.0', '10.0.0.0/33', 'a/8', '', '10.0.0.0/'].some(isNetwork)).toBe(false);
    expect(() => outboundRule(['10.0.0.0/99'])).toThrow(RangeError);
  });
});
