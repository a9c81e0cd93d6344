import fc from 'fast-check';
import { CHANNELS } from '../../../contracts/notice';
import type { UncheckedMatrixRow } from '../../../contracts/matrix';
import { channelAllowed, checkRow, completeRow, type RowFacts } from '../../../domain/matrix/checkRow';
import { contactOf, factsOf, rowOf } from './rows';

const fields = (row: UncheckedMatrixRow, facts: RowFacts = factsOf()) => checkRow(row, facts).errors.map(({ field }) => field);
const withContact = (more: object) => rowOf({ contacts: [contactOf('spo', 1), { ...contactOf('cro', 1), ...more }] });

describe('S1.1 E1 what keeps a row from routing', () => {
  test('S1.1 a row with contacts and deputies on both sides at every level has no findings', () => {
    expect(checkRow(rowOf(), factsOf())).toEqual({ errors: [], warnings: [] });
  });

  test.each<[string, UncheckedMatrixRow, Partial<RowFacts>, string]>([
    ['no deputy', withContact({ deputyId: undefined }), {}, 'contacts.1.deputyId'],
    ['the contact is their own deputy', withContact({ deputyId: 'cro-1' }), {}, 'contacts.1.deputyId'],
    ['a deputy of the other side', withContact({ deputyId: 'spo-2' }), {}, 'contacts.1.deputyId'],
    ['a contact of the other side', withContact({ personId: 'spo-1' }), {}, 'contacts.1.personId'],
    ['a contact who left', withContact({ personId: 'cro-gone' }), {}, 'contacts.1.personId'],
    ['a contact of a third organisation', rowOf({ contacts: [...rowOf().contacts, contactOf('cro2', 1)] }), { people: new Map(['spo', 'cro', 'cro2'].flatMap((organisationId) => [1, 2, 3, 4, 5].map((n) => [`${organisationId}-${String(n)}`, { organisationId, serves: true }]))) }, 'contacts.8.organisationId'],
    ['the same person twice at a level', rowOf({ contacts: [...rowOf().contacts, contactOf('cro', 4)] }), {}, 'contacts.8.personId'],
    ['the fallback is the channel', withContact({ fallback: 'email' }), {}, 'contacts.1.fallback'],
    ['a side without a contact', rowOf({ contacts: [contactOf('spo', 1)] }), {}, 'contacts'],
    ['nobody at level 1', rowOf({ contacts: [contactOf('spo', 1), contactOf('cro', 2)] }), {}, 'contacts'],
    ['no policy', rowOf(), { policy: undefined }, 'policyKey'],
    ['no study', rowOf(), { studyOrganisationIds: undefined }, 'studyId'],
    ['an organisation that does not work on the study', rowOf(), { studyOrganisationIds: ['spo'] }, 'organisationIds'],
    ['an organisation that is not active', rowOf(), { organisationIds: new Set(['spo']) }, 'organisationIds'],
    ['an organisation named twice', rowOf({ organisationIds: ['spo', 'spo'], contacts: [contactOf('spo', 1)], frequency: undefined }), {}, 'organisationIds'],
    ['a third organisation chased for contact', rowOf({ frequency: { ...rowOf().frequency, organisationId: 'cro2' } as never }), {}, 'frequency.organisationId'],
    ['a third organisation files', rowOf({ filing: { tmfReference: '01', location: 'x', responsibleOrganisationId: 'cro2' } }), {}, 'filing.responsibleOrganisationId'],
  ])('E1 %s', (...[, row, facts, field]) => {
    expect(fields(row, factsOf(facts))).toEqual([field]);
  });

  test('E1 a level without anybody above the first is a warning: it is skipped when it is reached', () => {
    const row = rowOf({ contacts: [contactOf('spo', 1), contactOf('spo', 2), contactOf('spo', 3), contactOf('spo', 4), contactOf('cro', 1), contactOf('cro', 3), contactOf('cro', 5)] });
    const { errors, warnings } = checkRow(row, factsOf());
    expect(errors).toEqual([]);
    expect(warnings.map(({ message }) => message)).toEqual([
      'cro has nobody at level 2: it is skipped at once', 'cro has nobody at level 4: it is skipped at once', 'cro has a level 5, but the ladder of default ends at 4',
    ]);
  });

  test('E1 who holds no role for the study is warned of', () => {
    const people = new Map(factsOf().people).set('cro-1', { organisationId: 'cro', serves: false });
    expect(checkRow(rowOf(), factsOf({ people })).warnings.map(({ field }) => field)).toEqual(['contacts.4.personId']);
  });

  test('E1 only a row in which everybody has a deputy is complete', () => {
    expect(completeRow(rowOf())).toEqual(rowOf());
    expect(completeRow(withContact({ deputyId: undefined }))).toBeUndefined();
  });
});

describe('E10 a row with protected health information', () => {
  test('E10 only channels that both organisations listed carry its notices', () => {
    expect(fields(rowOf({ phi: true }))).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((index) => `contacts.${String(index)}.channel`));
    expect(fields(rowOf({ phi: true, phiChannels: ['email'] }))).toEqual([]);
    expect(fields(rowOf({ phi: true, phiChannels: [], contacts: [contactOf('spo', 1, { channel: 'inbox', fallback: 'webhook' }), contactOf('cro', 1, { channel: 'inbox', fallback: 'email' })] })))
      .toEqual(['contacts.0.fallback', 'contacts.1.fallback']);
  });

  test('E10 no row passes with a channel or fallback that it does not allow; the inbox always may', () => {
    const channel = fc.constantFrom(...CHANNELS);
    fc.assert(fc.property(fc.boolean(), fc.subarray([...CHANNELS]), fc.array(fc.tuple(channel, fc.option(channel, { nil: undefined })), { minLength: 2, maxLength: 2 }), (phi, phiChannels, [spo, cro]) => {
      const contacts = [spo, cro].map((pair, index) => ({ ...contactOf(index === 0 ? 'spo' : 'cro', 1), channel: pair?.[0] ?? 'inbox', fallback: pair?.[1] }));
      const row = rowOf({ phi, phiChannels, contacts: contacts });
      const used = contacts.flatMap(({ channel: first, fallback }) => [first, ...(fallback ? [fallback] : [])]);
      const passes = fields(row).length === 0;
      const may = used.every((each) => !phi || each === 'inbox' || phiChannels.includes(each)) && contacts.every(({ channel: first, fallback }) => first !== fallback);
      expect(passes).toBe(may);
      expect(channelAllowed(row, 'inbox')).toBe(true);
    }));
  });
});
