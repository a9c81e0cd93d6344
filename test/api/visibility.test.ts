import { instantOf } from '../../contracts/instant';
import { ROLES, type Membership } from '../../contracts/people';
import { accessRecordOf, mayAct, visibilityFilter } from '../../domain/access/ability';
import { freshStore, type FreshStore } from '../support/mongo';

const NOW = instantOf(Date.UTC(2026, 5, 1));

/** Every combination of parties, share, study, topic, system and assignment that the filter distinguishes. */
const ISSUES = [['a', 'b'], ['b', 'a'], ['b', 'b']].flatMap(([raising = '', accountable = '']) => [[], ['a'], ['c']].flatMap((shares) => ['s1', 's2', null].flatMap((studyId) =>
  ['security', 'other'].flatMap((topic) => ['sys', null].flatMap((systemId) => [['me'], []].map((assigneeIds) => ({
    raisingOrganisationId: raising, accountableOrganisationId: accountable, studyId, topic, systemId, assigneeIds,
    visibleTo: [...new Set([raising, accountable, ...shares])], state: { shares: shares.map((organisationId) => ({ organisationId, extent: 'summary' })) },
  })))))));

describe('lists', () => {
  let fresh: FreshStore;
  beforeAll(async () => {
    fresh = await freshStore();
    await fresh.admin.main.collection<{ _id: string }>('records').insertMany(ISSUES.map((issue, index) => ({ _id: `i${String(index)}`, number: `ISS-${String(index)}`, ...issue })));
  });
  afterAll(() => fresh.drop());

  test.each(ROLES)('P14 a %s lists exactly what may be seen record by record', async (role) => {
    for (const studyId of [null, 's1']) {
      const membership: Membership = { id: 'm', personId: 'me', organisationId: 'a', role, studyId, systemIds: ['sys'], from: '2026-01-01T00:00:00.000Z', until: null };
      const seen = ISSUES.flatMap((issue, index) => (mayAct({ memberships: [membership], act: 'see', record: accessRecordOf(issue), now: NOW }) ? [`i${String(index)}`] : []));
      const filter = visibilityFilter([membership], NOW);
      const listed = filter === undefined ? [] : await fresh.store.models.records.find(filter as never, { _id: 1 }).lean<{ _id: string }[]>();
      expect(listed.map(({ _id }) => _id).toSorted()).toEqual(seen.toSorted());
    }
  });
});
