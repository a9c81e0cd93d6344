import { numberOf, seriesOf, tagOfCode } from '../../../domain/records/numberSeries';

describe('series of numbers', () => {
  test('P14 a record is counted in its study, or with its parties, whoever stands on which side', () => {
    const [one, other] = [{ studyId: 's', organisationIds: ['a', 'b'] }, { studyId: null, organisationIds: ['b', 'a', 'b'] }];
    expect([seriesOf(one), seriesOf({ ...one, organisationIds: ['c'] })]).toEqual(['study/s', 'study/s']);
    expect([seriesOf(other), seriesOf({ ...other, organisationIds: ['a', 'b'] }), seriesOf({ ...other, organisationIds: ['a'] })]).toEqual(['parties/a+b', 'parties/a+b', 'parties/a']);
  });

  test.each([
    ['ALP-101', 'ALP-101'], ['alp 101', 'ALP-101'], ['  “Étude” / 7: ../x ', 'ETUDE-7-X'], ['=HYPERLINK("x")', 'HYPERLINK-X'],
    ['2026-000001-11-00 (EU CT)', '2026-000001-11-00-EU-CT'], ['A'.repeat(23) + '-B'.repeat(9), 'A'.repeat(23)],
  ])('P14 the code %j shows as %j: URLs, file names and CSV take it as it is', (code, tag) => {
    expect(tagOfCode(code)).toBe(tag);
    expect(numberOf('ISS', tag, 7)).toMatch(/^ISS-[A-Z0-9]+(?:-[A-Z0-9]+)*-7$/);
  });

  test.each(['ИСП-1', '試験1', '---', '☃'])('P14 the code %j would lose what tells it from others: it shows no part of it', (code) => {
    expect(tagOfCode(code)).toBeUndefined();
  });
});
