import type { Role } from '../../contracts/people';

/** The demo's organisations, studies and people; all names are invented, addresses are reserved ones (RFC 2606). */
export interface DemoOrganisation {
  readonly id: string;
  readonly name: string;
  readonly kind: 'sponsor' | 'cro';
  readonly zone: string;
  readonly domain: string;
  /** Whose public holidays its calendar has. */
  readonly holidays: { readonly country: string; readonly region?: string };
}

export const ORGANISATIONS: readonly DemoOrganisation[] = [
  { id: 'alpine', name: 'Alpine Therapeutics', kind: 'sponsor', zone: 'Europe/Zurich', domain: 'alpine.example', holidays: { country: 'CH', region: 'ZH' } },
  { id: 'harbor', name: 'Harbor Biologics', kind: 'sponsor', zone: 'America/New_York', domain: 'harbor.example', holidays: { country: 'US', region: 'NY' } },
  { id: 'meridian', name: 'Meridian Clinical Research', kind: 'cro', zone: 'Europe/London', domain: 'meridian.example', holidays: { country: 'GB', region: 'ENG' } },
  { id: 'northstar', name: 'Northstar Trials', kind: 'cro', zone: 'Asia/Kolkata', domain: 'northstar.example', holidays: { country: 'IN', region: 'KA' } },
];

export interface DemoStudy {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly sponsor: string;
  readonly cro: string;
}

export const STUDIES: readonly DemoStudy[] = [
  { id: 'alp-101', code: 'ALP-101', title: 'Phase II study in heart failure', sponsor: 'alpine', cro: 'meridian' },
  { id: 'alp-202', code: 'ALP-202', title: 'Phase III study in type 2 diabetes', sponsor: 'alpine', cro: 'northstar' },
  { id: 'hrb-301', code: 'HRB-301', title: 'Phase I study in solid tumours', sponsor: 'harbor', cro: 'meridian' },
];

/** People of each organisation, one per role. */
export const EVERYWHERE: readonly Role[] = [
  'project_manager', 'contributor', 'study_lead', 'quality', 'quality_head', 'security_officer', 'system_owner', 'executive', 'organisation_admin',
];

/** People that only some have: an inspector sees one study, a vendor's user sits with the CRO, the engine has one administrator. */
export const ELSEWHERE: readonly { readonly organisation: string; readonly role: Role; readonly study?: string }[] = [
  { organisation: 'alpine', role: 'inspector', study: 'alp-101' },
  { organisation: 'meridian', role: 'vendor_user', study: 'alp-101' },
  { organisation: 'meridian', role: 'instance_admin' },
];

/** Systems that the demo's system owners own. */
export const SYSTEMS: readonly string[] = ['edc', 'etmf', 'ctms'];

const FIRST_NAMES = ['Ana', 'Ben', 'Chiara', 'David', 'Elif', 'Farid', 'Grace', 'Hugo', 'Ines', 'Jonas', 'Kavya', 'Liam', 'Mara', 'Nils', 'Oona', 'Priya', 'Quinn', 'Rosa', 'Sami', 'Tara'];
const LAST_NAMES = ['Berg', 'Costa', 'Dubois', 'Evans', 'Fischer', 'Gupta', 'Hughes', 'Ito', 'Jansen', 'Keller', 'Lopez', 'Meyer', 'Novak', 'Okafor', 'Patel', 'Quist', 'Rossi', 'Silva', 'Tanaka', 'Weber', 'Young'];

/** A name for the n-th person: the two lists' lengths have no common divisor, so none repeats for 420 people. */
export function nameOf(n: number): string {
  return `${FIRST_NAMES[n % FIRST_NAMES.length] ?? ''} ${LAST_NAMES[n % LAST_NAMES.length] ?? ''}`;
}
