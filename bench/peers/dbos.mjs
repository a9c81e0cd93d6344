import { DBOS } from '@dbos-inc/dbos-sdk';
import { LEVELS, LEVEL_MS } from './case.mjs';

/** Durable workflows in PostgreSQL: a checkpoint per step; recovery runs them again from their checkpoints. */
export const dbos = {
  name: 'DBOS Transact 5.3.0',
  server: 'postgres',
  keeps: 'a checkpoint per step',

  async open({ url, tell }) {
    DBOS.setConfig({ name: 'peers', systemDatabaseUrl: url, logLevel: 'error', runAdminServer: false, systemDatabasePoolSize: 20 });
    const escalate = DBOS.registerWorkflow(async (caseId, openedAt) => {
      let due = openedAt;
      for (let level = 1; level <= LEVELS; level += 1) {
        await DBOS.runStep(() => Promise.resolve(tell(caseId, level, due)), { name: `tell${level}` });
        const acknowledged = await DBOS.recv('ack', LEVEL_MS / 1000);
        if (acknowledged) return level;
        due += LEVEL_MS;
      }
      return 0;
    }, { name: 'escalate' });
    await DBOS.launch();
    return {
      start: async (caseId) => { await DBOS.startWorkflow(escalate, { workflowID: caseId })(caseId, Date.now()); },
      acknowledge: (caseId) => DBOS.send(caseId, true, 'ack'),
    };
  },
};
