import { softened, type Statement } from '../../../domain/capa/source';

const stated: Statement = { title: '12 of 40 consent forms are missing', severity: 'major', raisingOrganisationId: 'spo', accountableOrganisationId: 'cro' };
const fields = (asked: Partial<Statement>, by = 'cro') => softened({ ...stated, ...asked }, stated, by).map(({ field }) => field);

describe('a CAPA that is opened from what another side stated', () => {
  test.each<readonly [string, Partial<Statement>, readonly string[]]>([
    ['as it stands', {}, []], ['as graver', { severity: 'critical' }, []], ['as lighter', { severity: 'minor' }, ['severity']], ['under another title', { title: 'One form was filed late' }, ['title']],
    ['with the sides turned round', { raisingOrganisationId: 'cro', accountableOrganisationId: 'spo' }, ['raisingOrganisationId', 'accountableOrganisationId']],
  ])('Q2 P14 by the accountable side %s', (_, asked, faults) => {
    expect(fields(asked)).toEqual(faults);
  });

  test('Q2 whoever raised it may say it anew', () => {
    expect(fields({ title: 'Another', severity: 'minor' }, 'spo')).toEqual([]);
  });
});
