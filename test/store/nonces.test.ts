import { NONCE_KEPT_MS, SIGNATURE_TOLERANCE_MS } from '../../contracts/hooks';
import { epochMsOf, instantOf } from '../../contracts/instant';
import { releaseNonce, takeNonce } from '../../store/nonces';
import { organisationsOfStreams } from '../../store/streamOwners';
import { freshStore, type FreshStore } from '../support/mongo';

const NOW = instantOf(Date.UTC(2026, 10, 22, 8));

describe('seen messages', () => {
  let fresh: FreshStore;
  beforeAll(async () => {
    fresh = await freshStore();
  });
  afterAll(() => fresh.drop());

  const take = (sourceId: string, messageId: string, signedAtS = 1) => takeNonce(fresh.store, { sourceId, messageId, signedAtS }, NOW);

  test('P12 a message is taken once per source, id and second, however many take it at a time', async () => {
    const taken = await Promise.all(Array.from({ length: 20 }, () => take('s1', 'm1')));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect([await take('s1', 'm1', 2), await take('s1', 'm2'), await take('s2', 'm1'), await take('s1', 'm1')]).toEqual([true, true, true, false]);
    // The parts do not run into one another.
    expect([await take('a', 'b,1'), await take('a,b', '1')]).toEqual([true, true]);
  });

  test('P12 a nonce is kept at least twice the tolerance, and then MongoDB forgets it', async () => {
    expect(NONCE_KEPT_MS).toBeGreaterThanOrEqual(2 * SIGNATURE_TOLERANCE_MS);
    await take('s3', 'm');
    const kept = await fresh.store.models.nonces.find({}).lean();
    expect(kept.every(({ expiresAt }) => expiresAt.getTime() === epochMsOf(NOW) + NONCE_KEPT_MS)).toBe(true);
    expect(await fresh.admin.main.collection('nonces').indexes()).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  });

  test('a message that could not be acted on may come again', async () => {
    await take('s4', 'm');
    await releaseNonce(fresh.store, { sourceId: 's4', messageId: 'm', signedAtS: 1 });
    expect(await take('s4', 'm')).toBe(true);
  });

  test('P2 the streams of a source belong to the organisation that it raises for; those of unknown sources to nobody', async () => {
    await fresh.admin.main.collection<{ _id: string }>('sources').insertOne({ _id: 'src', organisationId: 'spo' } as never);
    expect(Object.fromEntries(await organisationsOfStreams(fresh.store, ['source/src', 'refusals/source/src', 'refusals/source/unknown'])))
      .toEqual({ 'source/src': ['spo'], 'refusals/source/src': ['spo'], 'refusals/source/unknown': [] });
  });
});
