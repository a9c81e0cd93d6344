import { CAPA_STATUSES, type CapaStatus } from '../../contracts/capaWords';
import type { CapaAct } from '../../contracts/capa';
import { PROPOSED_IN } from './moving';

const open = PROPOSED_IN.cancellation;
const afterDraft = open.filter((status) => status !== 'draft');
const beforeClosing: readonly CapaStatus[] = CAPA_STATUSES.filter((status) => status !== 'rejected' && status !== 'cancelled');

/** Gates behind a CAPA that was brought in may still be signed by the side that is said to have approved them elsewhere. */
const VERIFIED: readonly CapaStatus[] = ['implementation_verified', 'monitoring', 'effectiveness_check'];

/** In which states each act fits: permitted sequencing (21 CFR 11.10(f)). The finer conditions are in `rules.ts`. */
export const FITS_IN: Readonly<Record<CapaAct, readonly CapaStatus[]>> = {
  comment: beforeClosing,
  link: beforeClosing,
  save: ['draft', 'triage', 'containment', 'investigation', 'implementation', 'effectiveness_check', 'closure_review'],
  submit: ['draft', 'containment', 'investigation', 'implementation', 'closure_review'],
  return: ['triage', 'plan_review', 'plan_approved', 'implementation', ...VERIFIED, 'closure_review'],
  accept: ['triage'],
  regrade: afterDraft,
  'answer-breach': afterDraft,
  // Also of what triage gave back: the clock of the report runs on.
  'report-breach': [...open, 'closed'],
  assign: open,
  'approve-plan': ['plan_review', 'plan_approved', 'implementation', ...VERIFIED],
  start: ['plan_approved'],
  'revise-plan': ['plan_approved', 'implementation'],
  'report-action': ['implementation'],
  'verify-action': ['implementation'],
  'verify-implementation': ['implementation', ...VERIFIED],
  'start-monitoring': ['implementation_verified'],
  assess: ['effectiveness_check'],
  deviate: ['effectiveness_check'],
  'approve-closure': ['closure_review'],
  propose: open,
  decline: open,
  reject: PROPOSED_IN.rejection,
  cancel: PROPOSED_IN.cancellation,
  waive: PROPOSED_IN.waiver,
  'confirm-not-affected': PROPOSED_IN.not_affected,
  'request-extension': open,
  'grant-extension': open,
  'grant-further-extension': open,
  'decline-extension': open,
  reopen: ['closed'],
  'decline-recurrence': ['closed'],
};
