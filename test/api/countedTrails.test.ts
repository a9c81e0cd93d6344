import { createRecord } from '../../store/administration';
import { appendToStream } from '../../store/auditLog';
import { sourceKind } from '../../store/sources';
import { adminApi, type AdminApi, type SignedIn } from '../support/adminApi';
import { issueDoc } from '../support/storedRecords';
import { listedUnder } from '../../domain/lists/listedUnder';

const OTHERS = 7;

/** Streams in which the CRO may read two entries of nine: what it is answered must not tell of the seven. */
describe('what others learn by counting', () => {
  let api: AdminApi;
  let lead: SignedIn;
  let admin: SignedIn;
  const draft = (streamId: string, n: number, visibleTo?: readonly string[]) => ({
    streamId, at: api.deps.now(), zone: 'UTC', actor: { kind: 'system', name: 'test' }, action: 'act.refused', reason: `number ${String(n)}`, correlationId: 'c', ...(visibleTo && { visibleTo }),
  } as const);
  /** Seven of others around two that everybody reads: the last ones are of others. */
  const fill = async (streamId: string, read: readonly number[] = [2, 5]): Promise<void> => {
    for (let n = 0; n < read.length + OTHERS; n += 1) await appendToStream(api.fresh.store, { streamId, drafts: [draft(streamId, n, read.includes(n) ? undefined : ['elsewhere'])] });
  };
  const page = async (who: SignedIn, path: string) => (await who.send('get', path)).body as { items: { reason?: string }[]; next: string | null };

  beforeAll(async () => {
    api = await adminApi();
    const { store, admin: { main } } = api.fresh;
    const by = { actor: { kind: 'system', name: 'test' }, at: api.deps.now(), correlationId: 'seed' } as const;
    const parties = { raisingOrganisationId: 'spo', accountableOrganisationId: 'cro', studyId: 'st1', visibleTo: ['spo', 'cro'] };
    for (const id of ['i1', 'i2']) await main.collection('records').insertOne({ ...issueDoc(id, { raisingOrganisationId: 'spo', accountableOrganisationId: 'cro', studyId: 'st1' }), ...parties, listedUnder: listedUnder(issueDoc(id)) } as never);
    await createRecord(store, { kind: sourceKind, id: 's1', by, fields: { organisationId: 'cro', name: 'S', kind: 'event', strength: 'signed', secrets: [], raises: {} } as never });
    await fill('i1');
    await fill('refusals/i1', []);
    for (const stream of ['refusals/source/s1', 'refusals/organisation/cro', 'membership/m-cro-lead']) await fill(stream);
    [lead, admin] = [await api.signIn('cro-lead'), await api.signIn('cro-admin')];
  });
  afterAll(() => api.close());

  test('P14 verify counts what its reader may read, streams too; every entry is checked all the same', async () => {
    const { body } = await lead.send('get', '/audit/verify?record=i1');
    expect([body.entries, body.streams]).toEqual([2, 1]);
    const empty = await lead.send('get', '/audit/verify?record=i2');
    expect([empty.body.entries, empty.body.streams]).toEqual([0, 0]);
    await api.fresh.admin.audit.collection('audit').updateOne({ streamId: 'refusals/i1', seq: 3 }, { $set: { reason: 'forged' } });
    expect((await lead.send('get', '/audit/verify?record=i1')).body).toMatchObject({ intact: false, entries: 2, streams: 1 });
  });

  test.each([
    ['the trail of a record', '/audit?record=i1', () => lead], ['what was refused at a source', '/sources/s1/refusals?', () => admin],
    ['what was refused about an organisation', '/organisations/cro/refusals?', () => admin], ['the trail of a membership', '/memberships/m-cro-lead/audit?', () => admin],
  ])('P14 %s has full pages of what may be read, and none after the last of it', async (_, path, who) => {
    const all = (await page(who(), path)).items;
    const readable = all.filter(({ reason }) => reason !== undefined);
    expect(readable.map(({ reason }) => reason)).toEqual(['number 2', 'number 5']);
    const walked: string[] = [];
    let pages = 0;
    for (let next: string | null = ''; next !== null; pages += 1) {
      const one = await page(who(), `${path}&limit=1${next === '' ? '' : `&cursor=${next}`}`);
      expect(one.items).toHaveLength(1);
      walked.push(one.items[0]?.reason ?? '');
      next = one.next;
    }
    expect([pages, walked]).toEqual([all.length, all.map(({ reason }) => reason ?? '')]);
  });

  test('P14 a stream of which nothing may be read is answered like one that is not there', async () => {
    expect(await page(lead, '/audit?record=i1&stream=refusals')).toEqual({ items: [], next: null });
    expect(await page(lead, '/audit?record=i2&stream=refusals')).toEqual({ items: [], next: null });
  });
});
