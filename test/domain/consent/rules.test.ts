import type { ConsentTerms } from '../../../contracts/consent';
import { instantOf } from '../../../contracts/instant';
import { ROLES, type Membership, type Role } from '../../../contracts/people';
import { agreed, consentSeat, refuseConsentAct } from '../../../domain/consent/rules';
import { shareConsents } from '../../../domain/consent/share';
import { linkConsents, mayEndLink, newcomersOf } from '../../../domain/evidence/linking';

const NOW = instantOf(Date.UTC(2026, 10, 1));
const LATER = '2026-11-10T00:00:00.000Z';
const consent = (more: Partial<ConsentTerms> = {}): ConsentTerms => ({
  subject: 'share', recordId: 'r', evidenceId: null, extent: 'summary', toOrganisationIds: ['third'], askingOrganisationId: 'sponsor', ofOrganisationId: 'cro', studyId: 's', status: 'given', until: LATER, ...more,
});
const wanted = { subject: 'share', recordId: 'r', evidenceId: null, extent: 'summary', ofOrganisationIds: ['cro'], toOrganisationIds: ['third'] } as const;

describe('whose consent a share needs', () => {
  const record = { raisingOrganisationId: 'sponsor', accountableOrganisationId: 'cro', studyId: 's', sponsors: ['sponsor'], filesOf: [], boundByMatrix: [] };
  test('P14 of a study the other party\'s; of none, nobody\'s, unless somebody else has put files on it', () => {
    const to = { organisationId: 'third', extent: 'whole' } as const;
    expect(shareConsents(record, to)).toEqual(['cro']);
    expect(shareConsents({ ...record, studyId: null }, to)).toEqual([]);
    expect(shareConsents({ ...record, studyId: null, filesOf: ['sponsor', 'cro'] }, to)).toEqual(['cro']);
    expect(shareConsents({ ...record, studyId: null, filesOf: ['cro'] }, { ...to, extent: 'summary' })).toEqual([]);
    expect(shareConsents({ ...record, accountableOrganisationId: 'sponsor' }, to)).toEqual([]);
  });
  test('P14 of a CRO\'s own log of a study, the study\'s sponsors\', whom nobody else speaks for', () => {
    const log = { ...record, raisingOrganisationId: 'cro' };
    expect(shareConsents(log, { organisationId: 'third', extent: 'summary' })).toEqual(['sponsor']);
    expect(shareConsents({ ...log, boundByMatrix: ['third'] }, { organisationId: 'third', extent: 'whole' })).toEqual(['sponsor']);
    expect(shareConsents(log, { organisationId: 'sponsor', extent: 'whole' })).toEqual([]);
    expect(shareConsents({ ...record, sponsors: ['sponsor', 'second'] }, { organisationId: 'third', extent: 'whole' })).toEqual(['cro']);
  });
  test('P14 a row of the matrix that names the third organisation says so already, but says nothing of files', () => {
    expect(shareConsents({ ...record, boundByMatrix: ['third'] }, { organisationId: 'third', extent: 'whole' })).toEqual([]);
    expect(shareConsents({ ...record, boundByMatrix: ['third'], filesOf: ['cro'] }, { organisationId: 'third', extent: 'whole' })).toEqual(['cro']);
    expect(shareConsents({ ...record, boundByMatrix: ['fourth'] }, { organisationId: 'third', extent: 'whole' })).toEqual(['cro']);
  });
});

describe('whose consent a link of evidence needs', () => {
  const link = { linkingOrganisationId: 'cro', ownerOrganisationId: 'a', homes: [['a', 'cro']], sponsors: [], parties: ['b', 'cro'], readers: ['b', 'cro'] };
  test('B11 P14 one sponsor\'s file on another sponsor\'s issue: its owner\'s; nobody else is shown it before', () => {
    expect([newcomersOf(link), linkConsents(link)]).toEqual([['b'], ['a']]);
  });
  test('B11 P14 one\'s own file that hangs on one sponsor\'s record: that sponsor\'s, since it would not see what becomes of it', () => {
    expect(linkConsents({ ...link, ownerOrganisationId: 'cro' })).toEqual(['a']);
  });
  test('B11 P14 nobody\'s where all who read it there are parties of what it hangs on, or it hangs on nothing and is one\'s own', () => {
    expect(linkConsents({ ...link, parties: ['a', 'cro'], readers: ['a', 'cro'] })).toEqual([]);
    expect(linkConsents({ ...link, ownerOrganisationId: 'cro', homes: [], readers: ['b', 'cro'] })).toEqual([]);
    expect(linkConsents({ ...link, parties: ['a', 'cro'], readers: ['a', 'cro', 'third'] })).toEqual(['a']);
  });
});

describe('whose study a file is about', () => {
  test('B11 P14 a CRO\'s own file on its own log of a study needs the sponsor\'s, who does not see that log', () => {
    const link = { linkingOrganisationId: 'cro', ownerOrganisationId: 'cro', homes: [['cro', 'cro']], sponsors: ['a'], parties: ['b', 'cro'], readers: ['b', 'cro'] };
    expect(linkConsents(link)).toEqual(['a']);
    expect(linkConsents({ ...link, parties: ['a', 'cro'], readers: ['a', 'cro'] })).toEqual([]);
  });
});

describe('who takes a link back', () => {
  const link = { ownerOrganisationId: 'a', linkedFor: 'cro', parties: ['a', 'cro'] };
  test('B11 whoever stored the file and whoever linked it; a party of the record only what no party put there', () => {
    expect(mayEndLink({ ...link, linkedFor: 'a' })).not.toContain('cro');
    expect(mayEndLink(link)).toEqual(['a', 'cro']);
    expect(mayEndLink({ ...link, parties: ['b', 'cro'] })).not.toContain('b');
    expect(mayEndLink({ ...link, parties: ['b', 'c'] })).toEqual(expect.arrayContaining(['a', 'cro', 'b', 'c']));
  });
});

describe('what a consent allows', () => {
  test('P14 this record, this organisation, this extent or less, until its end, while it is given', () => {
    const by = (one: ConsentTerms, more: object = {}) => agreed([one], { wanted: { ...wanted, ...more }, now: NOW }).missing;
    expect(by(consent())).toEqual([]);
    expect(by(consent({ extent: 'whole' }))).toEqual([]);
    for (const not of [{ status: 'asked' }, { status: 'refused' }, { status: 'withdrawn' }, { recordId: 'q' }, { toOrganisationIds: ['fourth'] }, { ofOrganisationId: 'x' }, { until: '2026-10-31T23:59:59.999Z' }, { usedAt: '2026-10-31T00:00:00.000Z' }, { subject: 'evidence_link' }] as const) {
      expect([not, by(consent(not))]).toEqual([not, ['cro']]);
    }
    expect(by(consent(), { extent: 'whole' })).toEqual(['cro']);
    expect(agreed([consent(), consent({ ofOrganisationId: 'd' })], { wanted: { ...wanted, ofOrganisationIds: ['cro', 'd', 'e'] }, now: NOW }).missing).toEqual(['e']);
  });

  test('P14 who asks does not answer, nobody answers twice or late, and only what was given is taken back', () => {
    const asked = (status: ConsentTerms['status'], act: 'give' | 'refuse' | 'withdraw', more: object = {}) =>
      refuseConsentAct({ status, until: LATER, ...more }, { act, actorId: 'p', askedById: 'q', now: NOW })?.type;
    expect([asked('asked', 'give'), asked('asked', 'refuse'), asked('given', 'withdraw')]).toEqual([undefined, undefined, undefined]);
    for (const status of ['given', 'refused', 'withdrawn'] as const) expect([asked(status, 'give'), asked(status, 'refuse')]).toEqual(['wrong_state', 'wrong_state']);
    for (const status of ['asked', 'refused', 'withdrawn'] as const) expect(asked(status, 'withdraw')).toBe('wrong_state');
    expect(asked('asked', 'give', { until: '2026-10-31T00:00:00.000Z' })).toBe('wrong_state');
    expect(refuseConsentAct({ status: 'asked', until: LATER }, { act: 'give', actorId: 'p', askedById: 'p', now: NOW })?.type).toBe('separation_of_duties');
  });

  const member = (role: Role, more: Partial<Membership> = {}): Membership => ({ id: 'm', personId: 'p', organisationId: 'cro', role, studyId: null, systemIds: [], from: '2026-01-01T00:00:00.000Z', until: null, ...more });
  test('P14 who may share everything answers, for their own organisation and study', () => {
    const answers = ROLES.filter((role) => consentSeat([member(role)], { organisationId: 'cro', studyId: 's', now: NOW }));
    expect(answers).toEqual(expect.arrayContaining(['project_manager', 'study_lead', 'quality', 'quality_head', 'executive']));
    for (const not of ['contributor', 'vendor_user', 'inspector', 'organisation_admin', 'instance_admin'] as const) expect(answers).not.toContain(not);
    expect(consentSeat([member('quality', { studyId: 't' })], { organisationId: 'cro', studyId: 's', now: NOW })).toBeUndefined();
    expect(consentSeat([member('quality')], { organisationId: 'a', studyId: 's', now: NOW })).toBeUndefined();
  });
});
