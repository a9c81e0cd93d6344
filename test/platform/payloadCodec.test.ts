import { createSecretKey, randomBytes } from 'node:crypto';
import path from 'node:path';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import fc from 'fast-check';
import { openKeyRing, type KeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';

const codec = createPayloadCodec(openKeyRing(path.join(__dirname, '..', 'support', 'test-keys.json')));

function ringOf(active: string, keys: Record<string, Buffer>): KeyRing {
  const find = (id: string) => (keys[id] === undefined ? undefined : createSecretKey(keys[id]));
  const key = find(active);
  if (key === undefined) throw new Error(`no key ${active}`);
  return { active: { id: active, key }, find };
}

async function sealed(value: unknown, by = codec): Promise<Payload> {
  const [payload] = await by.encode([defaultPayloadConverter.toPayload(value)]);
  if (payload === undefined) throw new Error('nothing encoded');
  return payload;
}

async function opened(payload: Payload, by = codec): Promise<unknown> {
  const [plain] = await by.decode([payload]);
  if (plain === undefined) throw new Error('nothing decoded');
  return defaultPayloadConverter.fromPayload(plain);
}

const PLAIN = { refusedPayload: 'plain' };
const ALTERED = { refusedPayload: 'altered' };
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('latin1');

describe('payload codec', () => {
  test('any JSON value comes back', async () => {
    await fc.assert(fc.asyncProperty(fc.jsonValue(), async (value) => {
      expect(await opened(await sealed(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }));
  });

  test('bytes, undefined and metadata of their own come back', async () => {
    expect(await opened(await sealed(undefined))).toBeUndefined();
    expect(await opened(await sealed(Uint8Array.of(0, 255, 1)))).toEqual(Buffer.of(0, 255, 1));
    const own: Payload = { metadata: { encoding: Buffer.from('json/plain'), note: Buffer.from('kept') }, data: Buffer.from('1') };
    const [back] = await codec.decode(await codec.encode([own]));
    expect(text(back?.metadata?.['note'])).toBe('kept');
  });

  test('the wire shows the key id and nothing of the content or its encoding', async () => {
    const payload = await sealed({ person: 'Grace Hopper' });
    expect(Object.fromEntries(Object.entries(payload.metadata ?? {}).map(([k, v]) => [k, text(v)])))
      .toEqual({ encoding: 'binary/encrypted', 'encryption-key-id': 'test-2', 'sealed-for': '' });
    expect(text(payload.data)).not.toMatch(/Grace|json\/plain/);
  });

  test('the same text never has the same IV', async () => {
    const payloads = await Promise.all(Array.from({ length: 200 }, async () => sealed('same')));
    expect(new Set(payloads.map((payload) => text(payload.data?.subarray(0, 12)))).size).toBe(200);
  });

  test('changing any single byte is noticed', async () => {
    const payload = await sealed('x');
    const data = Buffer.from(payload.data ?? []);
    for (let at = 0; at < data.length; at += 1) {
      const changed = Buffer.from(data);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await opened({ ...payload, data: changed })).toEqual(ALTERED);
    }
  });

  test.each([0, 1, 11, 12, 27, 28])('cut to %i bytes it is refused', async (length) => {
    const payload = await sealed('x');
    expect(await opened({ ...payload, data: Buffer.from(payload.data ?? []).subarray(0, length) })).toEqual(ALTERED);
  });

  test('the key id is bound: the same key bytes under another id do not decrypt', async () => {
    const key = randomBytes(32);
    const twins = createPayloadCodec(ringOf('a', { a: key, b: key }));
    const payload = await sealed('x', twins);
    const relabelled = { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from('b') } };
    expect(await opened(relabelled, twins)).toEqual(ALTERED);
  });

  test('rotation: old payloads stay readable, new ones use the new key, a retired key is named', async () => {
    const [first, second] = [randomBytes(32), randomBytes(32)];
    const before = createPayloadCodec(ringOf('k1', { k1: first }));
    const added = createPayloadCodec(ringOf('k1', { k1: first, k2: second }));
    const after = createPayloadCodec(ringOf('k2', { k1: first, k2: second }));
    const old = await sealed('old', before);
    const fresh = await sealed('fresh', after);
    expect(await opened(old, after)).toBe('old');
    expect(text(fresh.metadata?.['encryption-key-id'])).toBe('k2');
    // A process that has the key but not yet the switch reads what the others write.
    expect(await opened(fresh, added)).toBe('fresh');
    const retired = createPayloadCodec(ringOf('k2', { k2: second }));
    expect(await opened(old, retired)).toEqual({ refusedPayload: 'unknown_key' });
    // An activity's answer is waited for until the ring has the key: the run must not go another way meanwhile.
    await expect(retired.decode([old], { type: 'activity', namespace: 'default', workflowId: 'escalation/1', isLocal: false })).rejects.toThrow(/key "k1", which the key ring does not hold/);
  });

  test('P12 what nobody encrypted comes out as refused, whatever it is, and no error stops the task that carries it', async () => {
    const bare: Payload = { data: Buffer.from('1') };
    const decoded = await codec.decode([defaultPayloadConverter.toPayload({ a: 1 }), await sealed(2), bare, {}]);
    expect(decoded.map((payload) => defaultPayloadConverter.fromPayload(payload))).toEqual([PLAIN, 2, PLAIN, PLAIN]);
    expect(await codec.encode([])).toEqual([]);
  });

  test('P12 a payload is worthless in another run: the workflow that it was sealed for is bound, and cannot be renamed', async () => {
    const context = (workflowId: string) => ({ type: 'workflow', namespace: 'default', workflowId }) as const;
    const [stolen] = await codec.encode([defaultPayloadConverter.toPayload('x')], context('escalation/1'));
    if (!stolen) throw new Error('nothing encoded');
    const inRun = async (payload: Payload, workflowId: string): Promise<unknown> => defaultPayloadConverter.fromPayload((await codec.decode([payload], context(workflowId)))[0] ?? {});
    expect(await inRun(stolen, 'escalation/1')).toBe('x');
    expect(await inRun(stolen, 'escalation/2')).toEqual({ refusedPayload: 'foreign' });
    const renamed = { ...stolen, metadata: { ...stolen.metadata, 'sealed-for': Buffer.from('escalation/2') } };
    expect(await inRun(renamed, 'escalation/2')).toEqual(ALTERED);
    const { 'sealed-for': _, ...older } = stolen.metadata ?? {};
    expect(await inRun({ ...stolen, metadata: older }, 'escalation/2')).toEqual(ALTERED);
  });

  test('what WebCrypto sealed to the same layout opens: other tools can read and write it', async () => {
    const bytes = randomBytes(32);
    const iv = randomBytes(12);
    const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt']);
    // A serialised payload: field 1 (metadata) { encoding: json/plain }, field 2 (data) `7`.
    const payload = Buffer.concat([Buffer.of(0x0a, 22, 0x0a, 8), Buffer.from('encoding'), Buffer.of(0x12, 10), Buffer.from('json/plain'), Buffer.of(0x12, 1), Buffer.from('7')]);
    const data = Buffer.from(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: Buffer.from('temporal-payload:w') }, key, payload));
    const metadata = { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from('w') };
    expect(await opened({ metadata, data: Buffer.concat([iv, data]) }, createPayloadCodec(ringOf('w', { w: bytes })))).toBe(7);
  });
});
