import { FUNCTIONAL_ROLES, ROLES, type Role } from '../../contracts/people';

/**
 * How far a role's right to an act reaches, within the records of its organisation:
 * `any` record; `own`: the organisation is a party, or the actor is assigned; `security`: topic
 * security; `systems`: the systems of the membership; `study`: the one study of the membership.
 */
export type Extent = 'any' | 'own' | 'security' | 'systems' | 'study';

/** Acts on an issue, named as their routes are; `see` and `raise` beside them. */
export const ISSUE_ACTS = [
  'see', 'raise', 'acknowledge', 'progress', 'comment', 'assign', 'hand-over', 'accept', 'escalate', 'link', 'share', 'unshare',
  'regrade', 'replan', 'resolve', 'confirm', 'reject', 'cancel', 'confirm-cancel',
] as const;

/** Acts on what steers the product. */
export const STEERING_ACTS = [
  'draft-configuration', 'approve-configuration', 'hold-records', 'administer-organisation', 'administer-instance',
] as const;

const PATHWAY_ACTS = [
  'capa:propose', 'capa:own', 'capa:approve', 'capa:approve-further', 'capa:assess', 'capa:import', 'restoration:perform', 'restoration:verify', 'restoration:approve',
  'meeting:chair', 'meeting:vote', 'meeting:draft-minutes',
  'control:open', 'control:log-contact', 'control:confirm-contact', 'control:object-to-contact', 'control:waive', 'control:change-rule', 'control:stop',
  'drill:start', 'drill:confirm', 'drill:end',
  'evidence:attach',
] as const;

export const ACTS = [...ISSUE_ACTS, ...STEERING_ACTS, ...PATHWAY_ACTS] as const;
export type Act = (typeof ACTS)[number];
export type IssueAct = (typeof ISSUE_ACTS)[number];
/** Acts on a record, of whichever capability. */
export type RecordAct = IssueAct | (typeof PATHWAY_ACTS)[number];
export type SteeringAct = (typeof STEERING_ACTS)[number];

/** Acts that belong to one side of the record; the other side is not permitted. */
export const SIDE_OF_ACT: Readonly<Partial<Record<Act, 'raising' | 'accountable'>>> = {
  raise: 'raising', resolve: 'accountable', confirm: 'raising', reject: 'raising', share: 'raising', replan: 'raising', regrade: 'raising', 'capa:import': 'accountable',
};

/** Acts open to an organisation that the whole record is shared with; the rest need a party's seat. */
export const OPEN_TO_INFORMED: readonly Act[] = ['see', 'comment'];

const COLUMNS = {
  y: 'any', own: 'own', sec: 'security', sys: 'systems', study: 'study', '-': undefined,
} as const satisfies Record<string, Extent | undefined>;
type Cell = keyof typeof COLUMNS;

const NAMED: readonly Role[] = ROLES.filter((role) => !FUNCTIONAL_ROLES.some((functional) => functional === role));

/** One row of the table: cells in the order of `ROLES`, the last one for every functional role (default: as a contributor). */
const row = (cells: string): Readonly<Record<Role, Extent | undefined>> => {
  const given = cells.trim().split(/\s+/);
  if (given.length !== NAMED.length && given.length !== NAMED.length + 1) throw new Error(`a row of the role table has ${given.length} cells: ${cells}`);
  const functional = given[NAMED.length] ?? given[NAMED.indexOf('contributor')];
  return Object.fromEntries(ROLES.map((role) => [role, COLUMNS[(given[NAMED.indexOf(role)] ?? functional) as Cell]])) as Record<Role, Extent | undefined>;
};

// Acts of one line of defaults.md share a row.
const onOwnTrack = row('own own own y y own own y own - - -');
const raising = row('y y y y y y y y y - - -');
const steering = row('y own y y y own own y - - - -');
const rejecting = row('y - y y y sec - y - - - -');
const drafting = row('y - y y y sec sys - - - - -');
const approving = row('- - y - y - - y - - - -');

/** Who may do what (docs/defaults.md, "Acts by role"): the only such table. Separation of duties comes on top. */
export const ROLE_ACTS: Readonly<Record<Act, Readonly<Record<Role, Extent | undefined>>>> = {
  //   project_manager contributor study_lead quality quality_head security_officer system_owner executive vendor_user inspector organisation_admin instance_admin, and last the functional ones
  see: row('y y y y y sec sys y own study - - own'),
  raise: raising,
  acknowledge: onOwnTrack,
  progress: onOwnTrack,
  comment: onOwnTrack,
  assign: steering,
  'hand-over': steering,
  accept: steering,
  escalate: steering,
  link: steering,
  // Showing a record to a third organisation is a steering act of its owner.
  share: steering,
  // Either party takes a record back from a third organisation.
  unshare: steering,
  regrade: rejecting,
  // Another plan changes every running deadline, as another severity does.
  replan: rejecting,
  resolve: row('y own y y y own own y own - - -'),
  confirm: rejecting,
  reject: rejecting,
  cancel: row('y - y y y y - y - - - -'),
  'confirm-cancel': row('- - y y y - - y - - - -'),
  'draft-configuration': drafting,
  'approve-configuration': approving,
  'capa:propose': row('y y y y y y y - - - - -'),
  'capa:own': row('y y y y y y y - y - - -'),
  'capa:approve': row('- - - y y - - y - - - -'),
  // The second extension of a date: the level rises.
  'capa:approve-further': row('- - - - y - - y - - - -'),
  'capa:assess': row('- - - y y - - - - - - -'),
  // What it brings in counts as approved elsewhere: quality answers for it, of the organisation that owes the work.
  'capa:import': row('- - - y y - - - - - - -'),
  'restoration:perform': row('- y - - - - y - y - - - -'),
  'restoration:verify': row('- - - y y y - - - - - -'),
  'restoration:approve': row('- - - - y - - y - - - -'),
  'meeting:chair': row('- - y - y - - y - - - -'),
  'meeting:vote': row('y - y y y y - y - - - -'),
  'meeting:draft-minutes': row('y y y y y - - - - - - - -'),
  'control:open': drafting,
  'control:log-contact': onOwnTrack,
  // Whose organisation stated the contact, and who themselves, is the machine's to know.
  'control:confirm-contact': onOwnTrack,
  'control:object-to-contact': onOwnTrack,
  // Who owes the contact cannot excuse it.
  'control:waive': row('- - - y y - - y - - - -'),
  'control:change-rule': approving,
  'control:stop': approving,
  'drill:start': rejecting,
  'drill:confirm': raising,
  'drill:end': rejecting,
  // Who works on a record shows what it rests on.
  'evidence:attach': onOwnTrack,
  'hold-records': row('- - - - y - - - - - - -'),
  'administer-organisation': row('- - - - - - - - - - y -'),
  'administer-instance': row('- - - - - - - - - - - y'),
};
