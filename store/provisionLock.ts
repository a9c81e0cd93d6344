import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { isDuplicateKey } from './duplicateKey';

interface LockDoc {
  readonly _id: string;
  readonly holder: string;
  readonly takenAt: Date;
}

const LOCK = 'provisioning';
/** A holder says again and again that it lives; after this silence it is taken for dead, ms. */
const STALE_MS = 30_000;
const RENEW_MS = 10_000;
const LOOK_AGAIN_MS = 250;

/**
 * Runs `work` while no other process provisions this database. migrate-mongo looks for its lock and
 * then takes it, so two that start at the same moment both pass; here a unique key decides.
 */
export async function whileAlone<T>(db: mongo.Db, work: () => Promise<T>): Promise<T> {
  const locks = db.collection<LockDoc>('provisioning_lock');
  const holder = randomUUID();
  while (!(await taken(locks, holder))) await sleep(LOOK_AGAIN_MS);
  const renewing = setInterval(() => { locks.updateOne({ _id: LOCK, holder }, { $set: { takenAt: new Date() } }).catch(() => undefined); }, RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await locks.deleteOne({ _id: LOCK, holder });
  }
}

async function taken(locks: mongo.Collection<LockDoc>, holder: string): Promise<boolean> {
  try {
    const dead = new Date(Date.now() - STALE_MS);
    await locks.updateOne({ _id: LOCK, takenAt: { $lt: dead } }, { $set: { holder, takenAt: new Date() } }, { upsert: true });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
