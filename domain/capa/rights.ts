import type { CapaAct } from '../../contracts/capa';
import type { RecordAct } from '../access/roles';

/** The right of the role table that each act needs; the machine asks further for seat and role. */
export const CAPA_RIGHTS: Readonly<Record<CapaAct | 'open', RecordAct>> = {
  open: 'capa:propose',
  comment: 'capa:own', link: 'capa:own', save: 'capa:own', submit: 'capa:own', assign: 'capa:own', start: 'capa:own', 'revise-plan': 'capa:own',
  'report-action': 'capa:own', 'verify-action': 'capa:own', 'start-monitoring': 'capa:own', propose: 'capa:own', 'request-extension': 'capa:own',
  return: 'capa:approve', accept: 'capa:approve', regrade: 'capa:approve', 'answer-breach': 'capa:approve', 'report-breach': 'capa:approve', 'approve-plan': 'capa:approve', 'verify-implementation': 'capa:approve',
  'approve-closure': 'capa:approve', decline: 'capa:approve', reject: 'capa:approve', cancel: 'capa:approve', waive: 'capa:approve',
  'confirm-not-affected': 'capa:approve', 'grant-extension': 'capa:approve', 'decline-extension': 'capa:approve', deviate: 'capa:approve', reopen: 'capa:approve', 'decline-recurrence': 'capa:approve',
  'grant-further-extension': 'capa:approve-further',
  assess: 'capa:assess',
};

const RIGHT_OF = new Map<string, RecordAct>(Object.entries(CAPA_RIGHTS));
/** The right that an act of a person needs; undefined: nobody has it. */
export const capaRightOf = (act: string): RecordAct | undefined => RIGHT_OF.get(act);
