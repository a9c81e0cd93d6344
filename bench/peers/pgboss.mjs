import pg from 'pg';
import PgBoss from 'pg-boss';
import { LEVELS, LEVEL_MS } from './case.mjs';

const QUEUE = 'lapse';
const WORKERS = 4;
/** After this a job of a dead worker is given to another, s. */
const EXPIRE_SECONDS = 5;

/** A job queue in PostgreSQL: the state of a case is a row of our own, each timer a delayed job. */
export const pgboss = {
  name: 'pg-boss 10.4.2',
  server: 'postgres',
  keeps: 'the last state only',

  async open({ url, tell }) {
    const pool = new pg.Pool({ connectionString: url, max: 20 });
    await pool.query('create table if not exists cases (id text primary key, level int not null, acknowledged boolean not null default false)');
    const boss = new PgBoss({ connectionString: url, max: 20, maintenanceIntervalSeconds: 2, superviseIntervalSeconds: 2 });
    boss.on('error', () => undefined);
    await boss.start();
    await boss.createQueue(QUEUE);
    const later = (caseId, level, due) => boss.send(QUEUE, { caseId, level, due }, { startAfter: new Date(due), expireInSeconds: EXPIRE_SECONDS, retryLimit: 10 });
    for (let worker = 0; worker < WORKERS; worker += 1) {
      await boss.work(QUEUE, { pollingIntervalSeconds: 0.5, batchSize: 50 }, async (jobs) => {
        await Promise.all(jobs.map(async ({ data: { caseId, level, due } }) => {
          // Only one wins: an acknowledgement or this level.
          const won = await pool.query('update cases set level = $2 where id = $1 and level <= $2 and not acknowledged returning level', [caseId, level]);
          if (won.rowCount === 0) return;
          tell(caseId, level, due);
          if (level < LEVELS) await later(caseId, level + 1, due + LEVEL_MS);
        }));
      });
    }
    return {
      async start(caseId) {
        const now = Date.now();
        await pool.query('insert into cases (id, level) values ($1, 1)', [caseId]);
        tell(caseId, 1, now);
        await later(caseId, 2, now + LEVEL_MS);
      },
      async acknowledge(caseId) { await pool.query('update cases set acknowledged = true where id = $1', [caseId]); },
    };
  },
};
