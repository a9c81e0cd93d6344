import { seededIssue, numbersFrom } from '../../bench/lists/shape';
import { listedUnder } from '../../domain/lists/listedUnder';
import { up as foundation } from '../../store/migrations/20261122000000-foundation';
import { up as whole } from '../../store/migrations/20261122120000-escalation-whole';
import type { RecordDoc } from '../../store/schemas/records';
import { freshStore, type FreshStore } from '../support/mongo';

describe('records of the foundation', () => {
  let fresh: FreshStore;
  beforeAll(async () => { fresh = await freshStore(); });
  afterAll(() => fresh.drop());

  test('are listed under the same places as if they were written now, and the indexes that nobody uses any more go', async () => {
    const { main, client } = fresh.admin;
    await main.dropDatabase();
    await foundation(main, client);
    const random = numbersFrom(3);
    const issues = Array.from({ length: 300 }, (_, index) => ({ ...seededIssue({ index, total: 300 }, random), drill: false }));
    issues.push(...issues.slice(0, 20).map((issue) => ({ ...issue, _id: `own-${issue._id}`, number: `own-${issue._id}`, raisingOrganisationId: issue.accountableOrganisationId, visibleTo: [issue.accountableOrganisationId], systemId: 'sys', dedupeKey: `own-${issue._id}` })));
    const before = issues.map(({ listedUnder: _places, drill: _drill, ...issue }) => issue);
    await main.collection('issues').insertMany(before as never);
    await whole(main);
    await whole(main);
    for (const issue of issues) {
      const stored = await fresh.store.models.records.findById(issue._id).lean<RecordDoc>();
      expect([...stored?.listedUnder ?? []].toSorted()).toEqual([...listedUnder(issue)].toSorted());
    }
    const names = (await main.collection('records').indexes()).map(({ name }) => name);
    expect(names).toContain('capability_1_listedUnder_1_status_1_severity_1_openedAt_-1__id_-1_level_1_topic_1');
    expect(names.filter((name) => /^(?:visibleTo|assigneeIds|studyId)_/.test(String(name)))).toEqual([]);
  });
});
