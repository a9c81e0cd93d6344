import { OPEN_ACT } from '../../contracts/entity';
import type { OpenIssue } from '../../contracts/escalation';
import { prepareOpening } from '../../store/issueOpening';
import type { Outgoing } from '../route';
import { actorFor, requestIdOf, type Acting, type PathDeps } from './commandPath';
import { comingRecord, runOpening, seatToOpen } from './opening';

/**
 * Raises an issue: 201, or 200 with the open issue that the same trigger has already, or 202. Throws
 * Failure `not_permitted`, and `rule_broken` naming the field.
 */
export async function openIssue(deps: PathDeps, request: Acting<OpenIssue>, options: { readonly drill?: boolean } = {}): Promise<Outgoing> {
  const at = deps.now();
  const seat = seatToOpen(request.caller, { right: 'raise', record: comingRecord(request.body), act: 'raise', now: at });
  const prepared = await prepareOpening(deps.store, {
    ...options, request: request.body, actor: actorFor(request, seat), commandId: requestIdOf(request, OPEN_ACT, null), at,
  });
  return runOpening(deps, prepared);
}
