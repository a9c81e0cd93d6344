import type { MatrixProposal } from '../../contracts/matrix';
import type { Signable } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { fixedForm } from './row';

type Signed = Pick<MatrixProposal, 'rowKey' | 'row' | 'effectiveFrom' | 'baseVersion' | 'contentVersion'>;

/** What approving a proposal signs (E1, 21 CFR 11.70): the row in its fixed form, on which version it was made, and from when it is to count. */
export function proposalSignable(proposal: Signed, act: string): Signable | undefined {
  if (act !== 'approve') return undefined;
  return { subject: 'row', version: proposal.contentVersion ?? 1, content: contentOf(proposal), meanings: ['approval', 'agreement'] };
}

function contentOf({ rowKey, row, effectiveFrom, baseVersion }: Signed): Json {
  return { rowKey, row: fixedForm(row), effectiveFrom, baseVersion } as unknown as Json;
}
