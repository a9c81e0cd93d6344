import type { Response } from 'supertest';
import { instantOf } from '../../contracts/instant';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { addPolicy } from '../../store/policies';
import { organisationsOfStreams } from '../../store/streamOwners';
import { verifyStore } from '../support/verified';
import { adminApi, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';
import { addApprovers, contactOf, CRO_CONTACT, matrixRow, SPONSOR_CONTACT } from '../support/matrixRows';
import { approveProposal, approveProposals, makeSigners, type PostAs } from '../support/signedActs';

describe('proposals of matrix rows', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  const sessionOf = (who: string): SignedIn => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session;
  };
  const send = (...[who, method, path, body]: [who: string, method: 'get' | 'post' | 'patch', path: string, body?: object]) => sessionOf(who).send(method, `/matrix/proposals${path}`, body);
  const draft = async (more: object = {}, who = 'spo-lead'): Promise<string> => idOf(await send(who, 'post', '', matrixRow(more)));
  const propose = (more: object = {}) => draft({ propose: true, ...more });
  const idOf = (answer: Response): string => {
    expect([answer.status, answer.body.errors]).toEqual([201, undefined]);
    return String(answer.body.id);
  };
  const type = ({ status, body }: Response): string => `${String(status)} ${String(body.type ?? body.status).replace('/problems/', '')}`;
  const post: PostAs = (who, path, body) => sessionOf(who).send('post', path, body);
  const act = async (...[who, id, name, body = {}]: [who: string, id: string, name: string, body?: object]) => (name === 'approve' ? approveProposal(post, who, id) : send(who, 'post', `/${id}/${name}`, body));
  const versionsOf = (topic: string) => api.fresh.store.models.matrix.countDocuments({ topic });

  beforeAll(async () => {
    api = await adminApi();
    await addApprovers(api);
    await makeSigners(api.fresh.store, ['spo-lead', 'cro-lead', 'cro-manager', 'cro2-lead']);
    for (const id of [...PEOPLE.map((person) => person.id), 'spo-executive', 'cro-executive']) sessions.set(id, await api.signIn(id));
    for (const policy of DEFAULT_POLICIES) {
      await addPolicy(api.fresh.store, { policy, reason: 'installation', by: { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(0), correlationId: 'seed' } });
    }
  });
  afterAll(() => api.close());

  test('E1 a draft is its own side\'s; proposed, both see it with what it waits for and what it would change', async () => {
    const id = await draft({ topic: 'story' });
    expect([(await send('cro-lead', 'get', `/${id}`)).status, (await send('spo-quality', 'get', `/${id}`)).status]).toEqual([404, 200]);
    expect((await organisationsOfStreams(api.fresh.store, [`matrix-proposal/${id}`])).get(`matrix-proposal/${id}`)).toEqual(['spo']);
    expect((await send('cro-lead', 'get', '')).body.items).toEqual([]);
    expect(type(await act('spo-quality', id, 'propose'))).toBe('200 proposed');
    const seen = await send('cro-lead', 'get', `/${id}`);
    expect(seen.body).toMatchObject({
      status: 'proposed', rev: 2, baseVersion: 0, authorIds: ['spo-lead', 'spo-quality'], missing: ['spo', 'cro'],
      waiting: { for: 'approve', missing: ['spo', 'cro'] }, difference: { against: null },
    });
    expect(seen.headers['etag']).toBe('"2"');
    const movers = seen.body.waiting.movers.map(({ organisationId, personId }: { organisationId: string; personId?: string }) => `${organisationId}:${personId ?? ''}`).toSorted();
    expect(movers).toEqual(['cro:cro-executive', 'cro:cro-lead', 'spo:', 'spo:spo-executive']);
    // Levels 2 to 4 are vacant on both sides: said, not refused.
    expect(seen.body.warnings).toHaveLength(6);
    expect((await organisationsOfStreams(api.fresh.store, [`matrix-proposal/${id}`])).get(`matrix-proposal/${id}`)).toEqual(['spo', 'cro']);

    expect(type(await act('spo-executive', id, 'approve'))).toBe('200 proposed');
    expect(await versionsOf('story')).toBe(0);
    const done = await act('cro-lead', id, 'approve');
    expect(done.body).toMatchObject({ status: 'effective', version: 1, waiting: null, missing: [] });
    expect(await versionsOf('story')).toBe(1);
  });

  test('E1 separation of duties: authors do not approve, one side does not approve twice, third parties see nothing; each refusal is kept', async () => {
    const id = await propose({ topic: 'duties' });
    expect([
      type(await act('spo-lead', id, 'approve')), type(await act('cro-manager', id, 'approve')), type(await act('cro2-lead', id, 'approve')),
      type(await act('spo-executive', id, 'approve')), type(await act('spo-executive', id, 'approve')), type(await act('cro-lead', id, 'withdraw')),
    ]).toEqual(['409 separation_of_duties', '403 not_permitted', '404 not_found', '200 proposed', '409 separation_of_duties', '403 not_permitted']);
    const refusals = await api.fresh.store.models.audit.find({ streamId: `refusals/matrix-proposal/${id}` }).sort({ seq: 1 }).lean();
    expect(refusals.map(({ actor }) => (actor.kind === 'person' ? actor.personId : ''))).toEqual(['spo-lead', 'cro-manager', 'spo-executive', 'cro-lead']);
    expect(await api.fresh.store.models.audit.countDocuments({ streamId: 'refusals/person/cro2-lead', 'detail.about': `matrix-proposal/${id}` })).toBe(1);
    expect(await versionsOf('duties')).toBe(0);
  });

  test('E1 a draft is edited at its revision, by its side, and its editor becomes an author', async () => {
    const id = await draft({ topic: 'edited', frequency: { every: { kind: 'business', unit: 'days', amount: 10 }, grace: { kind: 'business', unit: 'days', amount: 2 }, organisationId: 'cro' } });
    const edit = (who: string, body: object) => send(who, 'patch', `/${id}`, { reason: 'better', ...body });
    const changed = await edit('spo-quality', { contacts: [contactOf('spo', 'spo-quality', 'spo-lead'), CRO_CONTACT], frequency: null }).set('If-Match', '"1"');
    expect([changed.status, changed.body.rev, changed.body.authorIds, changed.body.row.frequency, changed.body.row.topic]).toEqual([200, 2, ['spo-lead', 'spo-quality'], undefined, 'edited']);
    expect(type(await edit('spo-quality', { policyKey: 'demo' }).set('If-Match', '"1"'))).toBe('409 rev_mismatch');
    expect(type(await edit('spo-lead', { contacts: [SPONSOR_CONTACT] }))).toBe('422 rule_broken');
    expect(type(await edit('cro-lead', { policyKey: 'demo' }))).toBe('404 not_found');
    await act('spo-lead', id, 'propose');
    expect(type(await edit('spo-quality', { policyKey: 'demo' }))).toBe('409 wrong_state');
  });

  test('E1 a competing proposal on an outdated version is 409, also when it was the last approval that both awaited', async () => {
    const [one, other] = [await propose({ topic: 'rival' }), await propose({ topic: 'rival', policyKey: 'demo' })];
    for (const id of [one, other]) expect(type(await act('spo-executive', id, 'approve'))).toBe('200 proposed');
    const both = await Promise.all([one, other].map(async (id) => act('cro-executive', id, 'approve')));
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect(await versionsOf('rival')).toBe(1);
    const loser = both[0]?.status === 409 ? one : other;
    expect((await send('spo-lead', 'get', `/${loser}`)).body.waiting.for).toMatch(/^withdraw/);
    expect(type(await send('spo-lead', 'post', '', matrixRow({ topic: 'rival', baseVersion: 0 })))).toBe('409 wrong_state');
    expect(type(await act('spo-lead', loser, 'withdraw'))).toBe('200 withdrawn');
    const next = await draft({ topic: 'rival', policyKey: 'security' });
    expect((await send('spo-lead', 'get', `/${next}`)).body).toMatchObject({ baseVersion: 1, difference: { against: 1, changes: [{ field: 'policyKey', new: 'security' }] } });
  });

  test('E1 both sides\' last approvals at the same moment make one version', async () => {
    for (let round = 0; round < 5; round += 1) {
      const topic = `together-${String(round)}`;
      const id = await propose({ topic });
      const answers = await Promise.all(['spo-executive', 'cro-executive'].map(async (who) => act(who, id, 'approve')));
      // Whoever lost a race on the revision repeats.
      for (const [index, who] of ['spo-executive', 'cro-executive'].entries()) if (answers[index]?.status !== 200) expect(type(await act(who, id, 'approve'))).toMatch(/^200/);
      expect((await send('spo-lead', 'get', `/${id}`)).body).toMatchObject({ status: 'effective', version: 1, approvals: [{}, {}] });
      expect(await versionsOf(topic)).toBe(1);
    }
  });

  test('E1 declining needs a reason and ends it; who left meanwhile keeps it from taking effect', async () => {
    const id = await propose({ topic: 'declined' });
    expect(type(await act('cro-lead', id, 'decline'))).toBe('400 invalid');
    const declined = await act('cro-lead', id, 'decline', { reason: 'Our lead is on leave in July' });
    expect(declined.body).toMatchObject({ status: 'declined', declined: { organisationId: 'cro', reason: 'Our lead is on leave in July' }, waiting: null });
    expect(type(await act('cro-executive', id, 'approve'))).toBe('409 wrong_state');

    const left = await propose({ topic: 'left' });
    await act('spo-executive', left, 'approve');
    await api.fresh.store.models.people.updateOne({ _id: 'cro-manager' }, { $set: { active: false } });
    const refused = await act('cro-executive', left, 'approve');
    await api.fresh.store.models.people.updateOne({ _id: 'cro-manager' }, { $set: { active: true } });
    expect([type(refused), refused.body.errors[0].field]).toEqual(['422 rule_broken', 'contacts.1.deputyId']);
    expect([await versionsOf('left'), (await send('spo-lead', 'get', `/${left}`)).body.status]).toEqual([0, 'proposed']);
  });

  test('E1 several are approved at once, all or none', async () => {
    const ids = [await propose({ topic: 'batch-1' }), await propose({ topic: 'batch-2' })];
    const mine = await draft({ topic: 'batch-3' }, 'cro-lead');
    const all = (who: string, which: readonly string[]) => approveProposals(post, who, { ids: which });
    await act('cro-manager', mine, 'propose');
    expect((await all('spo-executive', ids)).body.items.map(({ missing }: { missing: string[] }) => missing)).toEqual([['cro'], ['cro']]);
    // The CRO's lead wrote the third.
    expect(type(await all('cro-lead', [...ids, mine]))).toBe('409 separation_of_duties');
    expect(await versionsOf('batch-1')).toBe(0);
    expect(type(await all('cro-lead', [...ids, 'not-there']))).toBe('404 not_found');
    expect((await all('cro-lead', ids)).body.items.map(({ status }: { status: string }) => status)).toEqual(['effective', 'effective']);
    expect([await versionsOf('batch-1'), await versionsOf('batch-2'), await versionsOf('batch-3')]).toEqual([1, 1, 0]);
    const waiting = await send('spo-lead', 'get', '?status=proposed&rowKey=st1/batch-3/cro%2Bspo');
    expect(waiting.body.items.map(({ id }: { id: string }) => id)).toEqual([mine]);
    const first = await send('spo-lead', 'get', '?status=effective&limit=1');
    expect((await send('spo-lead', 'get', `?status=effective&limit=1&cursor=${String(first.body.next)}`)).body.items[0].id).not.toBe(first.body.items[0].id);
  });

  test('E1 a row of one organisation needs its approval only', async () => {
    const id = await propose({ topic: 'inside', studyId: null, organisationIds: ['spo'], contacts: [SPONSOR_CONTACT] });
    expect((await act('spo-executive', id, 'approve')).body).toMatchObject({ status: 'effective', rowKey: '-/inside/spo' });
  });

  test('P1 every chain of it is intact', async () => {
    const { intact, findings } = await verifyStore(api.fresh.store);
    expect([findings, intact]).toEqual([[], true]);
  });
});
