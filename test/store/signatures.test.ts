import { instantOf, plusMs, type Instant } from '../../contracts/instant';
import type { SigningGrant } from '../../contracts/signature';
import type { CommitRequest, CommitResult } from '../../contracts/step';
import { verifies } from '../../domain/signature/standing';
import { readChain } from '../../store/auditLog';
import { signaturesOf } from '../../store/signatures';
import { verifyStore } from '../support/verified';
import { personOf, seedCast, SPONSOR } from '../support/cast';
import { committing } from '../support/committing';
import { freshStore, type FreshStore } from '../support/mongo';
import { AT, opening, PLAN, signedStep, SIGNER, type OpenedRecord } from '../support/signedSteps';
import { giveGrantFor } from '../support/signing';

const TIMEOUT_MS = 60_000;

describe('a signed step', () => {
  let fresh: FreshStore;
  let now: Instant = AT;
  let records = 0;
  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
  }, TIMEOUT_MS);
  afterAll(() => fresh.drop(), TIMEOUT_MS);
  beforeEach(() => { now = AT; });

  const commit = (request: CommitRequest): Promise<CommitResult> => committing(fresh.store, () => now)(request);
  const open = async (): Promise<OpenedRecord> => {
    const { record, request } = opening(`rec-${String((records += 1))}`);
    expect((await commit(request)).outcome).toBe('applied');
    return record;
  };
  const grantFor = (recordId: string, more: Partial<SigningGrant> = {}): Promise<string> =>
    giveGrantFor(fresh.store, { recordId, act: 'comment', signable: PLAN, personId: SIGNER, organisationId: SPONSOR, at: AT }, more);
  const isUsed = async (grantId: string) => (await fresh.store.models.signingGrants.findById(grantId).lean())?.usedAt !== null;
  const revOf = async (id: string) => (await fresh.store.models.records.findById(id).lean())?.rev;

  it('P5 P6 writes signature, change and audit entry at once, with name, role, organisation, meaning, instant, zone, version and hash', async () => {
    const record = await open();
    const { id } = record;
    const grantId = await grantFor(id, { signedAt: plusMs(AT, -20_000) });
    expect(await commit(signedStep(record, grantId))).toMatchObject({ outcome: 'applied', rev: 2 });
    const signed = {
      rev: 2, act: 'comment', subject: 'plan', version: 1, meaning: 'approval', personId: SIGNER, printedName: `Name of ${SIGNER}`, role: 'quality',
      organisationId: SPONSOR, organisationName: SPONSOR, signedAt: plusMs(AT, -20_000), zone: 'Europe/Zurich',
    };
    const signatures = await signaturesOf(fresh.store, id);
    expect(signatures).toMatchObject([{ id: grantId, recordId: id, ...signed }]);
    expect(signatures.every((signature) => verifies(signature, signature.content))).toBe(true);
    const entry = (await readChain(fresh.store, id, { limit: 100 })).at(-1);
    const { rev, ...said } = signed;
    expect(entry).toMatchObject({ action: 'signature.applied', rev, actor: { kind: 'person', personId: SIGNER }, detail: { signatureId: grantId, contentHash: signatures[0]?.contentHash, ...said } });
    expect(await isUsed(grantId)).toBe(true);
    expect((await verifyStore(fresh.store, { recordId: id })).intact).toBe(true);
  }, TIMEOUT_MS);

  it.each<[string, (id: string) => Promise<string>, Parameters<typeof signedStep>[2], string]>([
    ['that nobody gave', () => Promise.resolve('made-up'), {}, 'unknown'],
    ['of another person', (id) => grantFor(id, { personId: personOf(SPONSOR, 'quality_head') }), {}, 'other_person'],
    ['that has expired', (id) => grantFor(id, { expiresAt: AT }), {}, 'expired'],
    ['that was used', (id) => grantFor(id, { usedAt: AT }), {}, 'used'],
    ['of another record', () => grantFor('rec-other'), {}, 'other_record'],
    ['for another act', (id) => grantFor(id, { act: 'close' }), {}, 'other_act'],
    ['for what has changed since', (id) => grantFor(id), { signable: { ...PLAN, content: { actions: [] } } }, 'changed'],
    ['for an earlier version', (id) => grantFor(id), { signable: { ...PLAN, version: 2 } }, 'changed'],
  ])('P7 falls with a grant %s: nothing is changed, nothing used up', async (...[, grantOf, more, why]) => {
    const record = await open();
    const { id } = record;
    const before = await readChain(fresh.store, id, { limit: 100 });
    const grantId = await grantOf(id);
    const used = await isUsed(grantId);
    expect(await commit(signedStep(record, grantId, more))).toMatchObject({ outcome: 'refused', type: 'grant_invalid', extra: { why } });
    expect([await revOf(id), await readChain(fresh.store, id, { limit: 100 }), await signaturesOf(fresh.store, id), await isUsed(grantId)]).toEqual([1, before, [], used]);
    expect(await fresh.store.models.steps.countDocuments({ recordId: id })).toBe(1);
  }, TIMEOUT_MS);

  it('P7 a grant expires by the clock of the commit: one that an outage held back falls, whatever its step says', async () => {
    const record = await open();
    const { id } = record;
    const grantId = await grantFor(id);
    now = plusMs(AT, 60_000);
    expect(await commit(signedStep(record, grantId))).toMatchObject({ outcome: 'refused', extra: { why: 'expired' } });
    now = plusMs(AT, 59_999);
    expect(await commit(signedStep(record, grantId))).toMatchObject({ outcome: 'applied' });
  }, TIMEOUT_MS);

  it('P7 the same commit again finds its result; the same grant under another command falls', async () => {
    const record = await open();
    const { id } = record;
    const grantId = await grantFor(id);
    const request = signedStep(record, grantId);
    const first = await commit(request);
    now = plusMs(AT, 3_600_000);
    expect(await commit(request)).toEqual(first);
    expect(await commit(signedStep(record, grantId, { rev: 3, key: 'again' }))).toMatchObject({ outcome: 'refused', extra: { why: 'used' } });
    expect(await signaturesOf(fresh.store, id)).toHaveLength(1);
    expect(await revOf(id)).toBe(2);
  }, TIMEOUT_MS);

  it('P7 two commands at once with one grant: one signature', async () => {
    const record = await open();
    const { id } = record;
    const grantId = await grantFor(id);
    const results = await Promise.all(['a', 'b', 'c'].map((key) => commit(signedStep(record, grantId, { key }))));
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['applied', 'conflict', 'conflict']);
    expect(await signaturesOf(fresh.store, id)).toHaveLength(1);
  }, TIMEOUT_MS);

  it('P7 a transaction that dies half-way leaves neither signature nor change, and the grant as it was', async () => {
    const record = await open();
    const { id } = record;
    const grantId = await grantFor(id);
    const { length } = await readChain(fresh.store, id, { limit: 100 });
    // Where the step's second entry would lie: the transaction fails after signature and grant were written.
    const inTheWay = { _id: `${id}/${String(length + 2)}`, streamId: id, seq: length + 2 };
    await fresh.admin.audit.collection<{ _id: string }>('audit').insertOne(inTheWay);
    expect(await commit(signedStep(record, grantId))).toMatchObject({ outcome: 'conflict' });
    expect([await revOf(id), await signaturesOf(fresh.store, id), await isUsed(grantId)]).toEqual([1, [], false]);
    await fresh.admin.audit.collection<{ _id: string }>('audit').deleteOne({ _id: inTheWay._id });
    expect(await commit(signedStep(record, grantId))).toMatchObject({ outcome: 'applied', rev: 2 });
    expect([await revOf(id), await isUsed(grantId)]).toEqual([2, true]);
  }, TIMEOUT_MS);

  it('P7 a grant that a restored copy of the records shows as unused stays used: the signature knows', async () => {
    const record = await open();
    const { id } = record;
    const grantId = await grantFor(id);
    await commit(signedStep(record, grantId));
    await fresh.admin.main.collection<{ _id: string }>('signing_grants').updateOne({ _id: grantId }, { $set: { usedAt: null } });
    expect(await commit(signedStep(record, grantId, { rev: 3, key: 'restored' }))).toMatchObject({ outcome: 'refused', extra: { why: 'used' } });
  }, TIMEOUT_MS);

  it('P11 somebody who lost the right to act signs nothing, with the best of grants', async () => {
    const record = await open();
    const { id } = record;
    const outsider = 'nobody/quality';
    const grantId = await grantFor(id, { personId: outsider, organisationId: 'nobody' });
    expect(await commit(signedStep(record, grantId, { by: outsider }))).toMatchObject({ outcome: 'refused', type: 'not_permitted' });
    expect(await isUsed(grantId)).toBe(false);
  }, TIMEOUT_MS);

  it('P6 P2 verification sees a signature that was altered, put under other content, taken away, or put there by hand', async () => {
    const record = await open();
    const { id } = record;
    const grantId = await grantFor(id);
    await commit(signedStep(record, grantId));
    const signatures = fresh.admin.audit.collection<{ _id: string }>('signatures');
    const kept = await signatures.findOne({ _id: grantId });
    const foundOf = async () => (await verifyStore(fresh.store, { recordId: id })).findings.map(({ kind }) => kind);
    expect(await foundOf()).toEqual([]);
    for (const change of [{ printedName: 'Somebody else' }, { meaning: 'review' }, { signedAt: instantOf(0) }, { content: { actions: ['something else'] } }, { rev: 9 }]) {
      await signatures.updateOne({ _id: grantId }, { $set: change });
      expect(await foundOf()).toEqual(['signature_changed']);
      await signatures.replaceOne({ _id: grantId }, kept ?? {});
    }
    await signatures.insertOne({ ...kept, _id: 'by-hand', rev: 8 } as never);
    expect(await foundOf()).toEqual(['signature_changed']);
    await signatures.deleteMany({ recordId: id });
    expect(await foundOf()).toEqual(['signature_missing']);
  }, TIMEOUT_MS);

  it('P6 the application\'s user can neither change nor remove a signature', async () => {
    const signatures = fresh.store.auditConnection.collection('signatures');
    await expect(signatures.updateOne({}, { $set: { printedName: 'Somebody else' } })).rejects.toMatchObject({ code: 13 });
    await expect(signatures.deleteMany({})).rejects.toMatchObject({ code: 13 });
  }, TIMEOUT_MS);
});
