import type { Role } from '../../contracts/people';

/** What seats show of what an organisation keeps for itself: people, channels, sources, delegations, holds. */
export interface OwnScope {
  /** Organisations of which everything is seen. */
  readonly whole: readonly string[];
  /** Organisations of which one study is seen, and whether by a seat of the house or by a guest's. */
  readonly studies: readonly { readonly organisationId: string; readonly studyId: string; readonly as: 'house' | 'inspector' | 'vendor' }[];
}

/** Roles that come from outside the house: they see what concerns their study, and no configuration. */
const asOf = (role: Role): OwnScope['studies'][number]['as'] => (role === 'inspector' ? 'inspector' : role === 'vendor_user' ? 'vendor' : 'house');

/**
 * What these seats see of their organisations' own things. A seat that is bound to a study sees that study; one for no study in
 * particular sees everything, except an inspector's or a vendor's, which sees nothing then.
 */
export function ownScope(memberships: readonly { readonly organisationId: string; readonly studyId: string | null; readonly role: Role }[]): OwnScope {
  const whole = memberships.filter(({ studyId, role }) => studyId === null && asOf(role) === 'house').map(({ organisationId }) => organisationId);
  const studies = memberships.flatMap(({ organisationId, studyId, role }) => (studyId === null || whole.includes(organisationId) ? [] : [{ organisationId, studyId, as: asOf(role) }]));
  return { whole: [...new Set(whole)], studies };
}
