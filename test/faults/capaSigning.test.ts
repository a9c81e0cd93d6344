import { randomUUID } from 'node:crypto';
import type { SendableCommand } from '../../contracts/command';
import type { CapaState } from '../../contracts/capaState';
import { CAPA } from '../../contracts/capaWords';
import { instantOf, plusMs } from '../../contracts/instant';
import type { Json } from '../../contracts/step';
import type { Mongod } from '../../dev/engines/mongod';
import { capa } from '../../domain/capa/machine';
import { prepareCapa } from '../../store/capaOpening';
import { verifyStore } from '../support/verified';
import { FAILED_RESTORE, PARTS } from '../support/capaStory';
import { SPONSOR } from '../support/cast';
import { privateMongod, type Private } from '../support/engines';
import { giveGrantFor } from '../support/signing';
import { actorFor, eventually } from '../support/world';
import { cleanups, ownTemporal, startAgain } from './support/engines';
import { openSite, type Site } from './support/site';

const CAPAS = 40;
/** The worker is killed in each round, as soon as signing has gone on a little; mongod, before it, in every other one. */
const ROUNDS = 4;
/** Grants that outlive the kills: what expires is refused, which signing.test.ts of the API shows. */
const LASTS_MS = 600_000;
const now = () => instantOf(Date.now());

/** Whole CAPAs on real engines; commit by itself is killed far more often in signing.test.ts. */
describe('worker and mongod are killed while people sign', () => {
  const cleanup = cleanups();
  let site: Site;
  let mongod: Private<Mongod>;
  const ids: string[] = [];

  beforeAll(async () => {
    mongod = await privateMongod();
    cleanup.add(mongod.discard);
    const temporal = await ownTemporal();
    cleanup.add(temporal.discard);
    site = await openSite({ temporalAddress: temporal.engine.address, mongodbAdminUri: mongod.engine.adminUri });
    cleanup.add(site.close);
    const worker = await site.startWorker();
    ids.push(...await Promise.all(Array.from({ length: CAPAS }, () => proposedCapa(site))));
    await worker.kill();
  });
  afterAll(cleanup.run);

  const foundNow = async () => {
    const { records, signatures, signingGrants } = site.store.models;
    const of = { $in: ids };
    const [changed, signed, used] = await Promise.all([
      records.find({ _id: of, status: 'rejected' }).sort({ _id: 1 }).lean(),
      signatures.find({ recordId: of }).sort({ recordId: 1 }).lean(),
      signingGrants.find({ recordId: of, usedAt: { $ne: null } }).sort({ recordId: 1 }).lean(),
    ]);
    return { changed: changed.map(({ _id }) => _id), signed: signed.map(({ recordId }) => recordId), used: used.map(({ recordId }) => recordId) };
  };
  const soundNow = async (): Promise<number> => {
    const { changed, signed, used } = await foundNow();
    expect([signed, used]).toEqual([changed, changed]);
    return changed.length;
  };

  it('P7 never leaves a signature without its change, nor a change without its signature', async () => {
    const orders = await Promise.all(ids.map((id) => signedRejection(site, id)));
    for (const order of orders) await site.keep(order);
    const sending = sendUntilAnswered(site);
    let worker = await site.startWorker();
    const between: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const before = between.at(-1) ?? 0;
      // What a killed worker had begun is given to the next one when its time is up, 10 to 15 s.
      await eventually(`more than ${before} have signed`, async () => (await site.store.models.signatures.countDocuments({ recordId: { $in: ids } })) > before, 40_000);
      if (round % 2 === 0) {
        await mongod.engine.process.kill();
        await startAgain(mongod.engine);
      }
      // With nobody at work the three collections stand still while they are read.
      await worker.kill();
      between.push(await soundNow());
      worker = await site.startWorker();
    }
    await sending;
    // The kills fell where something was under way.
    expect(between.filter((signed) => signed > 0 && signed < CAPAS).length).toBeGreaterThan(1);
    expect(await Promise.all(orders.map(async ({ _id }) => (await site.command(_id)).answer?.status))).toEqual(orders.map(() => 200));
    expect(await soundNow()).toBe(CAPAS);
    expect(await verifyStore(site.store)).toMatchObject({ intact: true, findings: [] });
  });
});

/** As housekeeping does; while mongod is down it fails, and goes on after. */
async function sendUntilAnswered(site: Site): Promise<void> {
  while (!await site.settleCommands().then(() => true, () => false));
}

async function ordered(site: Site, command: SendableCommand): Promise<void> {
  const delivered = await site.order(command);
  if (delivered.outcome !== 'answered' || delivered.answer.status >= 400) throw new Error(JSON.stringify(delivered));
}

const personsAct = (recordId: string, by: string, { act, body }: { act: string; body: Json }): SendableCommand => ({ _id: randomUUID(), capability: CAPA.capability, recordId, act, body, actor: actorFor(by) });

/** A CAPA whose rejection waits for its second person; answers its id. */
async function proposedCapa(site: Site): Promise<string> {
  const prepared = await prepareCapa(site.store, { request: FAILED_RESTORE, actor: actorFor(PARTS.verifier), commandId: randomUUID(), at: now() });
  if (!('fresh' in prepared)) throw new Error('the opening is known');
  const { fresh } = prepared;
  await ordered(site, fresh);
  await ordered(site, personsAct(fresh.recordId, PARTS.croQuality, { act: 'propose', body: { what: 'rejection', reason: 'no CAPA' } }));
  return fresh.recordId;
}

async function signedRejection(site: Site, recordId: string): Promise<SendableCommand> {
  const signable = capa.signable((await site.issue(recordId)).state as unknown as CapaState, 'reject');
  if (!signable) throw new Error('nothing to sign');
  const at = now();
  const signature = await giveGrantFor(site.store, { recordId, act: 'reject', signable, personId: PARTS.sponsorQuality, organisationId: SPONSOR, at, meaning: 'rejection' }, { expiresAt: plusMs(at, LASTS_MS) });
  return personsAct(recordId, PARTS.sponsorQuality, { act: 'reject', body: { signature } });
}
