import { appendFileSync } from 'node:fs';
import { bullmq } from './bullmq.mjs';
import { dbos } from './dbos.mjs';
import { pgboss } from './pgboss.mjs';

/** One engine in a process that can be killed: answers `start` and `acknowledge` that come by IPC. */
const { engine, server, noticesFile } = JSON.parse(process.argv[2]);
const tell = (caseId, level, dueAt) => { appendFileSync(noticesFile, `${caseId} ${level} ${dueAt} ${Date.now()}\n`); };
const opened = await { dbos, pgboss, bullmq }[engine].open({ ...server, tell });
process.on('message', async ({ id, act, caseId }) => {
  try {
    await opened[act](caseId);
    process.send({ id });
  } catch (error) {
    process.send({ id, error: String(error) });
  }
});
process.once('disconnect', () => process.exit(0));
process.send('ready');
