import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { epochMsOf, instantOf } from '../../contracts/instant';
import type { SendableCommand } from '../../contracts/command';
import type { Policy } from '../../contracts/policy';
import { actorInterceptors } from '../../platform/clientInterceptors';
import { createCommandSender } from '../../platform/commandGateway';
import { createDataConverter } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import { deliverCommand, type DeliveryDeps } from '../../store/commandDelivery';
import { bodyHashOf, receiveCommand } from '../../store/commands';
import type { StepDoc } from '../../store/schemas/records';
import { CRO, personOf, seedCast } from '../../test/support/cast';
import { engines } from '../../test/support/engines';
import { openMailbox } from '../../test/support/letters';
import { freshStore } from '../../test/support/mongo';
import { actorFor, openingCommand, policyOf } from '../../test/support/world';
import type { WorkerPlan } from '../../test/faults/support/childWorker';
import { residentKib, startChild, type Child } from './children';
import { CASE, type Subject } from './subject';

const KEYS_FILE = path.join(__dirname, '../../test/support/test-keys.json');
const WITHIN_MS = 120_000;

/** A ladder of the case's levels and nothing beside them: no warnings, no repeats. */
function ladderOf(levelMs: number): Policy {
  return policyOf('demo', (policy) => {
    const calm = { kind: 'calendar' as const, ms: 30 * 86_400_000 };
    const plain = (ladder: Policy['ladders']['major']) => ({
      ...ladder, levels: ladder.levels.slice(0, CASE.levels).map((level) => ({ ...level, acknowledgeWithin: { kind: 'calendar' as const, ms: levelMs } })),
      repeats: 0, warnAt: [], progressWithin: calm, resolveWithin: calm, reviewWithin: calm,
    });
    const { critical, major, minor } = policy.ladders;
    return { ...policy, ladders: { critical: plain(critical), major: plain(major), minor: plain(minor) } };
  });
}

/** The whole product from the stored command on: encryption, transactions, audit chain, letters. One track, so that the work is the bare case's. */
export async function openProduct(temporalAddress: string): Promise<Subject> {
  const fresh = await freshStore();
  const { store } = fresh;
  await seedCast(store);
  const mailbox = await openMailbox();
  const taskQueue = `bench-${randomUUID()}`;
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection, dataConverter: createDataConverter(openKeyRing(KEYS_FILE)), interceptors: actorInterceptors });
  const deps: DeliveryDeps = { store, send: createCommandSender({ client, taskQueue }), now: () => instantOf(Date.now()) };
  const plan: WorkerPlan = { temporalAddress, taskQueue, mongodbUri: fresh.uri, smtpUrl: mailbox.url, keysFile: KEYS_FILE, bundle: engines.bundle };
  let worker: Child | undefined;

  const order = async (command: SendableCommand): Promise<void> => {
    const { command: kept } = await receiveCommand(store, { ...command, bodyHash: bodyHashOf(command.body), receivedAt: deps.now() });
    const delivered = await deliverCommand(deps, kept, WITHIN_MS);
    if (delivered.outcome === 'pending' || delivered.answer.status >= 300) throw new Error(`${command.act} came out as ${JSON.stringify(delivered)}`);
  };
  return {
    name: 'cro-oversight',
    async start(levelMs) {
      const command = openingCommand({ policy: ladderOf(levelMs), raising: CRO, accountable: CRO });
      await order(command);
      return command.recordId;
    },
    acknowledge: (caseId) => order({ _id: randomUUID(), capability: 'escalation', recordId: caseId, act: 'acknowledge', body: {}, actor: actorFor(personOf(CRO, 'study_lead')) }),
    async notices(caseIds) {
      const steps = await store.models.steps.find({ recordId: { $in: [...caseIds] }, $or: [{ act: 'open' }, { key: /^lapse\/ack\// }] }, { recordId: 1, rev: 1, at: 1, ended: 1 })
        .lean<Pick<StepDoc, 'recordId' | 'rev' | 'at' | 'ended'>[]>();
      const dueOf = new Map(steps.map(({ recordId, rev, at, ended }) => [`${recordId}/${String(rev)}`, epochMsOf(ended.find(({ outcome }) => outcome === 'fired')?.due ?? at)]));
      const told = await store.models.notices.find({ recordId: { $in: [...caseIds] }, reason: 'level', status: 'told' }, { recordId: 1, rev: 1, level: 1, toldAt: 1 }).lean();
      return told.flatMap(({ recordId, rev, level, toldAt }) => {
        const due = dueOf.get(`${recordId}/${String(rev)}`);
        return due === undefined || toldAt === null ? [] : [{ caseId: recordId, level: level ?? 0, due, at: epochMsOf(toldAt) }];
      });
    },
    async startWorker() { worker = await startChild(path.join(__dirname, '../../test/faults/support/childWorker.ts'), plan); },
    killWorker: async () => { await worker?.kill(); },
    workerKib: () => residentKib(worker?.pid ?? 0),
    async close() {
      await worker?.kill();
      await connection.close();
      await mailbox.close();
      await fresh.drop();
    },
  };
}
