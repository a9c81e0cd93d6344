import type { Express } from 'express';
import request from 'supertest';
import { instantOf } from '../../contracts/instant';
import { contentHashOf } from '../../domain/signature/demand';
import { totpCode, totpStepAt } from '../../platform/totp';
import { openSecret } from '../../platform/secretBox';
import { sealedTotpOf } from '../../api/commands/credentialCheck';
import { asSigner, requireOwnGrant } from '../../api/commands/signing';
import { consumeGrant } from '../../store/signatures';
import { inTransaction } from '../../store/connection';
import { adminApi, emailOf, OWN_PASSWORD, PASSWORD, type AdminApi, type SignedIn } from '../support/adminApi';
import { makeSigner } from '../support/signing';
import { putPlanned, sendAs, signingApp } from '../support/signingApi';
import { hashRecord } from '../support/trailOfPlaced';

const MINUTE_MS = 60_000;

describe('asking for the right to sign', () => {
  let api: AdminApi;
  let app: Express;
  let session: SignedIn;
  const signer = 'spo-quality';
  const asked = (more: object = {}) => ({ recordId: 'rec-1', act: 'approve', meaning: 'approval', zone: 'Europe/Zurich', email: emailOf(signer), password: PASSWORD, ...more });
  const ask = (more: object = {}, by = session) => sendAs(app, by, 'post', '/signing-grants', asked(more));
  const refusals = (personId = signer) => api.fresh.admin.audit.collection('audit').find({ streamId: `refusals/person/${personId}` }).sort({ seq: 1 }).toArray();
  const grants = () => api.fresh.store.models.signingGrants.countDocuments();

  beforeAll(async () => {
    api = await adminApi();
    app = signingApp(api);
    for (const personId of [signer, 'spo-lead', 'root']) await makeSigner(api.fresh.store, { personId, organisationId: 'spo', at: instantOf(Date.now()) });
    await putPlanned(api, 'rec-1');
    await putPlanned(api, 'rec-bare', { state: {} });
  });
  afterAll(() => api.close());
  beforeEach(async () => { session = await api.signIn(signer); });

  test('P5 P7 with all components: what will be signed, by whom, for 60 seconds', async () => {
    const before = Date.now();
    const { status, body } = await ask();
    expect([status, body]).toMatchObject([201, {
      recordId: 'rec-1', act: 'approve', subject: 'plan', version: 1, content: { actions: ['retrain'] }, contentHash: contentHashOf({ actions: ['retrain'] }), meaning: 'approval',
      printedName: 'The spo-quality', role: 'quality', organisationId: 'spo', organisationName: 'SPO', zone: 'Europe/Zurich', statement: { version: 1, text: expect.stringContaining('legally binding') as string },
    }]);
    expect(Date.parse(body.expiresAt as string) - Date.parse(body.signedAt as string)).toBe(60_000);
    expect(Date.parse(body.signedAt as string)).toBeGreaterThanOrEqual(before);
    expect(JSON.stringify(body)).not.toMatch(/session|argon2/);
  });

  test('P7 a session alone signs nothing: 401 naming what is needed, kept, and no attempt', async () => {
    for (let times = 1; times <= 6; times += 1) {
      const answer = await ask({ email: undefined, password: undefined });
      expect([answer.status, answer.body.type, answer.body.components]).toEqual([401, '/problems/credentials_needed', ['email', 'password']]);
    }
    expect((await refusals()).at(-1)).toMatchObject({ action: 'act.refused', detail: { type: 'credentials_needed', act: 'POST /api/v1/signing-grants' } });
    expect((await ask({ email: undefined })).status).toBe(401);
    expect((await ask()).status).toBe(201);
  });

  test('P7 later signings of the session ask for the password alone, after 30 minutes or in another session for everything again', async () => {
    const later = { email: undefined };
    expect((await ask()).status).toBe(201);
    expect((await ask(later)).status).toBe(201);
    expect((await ask(later, await api.signIn(signer))).body.components).toEqual(['email', 'password']);
    for (let minutes = 0; minutes < 30; minutes += 15) {
      api.pass(15 * MINUTE_MS);
      // Busy meanwhile: the session lives, the signing period does not.
      expect((await sendAs(app, session, 'get', '/sessions')).status).toBe(200);
    }
    expect((await ask(later)).body.components).toEqual(['email', 'password']);
    expect((await ask()).status).toBe(201);
    api.pass(-30 * MINUTE_MS);
  });

  test.each<[string, object, number, string]>([
    ['a meaning that the act does not allow', { meaning: 'waiver' }, 400, 'meaning'],
    ['no meaning', { meaning: undefined }, 400, 'meaning'],
    ['a made-up meaning', { meaning: 'fine' }, 400, 'meaning'],
    ['a zone that is none', { zone: 'Europe/Atlantis' }, 400, 'zone'],
    ['an offset for a zone', { zone: '+01:00' }, 400, 'zone'],
    ['an act that signs nothing', { act: 'comment' }, 422, 'act'],
    ['a record without what the act signs', { recordId: 'rec-bare' }, 422, 'act'],
  ])('P5 %s is refused', async (...[, more, status, field]) => {
    const before = await grants();
    const answer = await ask(more);
    expect([answer.status, answer.body.errors[0].field, await grants()]).toEqual([status, field, before]);
  });

  test('P7 a record that is not theirs is 404, a role without the right 403, both kept', async () => {
    const strangers = await api.signIn('cro2-lead');
    expect((await ask({}, strangers)).status).toBe(404);
    const lead = await api.signIn('spo-lead');
    expect((await ask({ email: emailOf('spo-lead') }, lead)).body.type).toBe('/problems/not_permitted');
    expect((await refusals('cro2-lead')).at(-1)).toMatchObject({ detail: { type: 'not_found' } });
    expect((await refusals('spo-lead')).at(-1)).toMatchObject({ detail: { type: 'not_permitted' } });
  });

  test('P7 an API token never signs', async () => {
    const { body: { secret } } = await session.send('post', '/tokens', { name: 'ci', scopes: ['read', 'act'], expiresInDays: 1 });
    const answer = await request(app).post('/api/v1/signing-grants').set('Authorization', `Bearer ${String(secret)}`).send(asked());
    expect([answer.status, answer.body.type]).toEqual([403, '/problems/not_permitted']);
  });

  test('P7 a grant serves in its own session, by its own person: a stolen session with another\'s grant is refused', async () => {
    const { body: { id } } = await ask();
    const caller = (personId: string, sessionId: string) => ({ personId, credential: { id: sessionId, kind: 'session', scopes: [] } }) as never;
    const { sessionId } = (await api.fresh.store.models.signingGrants.findById(id).lean()) ?? {};
    const use = (personId: string, of: string | undefined, signature: unknown = id) => requireOwnGrant(api.deps, { caller: caller(personId, of ?? ''), body: { signature } });
    await expect(use(signer, sessionId)).resolves.toBeUndefined();
    await expect(use(signer, 'another-session')).rejects.toMatchObject({ type: 'grant_invalid', extra: { why: 'other_session' } });
    await expect(use('spo-lead', sessionId)).rejects.toMatchObject({ type: 'grant_invalid', extra: { why: 'other_person' } });
    await expect(use(signer, sessionId, 'made-up')).rejects.toMatchObject({ type: 'grant_invalid', extra: { why: 'unknown' } });
    await expect(use(signer, sessionId, undefined)).resolves.toBeUndefined();
  });

  test('P8 whose identity was withdrawn after the grant was given signs nothing with it', async () => {
    const { body } = await ask();
    const { models } = api.fresh.store;
    const known = await models.signers.findById(signer).lean();
    await models.signers.updateOne({ _id: signer }, { $set: { identity: null } });
    const actor = { kind: 'person', personId: signer, organisationId: 'spo', role: 'quality', correlationId: 'c' } as const;
    const demand = { grantId: String(body.id), act: 'approve', subject: 'plan', version: 1, contentHash: String(body.contentHash) };
    const use = () => inTransaction(api.fresh.store, (own) => consumeGrant(api.fresh.store, { demand, recordId: 'rec-1', rev: 2, actor, at: api.deps.now() }, own));
    expect(await use()).toMatchObject({ outcome: 'refused', type: 'grant_invalid', extra: { why: 'withdrawn' } });
    await models.signers.updateOne({ _id: signer }, { $set: { identity: known?.identity } });
    expect(await models.signatures.countDocuments({ _id: String(body.id) })).toBe(0);
  });

  test('P5 P6 a signature is shown for its version; a change shows it as not for this version, and it still verifies', async () => {
    const { body } = await ask({ meaning: 'review' });
    const { version, contentHash } = body as { version: number; contentHash: string };
    const actor = { kind: 'person', personId: signer, organisationId: 'spo', role: 'quality', correlationId: 'c' } as const;
    const demand = { grantId: String(body.id), act: 'approve', subject: 'plan', version, contentHash };
    await inTransaction(api.fresh.store, (own) => consumeGrant(api.fresh.store, { demand, recordId: 'rec-1', rev: 2, actor, at: api.deps.now() }, own));
    const shown = async () => (await sendAs(app, session, 'get', '/records/rec-1/signatures')).body.items as unknown[];
    expect(await shown()).toMatchObject([{ printedName: 'The spo-quality', meaning: 'review', organisationName: 'SPO', standing: 'this_version', verifies: true, localTime: expect.stringMatching(/\[Europe\/Zurich\]$/) as string }]);
    await api.fresh.store.models.records.updateOne({ _id: 'rec-1' }, { $set: { state: { plan: { version: 2, content: { actions: ['retrain', 'audit'] } } } } });
    expect(await shown()).toMatchObject([{ version: 1, standing: 'not_for_this_version', verifies: true, content: { actions: ['retrain'] } }]);
    await api.fresh.admin.audit.collection('signatures').updateOne({ recordId: 'rec-1' }, { $set: { 'content.actions': ['nothing'] } });
    expect(await shown()).toMatchObject([{ verifies: false }]);
    await api.fresh.store.models.records.updateOne({ _id: 'rec-1' }, { $set: { state: { plan: { version: 1, content: { actions: ['retrain'] } } } } });
    expect((await sendAs(app, await api.signIn('cro2-lead'), 'get', '/records/rec-1/signatures')).status).toBe(404);
  });

  describe('P8 of two seats with the same right, one given a moment ago', () => {
    const who = 'spo-lead';
    const seat = (role: string, signsFrom?: string) => ({ _id: `m-${role}`, rev: 1, active: true, chain: {}, createdAt: 'x', updatedAt: 'x', personId: who, organisationId: 'spo', role, studyId: null, systemIds: [], from: '2020-01-01T00:00:00.000Z', until: null, ...(signsFrom && { signsFrom }) });
    const later = '2999-01-01T00:00:00.000Z';
    afterEach(() => api.fresh.admin.main.collection<{ _id: string }>('memberships').deleteMany({ _id: { $in: ['m-quality', 'm-quality_head'] } }));

    test.each([['quality', 'quality_head'], ['quality_head', 'quality']])('P8 signs by the older one, %s, not by the new %s', async (older, newer) => {
      await api.fresh.store.models.memberships.create([seat(older), seat(newer, later)] as never[]);
      const { status, body } = await ask({ email: emailOf(who) }, await api.signIn(who));
      expect([status, body.role]).toEqual([201, older]);
      const caller = { memberships: [{ role: older }, { role: newer, signsFrom: later }] } as never;
      const rolesOf = (signature: unknown) => asSigner(caller, [signature], api.deps.now()).memberships.map(({ role }) => role);
      expect([rolesOf(String(body.id)), rolesOf(undefined)]).toEqual([[older], [older, newer]]);
    });

    test('P8 the new one alone does not sign yet, and says from when', async () => {
      await api.fresh.store.models.memberships.create([seat('quality', later)] as never[]);
      expect((await ask({ email: emailOf(who) }, await api.signIn(who))).body).toMatchObject({ type: '/problems/signature_window', until: later });
    });
  });

  test('P2 P7 nobody is given the right to sign what is not what its trail says', async () => {
    const records = api.fresh.store.connection.collection<{ _id: string }>('records');
    await putPlanned(api, 'rec-forged');
    await hashRecord(api.fresh.store, 'rec-forged');
    expect((await ask({ recordId: 'rec-forged' })).status).toBe(201);
    await records.updateOne({ _id: 'rec-forged' }, { $set: { 'state.plan.content.actions': ['nothing'] } });
    const before = await grants();
    const { status, body } = await ask({ recordId: 'rec-forged' });
    expect([status, body]).toMatchObject([500, { type: expect.stringContaining('damaged') as string, found: ['rec-forged: state is not what the trail says'] }]);
    expect(await grants()).toBe(before);
    expect(await api.fresh.store.models.audit.countDocuments({ streamId: 'refusals/rec-forged', action: 'damage.refused', 'detail.purpose': 'signature' } as never)).toBe(1);
  });

  describe('who may sign', () => {
    const who = 'spo-admin';
    test('P8 nobody whose identity is not verified, nor before the statement is accepted, nor after it changed', async () => {
      await api.fresh.store.models.memberships.create([{ _id: 'm-extra', rev: 1, active: true, chain: {}, createdAt: 'x', updatedAt: 'x', personId: who, organisationId: 'spo', role: 'quality', studyId: null, systemIds: [], from: '2020-01-01T00:00:00.000Z', until: null } as never]);
      let own = await api.signIn(who);
      const sign = () => sendAs(app, own, 'post', '/signing-grants', asked({ email: emailOf(who), password: OWN_PASSWORD }));
      const put = await sendAs(app, own, 'put', `/people/${who}/password`, { currentPassword: PASSWORD, newPassword: OWN_PASSWORD, reason: 'mine' });
      expect(put.status).toBe(204);
      const again = await request(app).post('/api/v1/sessions').send({ email: emailOf(who), password: OWN_PASSWORD });
      own = { ...own, cookie: String(again.headers['set-cookie']).split(';')[0] ?? '', csrfToken: String(again.body.csrfToken) };
      expect((await sign()).body.type).toBe('/problems/identity_not_verified');
      // A second administrator of the sponsor vouches.
      await api.fresh.store.models.memberships.create([{ _id: 'm-second', rev: 1, active: true, chain: {}, createdAt: 'x', updatedAt: 'x', personId: 'spo-lead', organisationId: 'spo', role: 'organisation_admin', studyId: null, systemIds: [], from: '2020-01-01T00:00:00.000Z', until: null } as never]);
      const { body: { code } } = await sendAs(app, own, 'post', '/me/identity-code', {});
      const vouch = (by: SignedIn) => sendAs(app, by, 'post', `/people/${who}/verify-identity`, { documentKind: 'passport', code: String(code) });
      expect([(await vouch(own)).status, (await vouch(await api.signIn('cro-admin'))).status, (await vouch(session)).status]).toEqual([409, 404, 403]);
      const vouched = await vouch(await api.signIn('spo-lead'));
      expect([vouched.status, vouched.body]).toMatchObject([200, { identity: { verifiedBy: 'spo-lead', documentKind: 'passport' }, acceptedStatement: null }]);
      // Not at once: the organisation was told, and another independent administrator consents, or a day passes.
      expect((await sign()).body.type).toBe('/problems/signature_window');
      const consent = (by: SignedIn) => sendAs(app, by, 'post', `/people/${who}/verify-identity/consent`, { reason: 'I know them' });
      expect([(await consent(own)).status, (await consent(await api.signIn('spo-lead'))).status, (await consent(await api.signIn('spo-admin2'))).status]).toEqual([409, 409, 403]);
      await makeSigner(api.fresh.store, { personId: 'spo-admin2', organisationId: 'spo', at: api.deps.now() });
      expect((await consent(await api.signIn('spo-admin2'))).body).toMatchObject({ identity: { verifiedBy: 'spo-lead', consentedBy: 'spo-admin2' } });
      expect((await sign()).body).toMatchObject({ type: '/problems/statement_not_accepted', version: 1 });
      const accept = (version: number) => sendAs(app, own, 'post', '/accountability-statement/acceptances', { version });
      expect((await accept(2)).status).toBe(409);
      expect((await accept(1)).body).toMatchObject({ version: 1, accepted: true });
      expect((await sign()).status).toBe(201);
      const text = 'Whoever signs here answers for it as if by hand, and keeps the password secret.';
      expect((await sendAs(app, own, 'post', '/accountability-statement', { text, reason: 'lawyers' })).status).toBe(403);
      expect((await sendAs(app, await api.signIn('root'), 'post', '/accountability-statement', { text, reason: 'lawyers' })).body).toMatchObject({ version: 2, text });
      expect((await sign()).body).toMatchObject({ type: '/problems/statement_not_accepted', version: 2 });
      expect((await sendAs(app, own, 'get', '/accountability-statement')).body).toMatchObject({ version: 2, text, accepted: false });
      await accept(2);
      expect((await sign()).status).toBe(201);
      for (const personId of [signer]) expect((await sendAs(app, await api.signIn(personId), 'post', '/accountability-statement/acceptances', { version: 2 })).status).toBe(200);
      const trail = await api.fresh.admin.audit.collection('audit').find({ streamId: `signer/${who}` }).sort({ seq: 1 }).toArray();
      // Of one change in the order of their paths.
      const inOrder = trail.toSorted((a, b) => Number(a['rev']) - Number(b['rev']) || String(a['field']).localeCompare(String(b['field'])));
      expect(inOrder.map(({ action, field }) => [action, field])).toEqual([
        ['signer.created', undefined], ['signer.changed', 'passwordOwn'], ['signer.changed', 'identity'], ['signer.changed', 'identity/consentedBy'], ['signer.changed', 'identity/signsFrom'],
        ['signer.changed', 'acceptedStatement'], ['signer.changed', 'acceptedStatement/at'], ['signer.changed', 'acceptedStatement/textHash'], ['signer.changed', 'acceptedStatement/version'],
      ]);
    });

    test('P8 a password that an administrator gives opens nothing but the way to one\'s own, and ends the verification', async () => {
      const admin = await api.signIn('cro-admin');
      const email = 'given@example.org';
      const { body: { id } } = await admin.send('post', '/people', { email, name: 'G', organisationId: 'cro', password: PASSWORD });
      const signIn = (body: object) => request(app).post('/api/v1/sessions').send({ email, ...body });
      const refused = await signIn({ password: PASSWORD });
      expect([refused.status, refused.body.type, refused.headers['set-cookie']]).toEqual([403, '/problems/password_change_required', undefined]);
      expect((await signIn({ password: PASSWORD, newPassword: PASSWORD })).status).toBe(422);
      expect((await signIn({ password: 'wrong', newPassword: OWN_PASSWORD })).status).toBe(401);
      expect((await signIn({ password: PASSWORD, newPassword: OWN_PASSWORD })).status).toBe(201);
      expect((await signIn({ password: PASSWORD })).status).toBe(401);
      expect((await signIn({ password: OWN_PASSWORD })).status).toBe(201);
      // Who gave the first password knows a way in: somebody else vouches.
      expect((await admin.send('post', `/people/${String(id)}/verify-identity`, { documentKind: 'passport', code: 'none' })).body.type).toBe('/problems/separation_of_duties');
      // Nor was it otherwise for people from before it was kept: the trail knows who gave it.
      await api.fresh.store.models.signers.updateOne({ _id: id }, { $set: { passwordGivenBy: null } });
      expect((await admin.send('post', `/people/${String(id)}/verify-identity`, { documentKind: 'passport', code: 'none' })).body.type).toBe('/problems/separation_of_duties');
      await makeSigner(api.fresh.store, { personId: String(id), organisationId: 'cro', at: api.deps.now() });
      expect((await admin.send('put', `/people/${String(id)}/password`, { newPassword: 'given by the admin', reason: 'forgotten' })).status).toBe(204);
      expect(await api.fresh.store.models.signers.findById(id).lean()).toMatchObject({ passwordOwn: false, passwordGivenBy: 'cro-admin', identity: null });
      expect((await signIn({ password: 'given by the admin' })).status).toBe(403);
    });
  });

  describe('the second factor', () => {
    const secretOf = async () => Buffer.from(openSecret(api.deps.ring, (await api.fresh.store.models.signers.findById(signer).lean())?.totp?.sealed ?? '', sealedTotpOf(signer)), 'base64');
    const codeNow = async (off = 0) => totpCode(await secretOf(), totpStepAt(Date.parse(api.deps.now())) + off);

    test('P7 is enrolled with the password, asked for at the first signing, and no code serves twice', async () => {
      expect((await session.send('post', '/me/second-factor', { password: 'wrong' })).status).toBe(401);
      const enrolled = await session.send('post', '/me/second-factor', { password: PASSWORD });
      expect([enrolled.status, enrolled.body.uri]).toEqual([201, expect.stringMatching(/^otpauth:\/\/totp\/cro-oversight:spo-quality%40example\.org\?secret=[A-Z2-7]{32}&/)]);
      expect((await ask()).status).toBe(201);
      expect((await session.send('post', '/me/second-factor/confirm', { code: await codeNow(-5) })).status).toBe(401);
      const code = await codeNow();
      expect((await session.send('post', '/me/second-factor/confirm', { code })).status).toBe(204);
      const fresh = await api.signIn(signer);
      expect((await ask({}, fresh)).body.components).toEqual(['email', 'password', 'totp']);
      expect((await ask({ totp: code }, fresh)).status).toBe(401);
      api.pass(MINUTE_MS);
      expect((await ask({ totp: await codeNow() }, fresh)).status).toBe(201);
      expect((await ask({ email: undefined }, fresh)).status).toBe(201);
      const everything = JSON.stringify([await api.fresh.admin.audit.collection('audit').find().toArray(), await api.fresh.store.models.signers.find().lean(), api.log]);
      expect(everything).not.toContain(String(enrolled.body.secret));
      expect(everything).not.toContain((await secretOf()).toString('base64'));
    });

    test('P7 is ended with password and code; by an administrator only together with the identity', async () => {
      expect((await session.send('post', '/me/second-factor', { password: PASSWORD })).status).toBe(409);
      api.pass(MINUTE_MS);
      expect((await session.send('post', '/me/second-factor/disable', { password: PASSWORD, code: '000000' })).status).toBe(401);
      expect((await session.send('post', '/me/second-factor/disable', { password: PASSWORD, code: await codeNow() })).status).toBe(204);
      expect((await ask()).status).toBe(201);
      const admin = await api.signIn('spo-lead');
      expect((await sendAs(app, admin, 'post', '/people/spo-lead/end-second-factor', { reason: 'x' })).status).toBe(409);
      expect((await sendAs(app, admin, 'post', `/people/${signer}/end-second-factor`, { reason: 'phone lost' })).body).toMatchObject({ identity: null, secondFactor: false });
      expect((await ask()).body.type).toBe('/problems/identity_not_verified');
      await makeSigner(api.fresh.store, { personId: signer, organisationId: 'spo', at: api.deps.now() });
    });
  });
});
