import { inForceOrComing } from '../../store/memberships';
import type { PersonDoc } from '../../store/schemas/people';
import { instanceSeat, notPermitted, requireOrganisationSeat, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';

/**
 * The seat to give somebody another password, or to end their second factor: their organisation's administrator's. Whoever administers the instance could
 * otherwise be replaced by an administrator of one organisation: theirs is another administrator of the instance. Throws Failure `not_permitted`, `not_found`.
 */
export async function requireAccountSeat({ store, now }: Pick<ApiDeps, 'store' | 'now'>, caller: Caller, { _id, organisationId }: Pick<PersonDoc, '_id' | 'organisationId'>): Promise<Seat> {
  const at = now();
  const isOfInstance = await store.models.memberships.exists({ personId: _id, role: 'instance_admin', ...inForceOrComing(at) });
  if (!isOfInstance) return requireOrganisationSeat(caller, organisationId, at);
  const seat = instanceSeat(caller, at);
  if (!seat) throw notPermitted('The credentials of an administrator of the instance are replaced by another administrator of the instance.');
  return seat;
}
