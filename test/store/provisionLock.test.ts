import { whileAlone } from '../../store/provisionLock';
import { freshStore, type FreshStore } from '../support/mongo';

describe('the lock of provisioning', () => {
  let fresh: FreshStore;
  beforeAll(async () => { fresh = await freshStore(); });
  afterAll(() => fresh.drop());
  const locks = () => fresh.admin.main.collection<{ _id: string }>('provisioning_lock');

  it('lets one in at a time, however many come at the same moment', async () => {
    let inside = 0;
    let most = 0;
    const done = await Promise.all(Array.from({ length: 6 }, async (_, index) => whileAlone(fresh.admin.main, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside -= 1;
      return index;
    })));
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(1);
    expect(await locks().countDocuments()).toBe(0);
  });

  it('is free again after work that failed', async () => {
    await expect(whileAlone(fresh.admin.main, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await whileAlone(fresh.admin.main, () => Promise.resolve('in'))).toBe('in');
  });

  it('is taken from a holder that has died', async () => {
    await locks().insertOne({ _id: 'provisioning', holder: 'dead', takenAt: new Date(Date.now() - 31_000) } as never);
    expect(await whileAlone(fresh.admin.main, () => Promise.resolve('in'))).toBe('in');
  });
});
