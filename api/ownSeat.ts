import { notPermitted, type Seat } from './administer';
import type { Caller } from './deps';

/** The seat under which one changes what is one's own. Throws Failure `not_permitted` without a membership in force. */
export function ownSeat(caller: Caller): Seat {
  const [membership] = caller.memberships;
  if (!membership) throw notPermitted('No membership is in force.');
  return { role: membership.role, organisationId: membership.organisationId };
}
