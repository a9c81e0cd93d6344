import { nextNumber, nextNumbers } from '../../store/counters';
import { CRO, OTHER_CRO, OTHER_SPONSOR, seedCast, SPONSOR, STUDY } from '../support/cast';
import { freshStore, type FreshStore } from '../support/mongo';

const administered = { rev: 1, active: true, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', chain: { length: 0, head: '' } };

describe('display numbers', () => {
  let fresh: FreshStore;
  const study = async (id: string, code: string) => fresh.store.models.studies.create({ ...administered, _id: id, code, title: id, organisationIds: [SPONSOR, CRO] } as never);
  const inStudy = (studyId: string, organisationIds = [SPONSOR, CRO]) => ({ studyId, organisationIds });
  const without = (...organisationIds: string[]) => ({ studyId: null, organisationIds });
  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
  });
  afterAll(async () => fresh.drop());

  test('P14 numbers drawn at once are all different, none is left out, and each kind counts for itself', async () => {
    const numbers = await Promise.all(Array.from({ length: 25 }, async () => nextNumber(fresh.store, 'ISS', inStudy(STUDY))));
    expect(numbers.toSorted()).toEqual(Array.from({ length: 25 }, (_, index) => `ISS-ST-1-${String(index + 1)}`).toSorted());
    expect(await nextNumber(fresh.store, 'CAPA', inStudy(STUDY))).toBe('CAPA-ST-1-1');
  });

  test('P14 nobody learns by counting how much others do: what they open moves no number of one’s own', async () => {
    const mine = async () => [await nextNumber(fresh.store, 'ISS', inStudy(STUDY)), await nextNumber(fresh.store, 'ISS', without(SPONSOR, CRO)), await nextNumber(fresh.store, 'ISS', without(SPONSOR))];
    const count = (number: string): number => Number(number.split('-').at(-1));
    const before = await mine();
    await study('theirs', 'TH-1');
    for (const theirs of [inStudy('theirs'), without(OTHER_SPONSOR, CRO), without(OTHER_SPONSOR), without(CRO)]) await nextNumber(fresh.store, 'ISS', theirs);
    expect((await mine()).map(count)).toEqual(before.map((number) => count(number) + 1));
  });

  test('P14 without a study a number names nobody, is the same tag whoever raises, and the same for each kind', async () => {
    const [raised, answered, capa] = [await nextNumber(fresh.store, 'ISS', without(SPONSOR, OTHER_CRO)), await nextNumber(fresh.store, 'ISS', without(OTHER_CRO, SPONSOR)), await nextNumber(fresh.store, 'CAPA', without(SPONSOR, OTHER_CRO))];
    const [, tag] = /^ISS-([2-9B-DF-HJ-NP-TV-XZ]{5})-1$/.exec(raised) ?? [];
    expect([answered, capa]).toEqual([`ISS-${String(tag)}-2`, `CAPA-${String(tag)}-1`]);
  });

  test('P14 studies whose codes look alike, or show nothing, share no number; another code later changes no series', async () => {
    await study('alike-1', 'AB/7');
    await study('alike-2', 'ab 7');
    await study('opaque', 'ИСП');
    // Both begin at the same moment, many times over.
    const drawn = await Promise.all(['alike-1', 'alike-2', 'opaque'].flatMap((id) => Array.from({ length: 8 }, async () => nextNumber(fresh.store, 'ISS', inStudy(id)))));
    expect(new Set(drawn).size).toBe(24);
    expect(drawn.filter((number) => /^ISS-AB-7-\d$/.test(number))).toHaveLength(8);
    for (const number of drawn) expect(number).toMatch(/^ISS(?:-[A-Z0-9]+)+-[1-8]$/);
    await fresh.store.models.studies.updateOne({ _id: 'alike-1' }, { $set: { code: 'NEW' } });
    await fresh.store.models.studies.updateOne({ _id: 'alike-2' }, { $set: { code: 'AB/7' } });
    const [first, second] = [await nextNumber(fresh.store, 'ISS', inStudy('alike-1')), await nextNumber(fresh.store, 'ISS', inStudy('alike-2'))];
    expect([...drawn, first]).not.toContain(second);
    expect([first, second].filter((number) => number === 'ISS-AB-7-9')).toHaveLength(1);
  });

  test('P14 the lines of a table draw in their order, each in its own series', async () => {
    await study('table', 'TAB');
    const series = [inStudy('table'), without(CRO), inStudy('table'), without(CRO), inStudy('table')];
    const numbers = await nextNumbers(fresh.store, 'CAPA', series);
    expect([numbers[0], numbers[2], numbers[4]]).toEqual(['CAPA-TAB-1', 'CAPA-TAB-2', 'CAPA-TAB-3']);
    expect([numbers[1], numbers[3]].map((number = '') => number.split('-').at(-1))).toEqual(['1', '2']);
    expect(await nextNumber(fresh.store, 'CAPA', inStudy('table'))).toBe('CAPA-TAB-4');
  });
});
