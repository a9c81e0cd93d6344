import { rowGaps } from '../../../domain/matrix/gaps';

const row = { studyId: null, topic: 'data', organisationIds: ['a', 'b'], policyKey: 'default', phi: false, phiChannels: [] };
const contact = { organisationId: 'a', level: 1, personId: 'p', deputyId: 'd', channel: 'email' } as const;

test('S1.2 S1.4 E1 a row without filing rule, frequency or fallback says so to whoever approves it', () => {
  expect(rowGaps({ ...row, contacts: [contact, { ...contact, channel: 'inbox' }] }).map(({ field }) => field)).toEqual(['filing', 'frequency', 'contacts']);
  const whole = {
    ...row, contacts: [{ ...contact, fallback: 'inbox' as const }], filing: { tmfReference: '01', location: 'eTMF', responsibleOrganisationId: 'a' },
    frequency: { every: { kind: 'calendar', unit: 'h', amount: 24 }, grace: { kind: 'calendar', unit: 'h', amount: 1 }, organisationId: 'a' } as never,
  };
  expect(rowGaps(whole)).toEqual([]);
});
