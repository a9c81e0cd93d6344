import type { EscalationState } from '../../contracts/escalation';
import { ESCALATION } from '../../contracts/escalation';
import { bodyHashOf } from '../../store/commands';
import { findIssue } from '../../store/issues';
import type { ConsentDoc } from '../../store/schemas/consents';
import type { Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { actorFor, requestIdOf, runCommand } from './commandPath';

/** Ends the shares of an issue that rest on a consent, once for each, in the name of whoever takes it back. Throws as acts on issues do. */
export async function endShare(
  deps: ApiDeps, incoming: { readonly caller: Caller; readonly correlationId: string; readonly body: { readonly reason: string } }, { consent, seat }: { readonly consent: ConsentDoc; readonly seat: Seat },
): Promise<void> {
  const issue = await findIssue(deps.store, consent.recordId);
  const { shares = [] } = (issue?.state ?? {}) as unknown as Partial<EscalationState>;
  for (const { organisationId, consentIds = [] } of shares) {
    if (!consentIds.includes(consent._id)) continue;
    const acting = { caller: incoming.caller, correlationId: incoming.correlationId, key: `consent/${consent._id}/${String(consent.rev)}` };
    const body = { organisationId, reason: incoming.body.reason };
    const command = {
      _id: requestIdOf(acting, 'unshare', consent.recordId), capability: ESCALATION.capability, recordId: consent.recordId, act: 'unshare', body, bodyHash: bodyHashOf(body),
      actor: actorFor(acting, seat), receivedAt: deps.now(),
    };
    await runCommand(deps, command, () => Promise.resolve());
  }
}
