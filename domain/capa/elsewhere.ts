import type { ElsewhereSubject } from '../../contracts/capaImport';
import type { CapaState } from '../../contracts/capaState';
import type { CapaStatus, Gate } from '../../contracts/capaWords';
import { partiesOf } from './seats';

/** Whether this was approved before the CAPA came in; of the first iteration only, as it came in with that. */
export const approvedElsewhere = (state: CapaState, subject: ElsewhereSubject): boolean =>
  state.iteration === 1 && (state.approvedElsewhere ?? []).some((approval) => approval.subject === subject);

/** Extensions of a deadline that were granted before the CAPA came in. */
export const grantedElsewhere = (state: CapaState, deadline: string): number =>
  (state.iteration === 1 ? state.imported?.extensions.find((one) => one.deadline === deadline)?.count : undefined) ?? 0;

type Entered = Pick<CapaState, 'imported' | 'iteration' | 'raisingOrganisationId' | 'accountableOrganisationId'>;

/** Whether what another organisation than the importer's approved is only stated: of its first iteration, as it came in with that. */
export const isStatedOnly = (state: Entered): boolean => state.iteration === 1 && state.imported?.gates === 'signed_here' && partiesOf(state).length > 1;

/** Gates that are behind a CAPA in these states. In closure review the closing itself is signed, and covers what was stated. */
const BEHIND: Readonly<Partial<Record<CapaStatus, readonly Exclude<Gate, 'closure'>[]>>> = {
  plan_approved: ['plan'], implementation: ['plan'],
  implementation_verified: ['plan', 'implementation'], monitoring: ['plan', 'implementation'], effectiveness_check: ['plan', 'implementation'],
};

/** Gates that lie behind a CAPA by its importer's word alone, and whose signature each still lacks here (Q10). */
export function owedHere(state: CapaState): readonly { readonly gate: Gate; readonly organisationId: string }[] {
  if (!isStatedOnly(state) || state.submitted === 'plan') return [];
  const others = partiesOf(state).filter((organisationId) => organisationId !== state.imported?.by.organisationId);
  const behind = (BEHIND[state.status] ?? []).filter((gate) => gate === 'plan' || WORKED.includes(state.imported?.status ?? 'draft'));
  return behind.flatMap((gate) => others.filter((organisationId) => !state.approvals.some((approval) => approval.gate === gate && approval.organisationId === organisationId)).map((organisationId) => ({ gate, organisationId })));
}

/** States at whose entry the implementation was verified elsewhere; else it is verified here. */
const WORKED: readonly CapaStatus[] = ['implementation_verified', 'monitoring', 'effectiveness_check'];
