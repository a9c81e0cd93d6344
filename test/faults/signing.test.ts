import type { Mongod } from '../../dev/engines/mongod';
import type { SignatureDoc, SigningGrantDoc } from '../../store/schemas/signatures';
import type { RecordDoc } from '../../store/schemas/records';
import { verifyStore } from '../support/verified';
import { seedCast, SPONSOR } from '../support/cast';
import { committing } from '../support/committing';
import { privateMongod, type Private } from '../support/engines';
import { freshStore, type FreshStore } from '../support/mongo';
import { AT, opening, PLAN, SIGNER, signedStep } from '../support/signedSteps';
import { giveGrantFor } from '../support/signing';
import { eventually } from '../support/world';
import { startSignerProcess } from './support/children';
import { cleanups, startAgain } from './support/engines';

const RECORDS = 300;
/** Kills of the committing process, and of mongod, at moments that nobody chose. */
const KILLS = 6;
const MONGOD_KILLS = 2;
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** What each record has of its one signed step. */
interface Found {
  readonly changed: readonly string[];
  readonly signed: readonly string[];
  readonly used: readonly string[];
}

describe('the committing process and mongod are killed while steps are signed', () => {
  const cleanup = cleanups();
  let mongod: Private<Mongod>;
  let fresh: FreshStore;
  const signings: { readonly recordId: string; readonly grantId: string }[] = [];

  beforeAll(async () => {
    mongod = await privateMongod();
    cleanup.add(mongod.discard);
    fresh = await freshStore(mongod.engine.adminUri);
    cleanup.add(() => fresh.drop());
    await seedCast(fresh.store);
    const commit = committing(fresh.store, () => AT);
    for (let n = 1; n <= RECORDS; n += 1) {
      const recordId = `rec-${String(n)}`;
      await commit(opening(recordId).request);
      signings.push({ recordId, grantId: await giveGrantFor(fresh.store, { recordId, act: 'comment', signable: PLAN, personId: SIGNER, organisationId: SPONSOR, at: AT }) });
    }
  });
  afterAll(cleanup.run);

  const foundNow = async (): Promise<Found> => {
    const [records, signatures, grants] = await Promise.all([
      fresh.admin.main.collection<RecordDoc>('records').find({ rev: 2 }).sort({ _id: 1 }).toArray(),
      fresh.admin.audit.collection<SignatureDoc>('signatures').find().sort({ recordId: 1 }).toArray(),
      fresh.admin.main.collection<SigningGrantDoc>('signing_grants').find({ usedAt: { $ne: null } }).sort({ recordId: 1 }).toArray(),
    ]);
    return { changed: records.map(({ _id }) => _id), signed: signatures.map(({ recordId }) => recordId), used: grants.map(({ recordId }) => recordId) };
  };

  const signedSoFar = () => fresh.admin.audit.collection('signatures').countDocuments();

  it('P7 P6 never leaves a signature without its change, a change without its signature, nor two', async () => {
    const plan = { mongodbUri: fresh.uri, signings };
    const between: number[] = [];
    for (let kill = 1; kill <= KILLS + MONGOD_KILLS; kill += 1) {
      const before = await signedSoFar();
      const signer = await startSignerProcess({ ...plan, signings: signings.slice(between.at(-1) ?? 0) });
      // A loaded machine may need longer than any pause until the first of this round is signed.
      await eventually(`more than ${String(before)} have signed`, async () => (await signedSoFar()) > before);
      await pause(Math.random() * 100);
      if (kill % 4 === 0) {
        await mongod.engine.process.kill();
        await pause(300);
        await startAgain(mongod.engine);
      }
      await signer.kill();
      const { changed, signed, used } = await foundNow();
      expect([signed, used]).toEqual([changed, changed]);
      between.push(Math.max(0, changed.length - 1));
    }
    // The kills fell where something was under way, not before or after everything.
    expect(new Set(between).size).toBeGreaterThan(2);
    const last = await startSignerProcess(plan);
    await last.ended;
    const { changed, signed, used } = await foundNow();
    expect([changed.length, signed, used]).toEqual([RECORDS, changed, changed]);
    expect((await verifyStore(fresh.store)).findings).toEqual([]);
    // Asked once more long after, a commit that was answered finds its answer.
    const commit = committing(fresh.store, () => AT);
    const [first] = signings;
    expect(first && await commit(signedStep(opening(first.recordId).record, first.grantId))).toMatchObject({ outcome: 'applied', rev: 2 });
  });
});
