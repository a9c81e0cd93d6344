import { FUNCTIONAL_ROLES, ROLES, type Membership, type Role } from '../../../contracts/people';
import { instantOf, type Instant } from '../../../contracts/instant';
import { accessRecordOf, extentSeen, mayAct, maySteer, visibilityFilter, type AccessRecord } from '../../../domain/access/ability';
import { ACTS, ISSUE_ACTS, type Act, type IssueAct, type RecordAct } from '../../../domain/access/roles';

/** "Acts by role" as the defaults print it, row by row; written out again here so that a slip in the product's table shows. */
const PRINTED = `
see             | y | y   | y | y | y | security | own systems | y | own | one study | – | – | own
raise           | y | y   | y | y | y | y        | y           | y | y   | –         | – | – | y
acknowledge progress comment | own | own | own | y | y | own | own | y | own | – | – | – | own
assign hand-over accept escalate link share unshare | y | own | y | y | y | own | own | y | – | – | – | – | own
regrade replan  | y | –   | y | y | y | security | –           | y | –   | –         | – | – | –
resolve         | y | own | y | y | y | own      | own         | y | own | –         | – | – | own
confirm reject  | y | –   | y | y | y | security | –           | y | –   | –         | – | – | –
cancel          | y | –   | y | y | y | y        | –           | y | –   | –         | – | – | –
confirm-cancel  | – | –   | y | y | y | –        | –           | y | –   | –         | – | – | –`;

const printed = new Map(PRINTED.trim().split('\n').flatMap((line) => {
  const [acts = '', ...cells] = line.split('|').map((cell) => cell.trim());
  return acts.split(' ').map((act): [string, readonly string[]] => [act, cells]);
}));
/** The last column is that of every functional role. */
const NAMED = ROLES.filter((role) => !FUNCTIONAL_ROLES.some((functional) => functional === role));
const columnOf = (role: Role): number => (NAMED.includes(role) ? NAMED.indexOf(role) : NAMED.length);
const cellOf = (act: IssueAct, role: Role): string => printed.get(act)?.[columnOf(role)] ?? '?';

const NOW = instantOf(Date.UTC(2026, 5, 1));
const ME = 'me';
const HOME = 'home';
const SEATS = ['raising', 'accountable', 'both', 'informed', 'summary', 'stranger'] as const;
type Seat = (typeof SEATS)[number];

const memberAs = (role: Role, more: Partial<Membership> = {}): Membership => ({
  id: 'm', personId: ME, organisationId: HOME, role, studyId: null, systemIds: ['sys-1'], from: '2026-01-01T00:00:00.000Z', until: null, ...more,
});

interface Circumstance { readonly seat: Seat; readonly topic: string; readonly systemId: string | null; readonly assigned: boolean; readonly study: string | null; readonly bound: string | null }

function recordIn({ seat, topic, systemId, assigned, study }: Circumstance): AccessRecord {
  const raising = seat === 'raising' || seat === 'both' ? HOME : 'other';
  const accountable = seat === 'accountable' || seat === 'both' ? HOME : 'another';
  const visible = seat === 'stranger' ? [raising, accountable] : [...new Set([raising, accountable, HOME])];
  return {
    raisingOrganisationId: raising, accountableOrganisationId: accountable, studyId: study, topic, systemId, visibleTo: visible,
    assigneeIds: assigned ? [ME, 'x'] : [], summaryFor: seat === 'summary' ? [HOME] : [],
  };
}

/** The rules in words, as if-statements: nothing of the product's conditions is used. */
function expected(role: Role, act: IssueAct, at: Circumstance): boolean {
  const party = ['raising', 'accountable', 'both'].includes(at.seat);
  const reaches = (cell: string): boolean => {
    if (cell === 'y') return true;
    if (cell === 'own') return party || at.assigned;
    if (cell === 'security') return at.topic === 'security';
    if (cell === 'own systems') return at.systemId === 'sys-1' || at.assigned;
    return cell === 'one study' && at.bound !== null && at.bound === at.study;
  };
  if (at.seat === 'stranger') return false;
  if (at.bound !== null && at.bound !== at.study) return false;
  if (act === 'raise') return (at.seat === 'raising' || at.seat === 'both') && reaches(cellOf('raise', role));
  const sees = reaches(cellOf('see', role)) || (cellOf('see', role) === 'security' && at.assigned);
  if (act === 'see') return sees;
  if (!sees || !reaches(cellOf(act, role))) return false;
  if (act === 'comment') return party || at.seat === 'informed';
  if (act === 'resolve') return at.seat === 'accountable' || at.seat === 'both';
  if (['confirm', 'reject', 'share', 'replan', 'regrade'].includes(act)) return at.seat === 'raising' || at.seat === 'both';
  return party;
}

const CIRCUMSTANCES: readonly Circumstance[] = SEATS.flatMap((seat) => ['security', 'monitoring'].flatMap((topic) => ['sys-1', null].flatMap((systemId) =>
  [true, false].flatMap((assigned) => ['study-1', null].flatMap((study) => [null, 'study-1', 'study-2'].map((bound) => ({ seat, topic, systemId, assigned, study, bound })))))));

describe('who may do what', () => {
  test.each(ROLES)('P14 %s may do exactly what the table says, on either side, in any circumstance', (role) => {
    const wrong = ISSUE_ACTS.flatMap((act) => CIRCUMSTANCES.flatMap((at) => {
      const allowed = mayAct({ memberships: [memberAs(role, { studyId: at.bound })], act, record: recordIn(at), now: NOW });
      return (allowed !== undefined) === expected(role, act, at) ? [] : [{ act, ...at, allowed }];
    }));
    expect(wrong).toEqual([]);
  });

  test('P14 the printed table covers every act', () => {
    expect([...printed.keys()].toSorted()).toEqual([...ISSUE_ACTS].toSorted());
    expect([...printed.values()].every((cells) => cells.length === NAMED.length + 1)).toBe(true);
  });
});

/** Acts on controls and drills, and on any record, as the defaults print them. */
const PATHWAYS_PRINTED = `
control:open        | y   | –   | y   | y | y | security | own systems | – | –   | – | – | – | –
control:log-contact control:confirm-contact control:object-to-contact | own | own | own | y | y | own | own | y | own | – | – | – | own
control:waive       | –   | –   | –   | y | y | –   | –   | y | –   | – | – | – | –
control:change-rule control:stop | – | – | y | – | y | – | – | y | – | – | – | – | –
drill:start drill:end | y | – | y | y | y | security | – | y | – | – | – | – | –
drill:confirm       | y   | y   | y   | y | y | y   | y   | y | y   | – | – | – | y
evidence:attach     | own | own | own | y | y | own | own | y | own | – | – | – | own`;

const printedPathways = PATHWAYS_PRINTED.trim().split('\n').flatMap((line) => {
  const [acts = '', ...cells] = line.split('|').map((cell) => cell.trim());
  return acts.split(' ').map((act) => [act, cells] as const);
});

describe('who may do what on controls and drills', () => {
  const isPathway = (act: Act): act is Extract<RecordAct, `${'control' | 'drill' | 'evidence'}:${string}`> => /^(control|drill|evidence):/.test(act);
  const may = (of: { role: Role; act: RecordAct; topic: string; assigned: boolean; seat: Seat }): boolean =>
    mayAct({ memberships: [memberAs(of.role)], act: of.act, record: recordIn({ ...of, systemId: null, study: null, bound: null }), now: NOW }) !== undefined;

  test('P14 the printed table covers every act', () => {
    expect(printedPathways.map(([act]) => act).toSorted()).toEqual(ACTS.filter(isPathway).toSorted());
    expect(printedPathways.every(([, cells]) => cells.length === NAMED.length + 1)).toBe(true);
  });

  test.each(printedPathways)('P14 %s', (name, cells) => {
    const act = ACTS.filter(isPathway).find((known) => known === name);
    if (!act) throw new Error(name);
    const allowed = (at: { topic: string; assigned: boolean; seat: Seat }) => ROLES.filter((role) => may({ role, act, ...at }));
    const stated = (...given: readonly string[]) => ROLES.filter((role) => given.includes(cells[columnOf(role)] ?? ''));
    const [onSecurity, onOther, assigned] = [{ topic: 'security', assigned: false }, { topic: 'data', assigned: false }, { topic: 'data', assigned: true }].map((at) => allowed({ ...at, seat: 'accountable' }));
    // Who sees security only, or own systems only, acts there, or where the record was given to them.
    const seesAll = (role: Role) => !['security_officer', 'system_owner', 'inspector', 'organisation_admin', 'instance_admin'].includes(role);
    expect(onSecurity).toEqual(stated('y', 'own', 'security').filter((role) => seesAll(role) || role === 'security_officer'));
    expect(onOther).toEqual(stated('y', 'own').filter(seesAll));
    expect(assigned).toEqual(stated('y', 'own').concat(stated('own systems')).toSorted((a, b) => ROLES.indexOf(a) - ROLES.indexOf(b)));
    expect(allowed({ topic: 'data', assigned: true, seat: 'informed' })).toEqual([]);
  });
});

describe('which membership allows', () => {
  const record = recordIn({ seat: 'raising', topic: 'monitoring', systemId: null, assigned: false, study: 'study-1', bound: null });
  const act = 'regrade';

  test('the answer names role and organisation, the first of the table when several allow', () => {
    const memberships = [memberAs('executive', { id: 'a' }), memberAs('study_lead', { id: 'b' }), memberAs('contributor', { id: 'c' })];
    expect(mayAct({ memberships, act, record, now: NOW })).toEqual({ role: 'study_lead', organisationId: HOME });
  });

  test('a membership counts from its first instant up to, not including, its last', () => {
    const memberships = [memberAs('quality', { from: NOW, until: instantOf(Date.UTC(2026, 6, 1)) })];
    const at = (now: Instant) => mayAct({ memberships, act, record, now }) !== undefined;
    expect([instantOf(Date.parse(NOW) - 1), NOW, instantOf(Date.UTC(2026, 6, 1) - 1), instantOf(Date.UTC(2026, 6, 1))].map(at)).toEqual([false, true, true, false]);
  });

  test('nobody without a membership may anything', () => {
    expect(ISSUE_ACTS.some((any) => mayAct({ memberships: [], act: any, record, now: NOW }))).toBe(false);
    expect(visibilityFilter([], NOW)).toBeUndefined();
  });

  test('administrators list no record at all', () => {
    expect(visibilityFilter([memberAs('organisation_admin'), memberAs('instance_admin')], NOW)).toBeUndefined();
  });

  test('resolving belongs to the accountable side, confirming to the raising side, whatever the role', () => {
    const executive = [memberAs('executive')];
    const on = (seat: Seat, what: IssueAct) => mayAct({ memberships: executive, act: what, record: recordIn({ seat, topic: 'x', systemId: null, assigned: true, study: null, bound: null }), now: NOW }) !== undefined;
    expect([on('raising', 'resolve'), on('accountable', 'resolve'), on('raising', 'confirm'), on('accountable', 'confirm')]).toEqual([false, true, true, false]);
  });
});

describe('how much is seen', () => {
  const issue = (shares: readonly { organisationId: string; extent: string }[]) => ({
    raisingOrganisationId: 'a', accountableOrganisationId: 'b', studyId: null, topic: 'x', systemId: null, visibleTo: ['a', 'b', HOME, 'c'], assigneeIds: [], state: { shares },
  });
  const seen = (shares: readonly { organisationId: string; extent: string }[]) => extentSeen({ memberships: [memberAs('quality')], record: accessRecordOf(issue(shares)), now: NOW });

  test('P14 a summary share shows a summary, a whole share the whole', () => {
    expect(seen([{ organisationId: HOME, extent: 'summary' }])).toBe('summary');
    expect(seen([{ organisationId: HOME, extent: 'whole' }, { organisationId: 'c', extent: 'summary' }])).toBe('whole');
  });

  test('P14 a party sees the whole, whatever is shared', () => {
    const record = accessRecordOf({ ...issue([{ organisationId: HOME, extent: 'summary' }]), raisingOrganisationId: HOME });
    expect(extentSeen({ memberships: [memberAs('quality')], record, now: NOW })).toBe('whole');
  });

  test('P14 an organisation without a share sees nothing', () => {
    const record = { ...accessRecordOf(issue([])), visibleTo: ['a', 'b'] };
    expect(extentSeen({ memberships: [memberAs('quality')], record, now: NOW })).toBeUndefined();
  });
});

describe('steering', () => {
  const steer = (role: Role, act: Parameters<typeof maySteer>[0]['act'], more: Partial<Parameters<typeof maySteer>[0]> = {}) =>
    maySteer({ memberships: [memberAs(role)], act, organisationIds: [HOME], now: NOW, ...more }) !== undefined;

  test('people and calendars belong to the organisation\'s administrator, of the own organisation only', () => {
    expect(ROLES.filter((role) => steer(role, 'administer-organisation'))).toEqual(['organisation_admin']);
    expect(steer('organisation_admin', 'administer-organisation', { organisationIds: ['elsewhere'] })).toBe(false);
  });

  test('organisations and studies belong to the instance\'s administrator', () => {
    expect(ROLES.filter((role) => steer(role, 'administer-instance'))).toEqual(['instance_admin']);
  });

  test('P17 legal holds are the quality head\'s, of the own organisation, within the study', () => {
    expect(ROLES.filter((role) => steer(role, 'hold-records'))).toEqual(['quality_head']);
    expect(steer('quality_head', 'hold-records', { organisationIds: ['elsewhere'] })).toBe(false);
    expect(steer('quality_head', 'hold-records', { studyId: 'study-2', memberships: [memberAs('quality_head', { studyId: 'study-1' })] })).toBe(false);
  });

  test('configuration is put in force by study leads, quality heads and executives, within their study', () => {
    expect(ROLES.filter((role) => steer(role, 'approve-configuration'))).toEqual(['study_lead', 'quality_head', 'executive']);
    expect(steer('study_lead', 'approve-configuration', { studyId: 'study-2', memberships: [memberAs('study_lead', { studyId: 'study-1' })] })).toBe(false);
  });

  test('a security officer drafts for topic security only, a system owner for own systems only', () => {
    expect([steer('security_officer', 'draft-configuration', { topic: 'security' }), steer('security_officer', 'draft-configuration', { topic: 'backup' })]).toEqual([true, false]);
    expect([steer('system_owner', 'draft-configuration', { systemId: 'sys-1' }), steer('system_owner', 'draft-configuration', { systemId: 'sys-2' })]).toEqual([true, false]);
  });
});
