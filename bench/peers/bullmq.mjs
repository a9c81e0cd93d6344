import { Queue, Worker } from 'bullmq';
import IORedis from 'ioredis';
import { LEVELS, LEVEL_MS } from './case.mjs';

const QUEUE = 'lapse';
/** After this a job of a dead worker is given to another, ms. */
const LOCK_MS = 5000;

/** A job queue in Redis: the state of a case is a hash of our own, each timer a delayed job. */
export const bullmq = {
  name: 'BullMQ 6.7.0',
  server: 'redis',
  keeps: 'the last state only; up to a second of it may be lost',

  async open({ host, port, tell }) {
    const connection = new IORedis({ host, port, maxRetriesPerRequest: null });
    const queue = new Queue(QUEUE, { connection });
    const later = (caseId, level, due) => queue.add('lapse', { caseId, level, due }, { delay: Math.max(0, due - Date.now()), jobId: `${caseId}-${level}`, removeOnComplete: true });
    const worker = new Worker(QUEUE, async ({ data: { caseId, level, due } }) => {
      // Only one wins: an acknowledgement or this level.
      if (await connection.hget(`case:${caseId}`, 'acknowledged')) return;
      await connection.hset(`case:${caseId}`, 'level', level);
      tell(caseId, level, due);
      if (level < LEVELS) await later(caseId, level + 1, due + LEVEL_MS);
    }, { connection: connection.duplicate(), concurrency: 50, lockDuration: LOCK_MS, stalledInterval: 2000, maxStalledCount: 10 });
    await worker.waitUntilReady();
    return {
      async start(caseId) {
        const now = Date.now();
        await connection.hset(`case:${caseId}`, 'level', 1);
        tell(caseId, 1, now);
        await later(caseId, 2, now + LEVEL_MS);
      },
      async acknowledge(caseId) { await connection.hset(`case:${caseId}`, 'acknowledged', Date.now()); },
    };
  },
};
