import fc from 'fast-check';
import { instantOf } from '../../../contracts/instant';
import { ROLES, type Membership } from '../../../contracts/people';
import { mayAct, visibilityFilter } from '../../../domain/access/ability';
import { listedUnder, type Listable } from '../../../domain/lists/listedUnder';
import { alternativesOf, placesOf, type Asked } from '../../../domain/lists/placesOf';

const NOW = instantOf(Date.UTC(2026, 10, 22));
const organisation = fc.constantFrom('a', 'b', 'c');
const study = fc.constantFrom('s1', 's2', null);
const topic = fc.constantFrom('security', 'data');

const records: fc.Arbitrary<Listable> = fc.record({
  raisingOrganisationId: organisation, accountableOrganisationId: organisation, shares: fc.uniqueArray(organisation, { maxLength: 2 }), studyId: study,
  systemId: fc.constantFrom('sys', null), topic, assigneeIds: fc.constantFrom<readonly string[]>([], ['me'], ['me', 'you']), dedupeKey: fc.constantFrom('k', undefined), drill: fc.boolean(),
}).map(({ shares, ...record }) => ({ ...record, visibleTo: [...new Set([record.raisingOrganisationId, record.accountableOrganisationId, ...shares])] }));

const memberships: fc.Arbitrary<readonly Membership[]> = fc.array(fc.record({
  id: fc.constant('m'), personId: fc.constant('me'), organisationId: organisation, role: fc.constantFrom(...ROLES), studyId: study,
  systemIds: fc.constantFrom<readonly string[]>([], ['sys']), from: fc.constant('2026-01-01T00:00:00.000Z'), until: fc.constant(null),
}), { minLength: 1, maxLength: 4 });

const questions: fc.Arbitrary<Asked> = fc.record({
  studyId: fc.constantFrom('s1', 's2', undefined), organisationId: fc.constantFrom('a', 'b', 'c', undefined), topic: fc.constantFrom('security', 'data', undefined),
  assigneeId: fc.constantFrom('me', undefined), dedupeKey: fc.constantFrom('k', undefined), drill: fc.constantFrom(true, false, undefined),
});

/** What a list answers, said without places. */
function fits(record: Listable, asked: Asked): boolean {
  const says = <T>(given: T | undefined, is: (value: T) => boolean) => given === undefined || is(given);
  return says(asked.studyId, (id) => record.studyId === id) && says(asked.topic, (one) => record.topic === one)
    && says(asked.organisationId, (id) => [record.raisingOrganisationId, record.accountableOrganisationId].includes(id))
    && says(asked.assigneeId, (id) => record.assigneeIds.includes(id)) && says(asked.dedupeKey, (key) => record.dedupeKey === key)
    && record.drill === (asked.drill ?? false);
}

describe('the places where lists look', () => {
  test('P14 whatever may be seen and is asked for lies under one of them, whatever the seats, and nothing lies there twice', () => {
    fc.assert(fc.property(records, memberships, questions, (record, seats, asked) => {
      const visibility = visibilityFilter(seats, NOW);
      const places = visibility === undefined ? [] : placesOf(visibility, asked);
      const under = listedUnder(record);
      expect(new Set(under).size).toBe(under.length);
      expect(new Set(places).size).toBe(places.length);
      const seen = seats.some((seat) => mayAct({ memberships: [seat], act: 'see', record, now: NOW }) !== undefined);
      if (seen && fits(record, asked)) expect(places.some((one) => under.includes(one))).toBe(true);
    }), { numRuns: 3000 });
  });

  test('the narrowest name wins', () => {
    const seat = { $or: [{ visibleTo: 'a' }] };
    expect(placesOf(seat, {})).toEqual(['o/a']);
    expect(placesOf(seat, { topic: 'data' })).toEqual(['o/a/t/data']);
    expect(placesOf(seat, { topic: 'data', organisationId: 'b' })).toEqual(['o/a/p/b']);
    expect(placesOf(seat, { organisationId: 'a' })).toEqual(['o/a']);
    expect(placesOf(seat, { studyId: 's1', organisationId: 'b' })).toEqual(['o/a/s/s1']);
    expect(placesOf(seat, { studyId: 's1', assigneeId: 'me' })).toEqual(['a/me']);
    expect(placesOf(seat, { drill: true })).toEqual(['drill/o/a']);
    expect(placesOf({ $or: [{ visibleTo: 'a', studyId: 's1' }] }, { studyId: 's2' })).toEqual([]);
  });

  test('an alternative that another one covers is left out, of two alike one stays', () => {
    expect(alternativesOf({ $or: [{ visibleTo: 'a', studyId: 's1' }, { visibleTo: 'a' }, { visibleTo: 'a' }, { visibleTo: 'b' }] })).toEqual([{ visibleTo: 'a' }, { visibleTo: 'b' }]);
  });
});
