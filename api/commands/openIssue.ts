import { OPEN_ACT } from '../../contracts/entity';
import type { OpenIssue } from '../../contracts/escalation';
import { Failure, FAILURES } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { mayAct } from '../../domain/access/ability';
import { prepareOpening } from '../../store/issueOpening';
import type { Outgoing } from '../route';
import { actorFor, repeated, requestIdOf, runCommand, type Acting, type PathDeps } from './commandPath';

/**
 * Raises an issue: 201, or 200 with the open issue that the same trigger has already, or 202. Throws
 * Failure `not_permitted`, and `rule_broken` naming the field.
 */
export async function openIssue(deps: PathDeps, request: Acting<OpenIssue>, options: { readonly drill?: boolean } = {}): Promise<Outgoing> {
  const at = deps.now();
  const allowed = raisingMembership(request, at);
  const prepared = await prepareOpening(deps.store, {
    ...options, request: request.body, actor: actorFor(request, allowed), commandId: requestIdOf(request, OPEN_ACT, null), at,
  });
  return 'known' in prepared ? repeated(deps, prepared.known) : runCommand(deps, prepared.fresh, async () => Promise.resolve());
}

function raisingMembership({ caller, body }: Acting<OpenIssue>, now: Instant): { role: string; organisationId: string } {
  const { raisingOrganisationId, accountableOrganisationId, studyId, topic, systemId } = body;
  const record = {
    raisingOrganisationId, accountableOrganisationId, studyId: studyId ?? null, topic, systemId: systemId ?? null,
    visibleTo: [raisingOrganisationId, accountableOrganisationId], assigneeIds: [],
  };
  const allowed = mayAct({ memberships: caller.memberships, act: 'raise', record, now });
  if (!allowed) throw new Failure('not_permitted', FAILURES.not_permitted.meaning, { act: 'raise' });
  return allowed;
}
