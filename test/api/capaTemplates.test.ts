import { Client, Connection } from '@temporalio/client';
import { createTemporalGateway } from '../../api/temporalGateway';
import { actorInterceptors } from '../../platform/clientInterceptors';
import { CRO, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import { issuesApi, type Requests } from '../support/issuesApi';
import { freshStore, type FreshStore } from '../support/mongo';

const place = { studyId: STUDY, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, source: { type: 'audit_finding', reference: 'AUD-7' } };

describe('templates through the API, with Temporal out of reach', () => {
  let fresh: FreshStore;
  let connection: Connection;
  let lead: Requests;
  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
    connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
    const client = new Client({ connection, interceptors: actorInterceptors });
    const api = issuesApi(fresh.store, createTemporalGateway({ client, taskQueue: 'nobody', codec: { encode: async (p) => Promise.resolve(p), decode: async (p) => Promise.resolve(p) } }), 800);
    lead = await api.as(personOf(SPONSOR, 'study_lead'));
  });
  afterAll(async () => {
    await connection.close();
    await fresh.drop();
  });

  test('S2.18 they are listed, and each has the sections that an investigation can save', async () => {
    const { items } = (await lead.get('/capa-templates')).body as { items: { key: string; kind: string }[] };
    expect(items.map(({ key }) => key)).toEqual(expect.arrayContaining(['untested-backup', 'annual-dr-test']));
    expect(items.filter(({ kind }) => kind === 'finding')).toHaveLength(5);
    const one = await lead.get('/capa-templates/untested-backup');
    expect([one.status, one.body]).toMatchObject([200, {
      requirement: 'S2.11', effectiveness: { measuredBy: 'manual', intendedSource: 'restoration_tests' }, prompts: { baseline: expect.any(String) },
      sections: { plan: { actions: [{ id: 'restore-now', ownerId: null, level: 'system', due: expect.stringMatching(/Z$/) }, {}, {}], effectiveness: { baseline: '', assessorId: null } }, rootCause: { method: 'five_why', cause: { categories: ['procedure', 'validation'] } } },
    }]);
    expect((await lead.get('/capa-templates/beauty')).status).toBe(404);
    expect((await lead.get('/capa-templates/Beauty!')).status).toBe(400);
  });

  test('S2.11 a CAPA is opened from one by the path of every CAPA: a draft at first, once for one key', async () => {
    const response = await lead.post('/capa-templates/untested-backup/capas', place, { key: 'first' });
    expect(response.status).toBe(202);
    const command = await fresh.store.models.commands.findById((response.body as { id: string }).id).lean();
    expect(command).toMatchObject({
      capability: 'capa', act: 'open', opening: {
        opening: { request: { draft: true, severity: 'major', classification: 'corrective', topic: 'backup', source: { reference: 'AUD-7' } } },
        content: { title: 'Backups never validated by a restore', description: expect.stringMatching(/\n\nFrom template untested-backup, version 2\.$/) },
      },
    });
    expect((await lead.post('/capa-templates/untested-backup/capas', place, { key: 'first' })).status).toBe(202);
    expect(await fresh.store.models.commands.countDocuments({ act: 'open' })).toBe(1);
  });

  test('S2.18 what is wrong is named: a missing party, a source that says nothing, no problem where it is no draft, a classification of one\'s own', async () => {
    const fieldsOf = async (body: object) => {
      const { status, body: problem } = await lead.post('/capa-templates/annual-dr-test/capas', body);
      return [status, ...(problem as { errors: { field: string }[] }).errors.map(({ field }) => field)];
    };
    expect(await fieldsOf({ ...place, raisingOrganisationId: undefined })).toEqual([400, 'raisingOrganisationId']);
    expect(await fieldsOf({ ...place, source: { type: 'other' } })).toEqual([400, 'source.reference']);
    expect(await fieldsOf({ ...place, draft: false })).toEqual([422, 'problem']);
    expect(await fieldsOf({ ...place, classification: 'corrective' })).toEqual([400, 'classification']);
    expect((await lead.post('/capa-templates/beauty/capas', place)).status).toBe(404);
  });
});
