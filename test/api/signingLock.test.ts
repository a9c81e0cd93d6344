import type { Express } from 'express';
import { instantOf } from '../../contracts/instant';
import { createApp } from '../../api/app';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { adminApi, emailOf, PASSWORD, type AdminApi, type SignedIn } from '../support/adminApi';
import { makeSigner } from '../support/signing';
import { putPlanned, sendAs, signingApp } from '../support/signingApi';

const signer = 'spo-quality';

describe('bad attempts to sign', () => {
  let api: AdminApi;
  let app: Express;
  let session: SignedIn;
  const ask = (more: object = {}) => sendAs(app, session, 'post', '/signing-grants', { recordId: 'rec-1', act: 'approve', meaning: 'approval', zone: 'UTC', email: emailOf(signer), password: PASSWORD, ...more });
  const commands = () => api.fresh.store.models.commands.find({ act: 'open' }).sort({ receivedAt: 1 }).lean();

  beforeAll(async () => {
    api = await adminApi();
    app = signingApp(api);
    await makeSigner(api.fresh.store, { personId: signer, organisationId: 'spo', at: instantOf(Date.now()) });
    await putPlanned(api, 'rec-1');
    await api.fresh.store.models.policies.create(DEFAULT_POLICIES.map((policy) => ({ ...policy, _id: `${policy.key}/${String(policy.version)}`, createdAt: instantOf(0) })));
    session = await api.signIn(signer);
  });
  afterAll(() => api.close());

  test('P9 four of them and a good one leave no trace in the count', async () => {
    for (let round = 1; round <= 2; round += 1) {
      for (let bad = 1; bad <= 4; bad += 1) expect((await ask({ password: 'wrong' })).status).toBe(401);
      expect((await ask()).status).toBe(201);
    }
    expect(await commands()).toEqual([]);
  });

  test('P9 the fifth locks the signer, in every session, and a security issue on its ladder is on its way', async () => {
    const open = () => api.fresh.store.models.signingGrants.countDocuments({ personId: signer, usedAt: null, expiresAt: { $gt: api.deps.now() } });
    expect(await open()).toBeGreaterThan(0);
    for (const bad of [{ password: 'wrong' }, { email: emailOf('spo-lead') }, { password: 'wrong' }, { password: 'wrong' }]) expect((await ask(bad)).status).toBe(401);
    expect(await commands()).toEqual([]);
    expect((await ask({ password: 'wrong' })).body.type).toBe('/problems/bad_credentials');
    // What was given before may be in the hands of whoever guesses.
    expect(await open()).toBe(0);
    // Nobody has to try a sixth time for it.
    expect(await commands()).toHaveLength(1);
    const locked = await ask();
    expect([locked.status, locked.body.type]).toEqual([429, '/problems/locked_out']);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(14 * 60);
    session = await api.signIn(signer);
    app = signingApp(api);
    expect((await ask()).status).toBe(429);
    expect(await commands()).toMatchObject([{
      capability: 'escalation', status: 'received', actor: { kind: 'system', name: 'signing' },
      opening: { opening: { policy: { key: 'security' }, request: { topic: 'security', severity: 'critical', raisingOrganisationId: 'spo', accountableOrganisationId: 'spo', dedupeKey: `signing-lock/${signer}` } } },
    }]);
    const kept = await api.fresh.admin.audit.collection('audit').find({ streamId: `refusals/person/${signer}` }).sort({ seq: 1 }).toArray();
    expect(kept.map(({ detail }) => (detail as { type: string }).type).slice(-7)).toEqual([...Array.from({ length: 5 }, () => 'bad_credentials'), 'locked_out', 'locked_out']);
    expect(kept.at(-3)?.['reason']).toContain('2 grants given before are void');
    expect(JSON.stringify([kept, api.log, await commands()])).not.toContain(PASSWORD);
  });

  test('P9 the lock is on signing: the signer still reads', async () => {
    expect((await sendAs(createApp(api.deps), session, 'get', '/sessions')).status).toBe(200);
  });
});
