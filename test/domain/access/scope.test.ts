import type { Role } from '../../../contracts/people';
import { ownScope } from '../../../domain/access/scope';

const seat = (organisationId: string, role: Role, studyId: string | null = null) => ({ organisationId, role, studyId });

describe('what seats see of an organisation\'s own things', () => {
  test('P14 everything for no study in particular, else that study', () => {
    expect(ownScope([seat('a', 'quality')])).toEqual({ whole: ['a'], studies: [] });
    expect(ownScope([seat('a', 'study_lead', 's')])).toEqual({ whole: [], studies: [{ organisationId: 'a', studyId: 's', as: 'house' }] });
    expect(ownScope([seat('a', 'study_lead', 's'), seat('a', 'organisation_admin'), seat('b', 'quality', 't')])).toEqual({ whole: ['a'], studies: [{ organisationId: 'b', studyId: 't', as: 'house' }] });
  });
  test('P14 an inspector and a vendor are guests: of one study, or of nothing', () => {
    expect(ownScope([seat('a', 'inspector'), seat('b', 'vendor_user')])).toEqual({ whole: [], studies: [] });
    expect(ownScope([seat('a', 'inspector', 's'), seat('b', 'vendor_user', 's')]).studies.map(({ as }) => as)).toEqual(['inspector', 'vendor']);
    expect(ownScope([])).toEqual({ whole: [], studies: [] });
  });
});
