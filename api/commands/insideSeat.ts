import type { InsideAct } from '../../contracts/announcement';
import type { By } from '../../store/administration';
import { admissionFor, hasAdministrator, useAdmission } from '../../store/admissions';
import type { Session } from '../../store/connection';
import type { AdmissionDoc } from '../../store/schemas/access';
import { instanceSeat, isOf, notFound, notPermitted, organisationSeat, type Seat } from '../administer';
import type { ApiDeps, Caller } from '../deps';

/** A seat inside an organisation, and how somebody of the instance came to it. */
export interface InsideSeat {
  readonly seat: Seat;
  /** The organisation has no administrator of its own: the instance's begins it. */
  readonly isBootstrap: boolean;
  /** The consent of its administrator; undefined: none was needed. */
  readonly consent: AdmissionDoc | undefined;
}

const own = (seat: Seat): InsideSeat => ({ seat, isBootstrap: false, consent: undefined });

/**
 * The seat for an act inside an organisation: its own administrator's; else that of an administrator of the instance, as long as the organisation has none
 * of its own, or with the consent of one. Throws Failure `not_permitted`, or `not_found` for a stranger.
 */
export async function requireInsideSeat({ store, now }: Pick<ApiDeps, 'store' | 'now'>, caller: Caller, { organisationId, act }: { readonly organisationId: string; readonly act: InsideAct }): Promise<InsideSeat> {
  const at = now();
  const ownSeat = organisationSeat(caller, organisationId, at);
  if (ownSeat) return own(ownSeat);
  const seat = instanceSeat(caller, at);
  if (!seat) throw isOf(caller, organisationId) ? notPermitted() : notFound();
  if (!(await hasAdministrator(store, { organisationId, at }))) return { seat, isBootstrap: true, consent: undefined };
  const consent = await admissionFor(store, { organisationId, personId: caller.personId, act, at });
  if (!consent) throw notPermitted('The organisation has an administrator of its own: act with their consent only (POST /api/v1/organisations/{id}/admissions).');
  return { seat, isBootstrap: false, consent };
}

/** Says on the consent, if there was one, what was done under it; in the transaction of what was done. */
export async function noteUse({ store }: Pick<ApiDeps, 'store'>, used: InsideSeat & { readonly act: InsideAct; readonly about: string; readonly by: By }, session: Session): Promise<void> {
  const { consent, act, about, by } = used;
  if (consent) await useAdmission(store, { consent, act, about, by }, session);
}
