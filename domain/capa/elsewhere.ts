import type { ElsewhereSubject } from '../../contracts/capaImport';
import type { CapaState } from '../../contracts/capaState';

/** Whether this was approved before the CAPA came in; of the first iteration only, as it came in with that. */
export const approvedElsewhere = (state: CapaState, subject: ElsewhereSubject): boolean =>
  state.iteration === 1 && (state.approvedElsewhere ?? []).some((approval) => approval.subject === subject);

/** Extensions of a deadline that were granted before the CAPA came in. */
export const grantedElsewhere = (state: CapaState, deadline: string): number =>
  (state.iteration === 1 ? state.imported?.extensions.find((one) => one.deadline === deadline)?.count : undefined) ?? 0;
