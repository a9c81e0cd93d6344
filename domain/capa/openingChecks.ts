import type { OpenCapa } from '../../contracts/capa';
import { broken, checkParties, type Parties } from '../escalation/opening';
import { problemFault } from './opening';

const BLANK = { what: '', where: '', when: '', extent: '' } as const;

/**
 * Checks a CAPA to be opened: two organisations that work together; a problem statement that is whole,
 * unless it is a draft; and on a study the sponsor at the table, because affected is the default (Q10).
 * Throws Failure `rule_broken` naming the field.
 */
export function checkOpening(request: OpenCapa, parties: Parties, kindOf: (organisationId: string) => string | undefined): void {
  checkParties(request, parties);
  const fault = request.draft === true ? undefined : problemFault(request.problem ?? BLANK);
  if (fault !== undefined) throw broken('problem', `${fault}; open it as a draft to say it later`);
  const sponsored = [request.raisingOrganisationId, request.accountableOrganisationId].some((id) => kindOf(id) === 'sponsor');
  if (request.studyId !== undefined && !sponsored) throw broken('raisingOrganisationId', 'on a study the sponsor is one of the two organisations');
}
