import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { parse } from 'csv-parse/sync';
import type { Gateway } from '../../api/gateway';
import { appendToStream } from '../../store/auditLog';
import type { RecordDoc } from '../../store/schemas/records';
import { addressOf, CRO, OTHER_CRO, personOf, SPONSOR } from '../support/cast';
import { issuesApi, type Requests } from '../support/issuesApi';
import { MANAGER, openTellings, type Tellings } from '../support/tellings';
import { plusMs } from '../../contracts/instant';

const gateway: Gateway = {
  send: () => Promise.reject(new Error('no Temporal here')), history: () => Promise.resolve([]),
  decode: ({ runId }) => Promise.resolve({ runId, events: [] }), healthy: () => Promise.resolve(true), workerPolls: () => Promise.resolve(false),
};

describe('the filing record of an issue', () => {
  let site: Tellings;
  let cro: Requests;
  let sponsor: Requests;
  let stranger: Requests;
  let record: RecordDoc;
  const filing = { tmfReference: '01.03.02', location: '=HYPERLINK("https://evil.example")', responsibleOrganisationId: CRO };

  beforeAll(async () => {
    site = await openTellings();
    const api = issuesApi(site.fresh.store, gateway);
    [cro, sponsor, stranger] = [await api.as(personOf(CRO, 'quality')), await api.as(personOf(SPONSOR, 'quality')), await api.as(personOf(OTHER_CRO, 'quality'))];
    await site.agree({ channel: 'email' }, { filing });
    record = await site.raise();
    const state = { ...(record.state as object), matrixVersion: 1 };
    await site.fresh.store.models.records.updateOne({ _id: record._id }, { $set: { state } });
    await site.tell(record, {});
    const at = plusMs(site.deps.now(), 60_000);
    await appendToStream(site.fresh.store, { streamId: record._id, drafts: [{
      streamId: record._id, at, zone: 'UTC', action: 'issue.acknowledged', correlationId: 'c', rev: 2,
      actor: { kind: 'person', personId: MANAGER, name: 'The manager', role: 'project_manager', organisationId: CRO },
    }] });
  });
  afterAll(() => site.close());
  const path = (query = '') => `/issues/${record._id}/filing${query}`;

  test('E11, S1.4 what was sent, delivered, reached and acknowledged, where it is filed, and a hash that holds', async () => {
    const answer = await cro.get(path());
    expect(answer.status).toBe(200);
    const { sha256, ...rest } = answer.body as { sha256: string; notices: object[] };
    expect(rest).toMatchObject({
      record: { number: record.number, topic: 'demo' }, matrix: { version: 1 }, filing,
      notices: [{ personId: MANAGER, address: addressOf(CRO, 'project_manager'), channel: 'email', deliveredAt: site.deps.now(), acknowledgedBy: MANAGER, contentHash: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      acknowledgements: [{ personId: MANAGER }], audit: [{ streamId: record._id }, { streamId: `notices/${record._id}`, length: 1 }],
    });
    expect(createHash('sha256').update(canonicalize(rest) ?? '').digest('hex')).toBe(sha256);
    expect(answer.headers['x-content-sha256']).toBe(sha256);
    expect(answer.text).toBe(canonicalize(answer.body));
    expect((await cro.get(path())).text).toBe(answer.text);
  });

  test('E11 as CSV: one line per notice, no cell is a formula, the header has the file\'s hash', async () => {
    const answer = await cro.get(path('?format=csv'));
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(createHash('sha256').update(answer.text).digest('hex')).toBe(answer.headers['x-content-sha256']);
    const [line, ...more] = parse<Record<string, string>>(answer.text, { columns: true });
    expect(more).toEqual([]);
    expect(line).toMatchObject({ record: record.number, tmfReference: '01.03.02', location: `'${filing.location}`, channel: 'email', noticeStatus: 'told', acknowledgedBy: MANAGER, drill: 'no' });
    expect((await cro.get(path('?format=csv'))).text).toBe(answer.text);
  });

  test('E11 the other party gets the same with addresses masked; nobody else gets it', async () => {
    expect((await sponsor.get(path())).body).toMatchObject({ preparedFor: [SPONSOR], notices: [{ address: `***@${CRO}.example` }] });
    expect((await stranger.get(path())).status).toBe(404);
    await site.fresh.store.models.records.updateOne({ _id: record._id }, { $set: { visibleTo: [SPONSOR, CRO, OTHER_CRO], state: { ...(record.state as object), matrixVersion: 1, shares: [{ organisationId: OTHER_CRO, extent: 'whole' }] } } });
    expect((await stranger.get(path())).status).toBe(403);
  });
});
