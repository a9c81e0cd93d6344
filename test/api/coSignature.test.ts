import type { Response } from 'supertest';
import { instantOf } from '../../contracts/instant';
import { DEFAULT_CAPA_POLICIES } from '../../domain/capa/defaults';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { createRecord, type By } from '../../store/administration';
import { ensurePolicies } from '../../store/defaultPolicies';
import { matrixProposalKind } from '../../store/matrixProposals';
import { capaPolicies, ladderPolicies } from '../../store/policies';
import { verifyStore } from '../support/verified';
import { adminApi, emailOf, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';
import { addApprovers, matrixRow } from '../support/matrixRows';
import { approveProposals, askToSign, makeSigners, publishDraft, signed, type PostAs } from '../support/signedActs';

const by: By = { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(0), correlationId: 'seed' };

/** What the three signed kinds have in common: one to be signed by `who`, and the path of the act. */
interface Signing {
  readonly who: string;
  readonly recordId: string;
  readonly act: string;
  readonly path: string;
  readonly body: object;
}

describe('administered records that are signed', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  let made = 0;
  const sessionOf = (who: string): SignedIn => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session;
  };
  const post: PostAs = (who, path, body) => sessionOf(who).send('post', path, body);
  const get = (who: string, path: string) => sessionOf(who).send('get', path);
  const type = ({ status, body }: Response): string => `${String(status)} ${String(body.type ?? '').replace('/problems/', '')}${body.why === undefined ? '' : ` ${String(body.why)}`}`;

  const proposed = async (more: object = {}): Promise<Signing> => {
    const { body } = await post('spo-lead', '/matrix/proposals', matrixRow({ propose: true, topic: `signed-${String((made += 1))}`, ...more }));
    return { who: 'spo-executive', recordId: `matrix-proposal/${String(body.id)}`, act: 'approve', path: `/matrix/proposals/${String(body.id)}/approve`, body: {} };
  };
  const drafted = (kind: 'policies' | 'capa-policies') => async (): Promise<Signing> => {
    const key = `key-${String((made += 1))}`;
    const { body } = await post('spo-quality', `/${kind}/${key}/drafts`, { basis: 'SOP 7', scope: { kind: 'organisation', organisationId: 'spo' }, ...(kind === 'policies' ? { ladders: DEFAULT_POLICIES[0]?.ladders } : { timings: DEFAULT_CAPA_POLICIES[0]?.timings }) });
    const stream = kind === 'policies' ? 'policy-draft' : 'capa-policy-draft';
    return { who: 'spo-lead', recordId: `${stream}/${String(body.id)}`, act: 'publish', path: `/${kind}/${key}/drafts/${String(body.id)}/publish`, body: { reason: 'agreed' } };
  };
  const grant = async ({ who, recordId, act }: Signing): Promise<string> => {
    const answer = await askToSign(post, who, { recordId, act });
    expect([answer.status, answer.body.errors]).toEqual([201, undefined]);
    return String(answer.body.id);
  };
  const use = (signing: Signing, signature: string | undefined, who = signing.who) => post(who, signing.path, { ...signing.body, ...(signature !== undefined && { signature }) });
  const signaturesOn = (recordId: string) => api.fresh.admin.audit.collection('signatures').find({ recordId }).sort({ rev: 1 }).toArray();
  const refusalsOn = async (recordId: string) => (await api.fresh.admin.audit.collection('audit').find({ streamId: `refusals/${recordId}` }).sort({ seq: 1 }).toArray()).map(({ detail }) => String(detail.type));
  const findings = async () => (await verifyStore(api.fresh.store)).findings.map(({ kind }) => kind);

  beforeAll(async () => {
    api = await adminApi();
    await addApprovers(api);
    await makeSigners(api.fresh.store, ['spo-lead', 'spo-quality', 'cro-lead']);
    for (const id of [...PEOPLE.map((person) => person.id), 'spo-executive', 'cro-executive']) sessions.set(id, await api.signIn(id));
    await ensurePolicies(api.fresh.store, ladderPolicies, { policies: DEFAULT_POLICIES, reason: 'installation', by });
    await ensurePolicies(api.fresh.store, capaPolicies, { policies: DEFAULT_CAPA_POLICIES, reason: 'installation', by });
  });
  afterAll(() => api.close());

  describe.each<readonly [string, () => Promise<Signing>]>([
    ['a matrix proposal', () => proposed()], ['a draft of ladders', drafted('policies')], ['a draft of CAPA timings', drafted('capa-policies')],
  ])('%s', (_, prepare) => {
    test('E1 P19 P7 the grant says what is signed; with it the act is done, and signature, change and entry are there together', async () => {
      const signing = await prepare();
      const { body } = await askToSign(post, signing.who, signing);
      expect(body).toMatchObject({ recordId: signing.recordId, act: signing.act, version: 1, meaning: 'approval', printedName: `The ${signing.who}`, organisationName: 'SPO', statement: { version: 1 } });
      expect([200, 201]).toContain((await use(signing, String(body.id))).status);
      const [signature] = await signaturesOn(signing.recordId);
      expect(signature).toMatchObject({ _id: body.id, contentHash: body.contentHash, content: body.content, zone: 'Europe/Zurich', role: body.role, rev: 2 });
      const entry = await api.fresh.admin.audit.collection('audit').findOne({ streamId: signing.recordId, action: 'signature.applied' });
      expect(entry).toMatchObject({ rev: 2, actor: { personId: signing.who }, detail: { signatureId: body.id, meaning: 'approval' } });
      expect((await api.fresh.store.models.signingGrants.findById(body.id).lean())?.usedAt).not.toBeNull();
    });

    test('E1 P19 P7 without a grant, with a stolen session\'s, another person\'s, another record\'s, a used or an expired one: refused, recorded, nothing changed, nothing used up', async () => {
      const [signing, other] = [await prepare(), await prepare()];
      expect(type(await use(signing, undefined))).toBe('403 signature_required');
      expect(type(await use(signing, 'made-up'))).toBe('403 grant_invalid unknown');
      const own = sessionOf(signing.who);
      sessions.set(signing.who, await api.signIn(signing.who));
      const elsewhere = await grant(signing);
      sessions.set(signing.who, own);
      expect(type(await use(signing, elsewhere))).toBe('403 grant_invalid other_session');
      const forOther = await grant(other);
      expect(type(await use(signing, forOther))).toBe('403 grant_invalid other_record');
      const late = await grant(signing);
      api.pass(60_000);
      expect(type(await use(signing, late))).toBe('403 grant_invalid expired');
      api.pass(-60_000);
      const again = await grant(other);
      expect([200, 201]).toContain((await use(other, again)).status);
      expect(type(await use(signing, again))).toBe('403 grant_invalid used');
      expect(await refusalsOn(signing.recordId)).toEqual(['signature_required', ...Array.from({ length: 5 }, () => 'grant_invalid')]);
      expect(await signaturesOn(signing.recordId)).toEqual([]);
      const unused = await api.fresh.store.models.signingGrants.find({ _id: { $in: [elsewhere, forOther, late] } }).lean();
      expect(unused.map(({ usedAt }) => usedAt)).toEqual([null, null, null]);
      expect([200, 201]).toContain((await use(signing, await grant(signing))).status);
    });

    test('E1 P19 P7 an act that signs nothing, a meaning that it does not allow, a stranger, and the credentials of another are refused', async () => {
      const signing = await prepare();
      expect(type(await askToSign(post, signing.who, { ...signing, act: 'withdraw' }))).toBe('422 rule_broken');
      expect((await askToSign(post, signing.who, { ...signing, meaning: 'waiver' })).body.errors[0].field).toBe('meaning');
      expect(type(await askToSign(post, 'cro2-admin', signing))).toMatch(/^40[34] /);
      expect(type(await askToSign(post, signing.who, { ...signing, email: emailOf('cro-lead') }))).toBe('401 bad_credentials');
      for (const recordId of [`${signing.recordId}x`, `refusals/${signing.recordId}`]) expect(type(await askToSign(post, signing.who, { ...signing, recordId }))).toMatch(/^40[04] /);
    });
  });

  test('E1 who may not approve is told so when they ask to sign, before any credential counts', async () => {
    const { recordId, act } = await proposed();
    const ask = async (who: string) => type(await askToSign(post, who, { recordId, act }));
    expect([await ask('spo-lead'), await ask('cro-manager'), await ask('cro2-lead')]).toEqual(['409 separation_of_duties', '403 not_permitted', '404 not_found']);
  });

  test('P19 a draft that was changed after the grant was given is not what was to be signed', async () => {
    const signing = await drafted('policies')();
    const old = await grant(signing);
    const draftPath = signing.path.replace(/\/publish$/, '');
    expect((await sessionOf('spo-quality').send('patch', draftPath, { basis: 'SOP 8', reason: 'newer' })).body).toMatchObject({ contentVersion: 2 });
    expect(type(await use(signing, old))).toBe('403 grant_invalid changed');
    const published = await use(signing, await grant(signing));
    expect(published.body.policy).toMatchObject({ basis: 'SOP 8' });
    const version = await get('spo-quality', String(published.headers['location']).replace('/api/v1', ''));
    expect(version.body.signatures).toMatchObject([{ printedName: 'The spo-lead', role: 'study_lead', organisationName: 'SPO', meaning: 'approval', zone: 'Europe/Zurich', version: 2, standing: 'this_version', verifies: true }]);
    expect((await get('spo-quality', draftPath)).body).toMatchObject({ status: 'published', signatures: [{ standing: 'this_version' }] });
  });

  test('E1 P6 proposal and version show who signed; a row that is another than the signed one shows the signature as not for it', async () => {
    const signing = await proposed({ topic: 'shown' });
    await use(signing, await grant(signing));
    const id = signing.recordId.slice('matrix-proposal/'.length);
    expect((await get('cro-lead', `/matrix/proposals/${id}`)).body).toMatchObject({ missing: ['cro'], approvals: [{ organisationId: 'spo', signature: { printedName: 'The spo-executive', meaning: 'approval', standing: 'this_version' } }] });
    await signed(post, 'cro-executive', { ...signing, meaning: 'agreement' });
    const path = '/matrix/versions/1?rowKey=st1/shown/cro%2Bspo';
    const shown = (await get('cro-lead', path)).body.approvals as { signature: object }[];
    expect(shown).toMatchObject([
      { organisationId: 'spo', signature: { printedName: 'The spo-executive', role: 'executive', standing: 'this_version', verifies: true } },
      { organisationId: 'cro', signature: { printedName: 'The cro-executive', organisationName: 'CRO', meaning: 'agreement', localTime: expect.stringMatching(/\[Europe\/Zurich\]$/) as string } },
    ]);
    expect(await findings()).toEqual([]);
    await api.fresh.admin.models.matrix.updateOne({ topic: 'shown' }, { $set: { policyKey: 'security' } });
    expect((await get('cro-lead', path)).body.approvals).toMatchObject([{ signature: { standing: 'not_for_this_version', verifies: true } }, { signature: { standing: 'not_for_this_version' } }]);
    await api.fresh.admin.models.matrix.updateOne({ topic: 'shown' }, { $set: { policyKey: 'default' } });
    expect((await get('cro-lead', path)).body.approvals[0].signature.standing).toBe('this_version');
  });

  test('E1 a proposal whose row is another than what was to be signed is refused', async () => {
    const signing = await proposed();
    const old = await grant(signing);
    const proposals = api.fresh.store.models.matrixProposals;
    const altered = { _id: signing.recordId.split('/')[1] ?? '' };
    const was = (await proposals.findOne(altered).lean())?.row.policyKey;
    await proposals.updateOne(altered, { $set: { 'row.policyKey': 'security' } });
    // Nothing but a hand in the store makes a row another: the trail says so before the grant is asked.
    expect(type(await use(signing, old))).toBe('500 damaged');
    expect(await signaturesOn(signing.recordId)).toEqual([]);
    expect((await api.fresh.store.models.signingGrants.findById(old).lean())?.usedAt).toBeNull();
    expect((await verifyStore(api.fresh.store)).findings.map(({ kind, streamId }) => [kind, streamId])).toEqual([['damaged', signing.recordId]]);
    await proposals.updateOne(altered, { $set: { 'row.policyKey': was } });
  });

  test('E1 P7 of several none is approved when one grant does not hold, and no grant is used up; a grant of none of them is named', async () => {
    const all = [await proposed(), await proposed()];
    const ids = all.map(({ recordId }) => recordId.split('/')[1] ?? '');
    const [first, second] = [await grant(all[0] as Signing), await grant(all[1] as Signing)];
    const send = (signatures: object) => post('spo-executive', '/matrix/proposals/approve', { ids, signatures });
    expect(type(await send({ [String(ids[0])]: first }))).toBe('403 signature_required');
    expect(type(await send({ [String(ids[0])]: first, [String(ids[1])]: first }))).toMatch(/^403 grant_invalid (used|other_record)$/);
    expect((await send({ [String(ids[0])]: first, nobody: second })).body.errors[0].field).toBe('signatures.nobody');
    expect((await Promise.all(all.map(({ recordId }) => signaturesOn(recordId)))).flat()).toEqual([]);
    expect((await approveProposals(post, 'spo-executive', { ids })).status).toBe(200);
    expect((await Promise.all(all.map(({ recordId }) => signaturesOn(recordId)))).map(({ length }) => length)).toEqual([1, 1]);
  });

  test('E1 P7 one grant used twice at the same moment signs once', async () => {
    const signing = await proposed();
    const one = await grant(signing);
    const answers = await Promise.all([1, 2, 3].map(() => use(signing, one)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await signaturesOn(signing.recordId)).toHaveLength(1);
  });

  test('E1 a proposal from before signatures stays readable and says that it has none; open, it is signed by both', async () => {
    const row = { ...matrixRow({ topic: 'old' }), phi: false, phiChannels: ['inbox'] };
    const old = { organisationId: 'spo', personId: 'spo-executive', role: 'executive', at: instantOf(0) };
    const fields = {
      rowKey: 'st1/old/cro+spo', row, effectiveFrom: null, baseVersion: 0, proposingOrganisationId: 'spo', authorIds: ['spo-lead'], proposedAt: instantOf(0), declined: null,
    };
    const make = async (more: object) => (await createRecord(api.fresh.store, { kind: matrixProposalKind, by, fields: { ...fields, ...more } as never }))._id;
    const done = await make({ rowKey: 'st1/older/cro+spo', status: 'effective', version: 1, approvals: [old, { ...old, organisationId: 'cro', personId: 'cro-executive' }] });
    expect((await get('cro-lead', `/matrix/proposals/${done}`)).body).toMatchObject({ status: 'effective', missing: [], contentVersion: 1, approvals: [{ signature: null }, { signature: null }] });
    const open = await make({ status: 'proposed', version: null, approvals: [old] });
    expect((await get('cro-lead', `/matrix/proposals/${open}`)).body).toMatchObject({ missing: ['spo', 'cro'], approvals: [{ organisationId: 'spo', signature: null }] });
    for (const who of ['cro-executive', 'spo-executive']) await signed(post, who, { recordId: `matrix-proposal/${open}`, act: 'approve', path: `/matrix/proposals/${open}/approve` });
    expect((await get('cro-lead', `/matrix/proposals/${open}`)).body).toMatchObject({ status: 'effective', approvals: [{ organisationId: 'cro', signature: { meaning: 'approval' } }, { organisationId: 'spo', signature: { printedName: 'The spo-executive' } }] });
    expect(await findings()).toEqual([]);
  });

  test('P6 P2 verification sees a signature of a proposal or policy that was altered, taken away or put there by hand', async () => {
    const signing = await drafted('capa-policies')();
    const path = signing.path.replace(/\/publish$/, '');
    expect((await publishDraft(post, signing.who, { path })).status).toBe(201);
    const signatures = api.fresh.admin.audit.collection<{ _id: string }>('signatures');
    const [kept] = await signaturesOn(signing.recordId);
    if (!kept) throw new Error('no signature');
    const _id = String(kept._id);
    await signatures.updateOne({ _id }, { $set: { meaning: 'review' } });
    expect(await findings()).toEqual(['signature_changed']);
    await signatures.deleteOne({ _id });
    expect(await findings()).toEqual(['signature_missing']);
    await signatures.insertOne({ ...kept, _id });
    await signatures.insertOne({ ...kept, _id: 'by-hand', rev: 9 } as never);
    expect(await findings()).toEqual(['signature_changed']);
    await signatures.deleteOne({ _id: 'by-hand' });
    expect(await findings()).toEqual([]);
  });

  test('P7 a transaction that dies half-way leaves neither signature nor approval, and the grant as it was', async () => {
    const signing = await proposed();
    const own = await grant(signing);
    const trail = api.fresh.admin.audit.collection<{ _id: string }>('audit');
    // Where the change's second entry would lie, after the one of the signature.
    const inTheWay = { _id: `${signing.recordId}/3`, streamId: signing.recordId, seq: 3 };
    await trail.insertOne(inTheWay);
    expect((await use(signing, own)).status).toBe(409);
    await trail.deleteOne({ _id: inTheWay._id });
    expect([await signaturesOn(signing.recordId), (await api.fresh.store.models.signingGrants.findById(own).lean())?.usedAt]).toEqual([[], null]);
    expect((await use(signing, own)).status).toBe(200);
  });

  test('P7 an API token approves nothing', async () => {
    const signing = await proposed();
    const own = await grant(signing);
    const { body: { secret } } = await post('spo-executive', '/tokens', { name: 'ci', scopes: ['read', 'act', 'administer'], expiresInDays: 1 });
    const answer = await sessionOf('spo-executive').send('post', signing.path, { signature: own }).set('Authorization', `Bearer ${String(secret)}`);
    expect([answer.status, answer.body.why]).toEqual([403, 'other_session']);
  });
});
