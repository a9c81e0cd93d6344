import type { NoticeRoute } from '../../contracts/channels';
import type { Contact } from '../../contracts/matrix';
import type { Channel } from '../../contracts/notice';

/** Entry of the channel map that a contact's webhook goes through. */
export interface Endpoint {
  readonly id: string;
  readonly target: string;
  readonly phiApproved: boolean;
}

export interface Reachable {
  /** How the matrix says to reach the person; undefined: told by role or by name. */
  readonly contact: Pick<Contact, 'channel' | 'fallback'> | undefined;
  readonly email: string;
  readonly endpoint: Endpoint | undefined;
  /** Channels that the routing row allows where it is marked PHI; undefined: it is not. */
  readonly phiChannels: readonly Channel[] | undefined;
}

/**
 * The ways to try for a person, in order (E10): the contact's channel, its fallback, and last the inbox,
 * which keeps the notice inside the product. A way that must not or cannot be used stands there with
 * the reason.
 */
export function routesFor(person: Reachable): readonly NoticeRoute[] {
  const { contact } = person;
  const agreed: readonly Channel[] = contact ? [contact.channel, ...(contact.fallback ? [contact.fallback] : [])] : ['email'];
  const channels = [...new Set<Channel>([...agreed, 'inbox'])];
  return channels.slice(0, channels.indexOf('inbox') + 1).map((channel) => routeBy(channel, person));
}

function routeBy(channel: Channel, { email, endpoint, phiChannels }: Reachable): NoticeRoute {
  if (channel === 'inbox') return { channel, address: '', endpointId: null, blocked: null };
  const route = channel === 'email' ? { channel, address: email, endpointId: null } : { channel, address: endpoint?.target ?? '', endpointId: endpoint?.id ?? null };
  if (channel === 'webhook' && !endpoint) return { ...route, blocked: 'no webhook of the channel map fits' };
  return { ...route, blocked: phiBlock({ channel, phiChannels, phiApproved: channel === 'email' || endpoint?.phiApproved === true }) };
}

/** Why a channel must not carry a notice of this row; null: it may. */
export function phiBlock({ channel, phiChannels, phiApproved }: { channel: Channel; phiChannels: readonly Channel[] | undefined; phiApproved: boolean }): string | null {
  if (phiChannels === undefined) return null;
  if (!phiChannels.includes(channel)) return `the matrix row may hold health information, and does not allow ${channel} for it`;
  return phiApproved ? null : 'the matrix row may hold health information, and this entry of the channel map is not approved for it';
}

/**
 * Whether somebody was agreed to be reachable by this way. The inbox as a last resort keeps the notice,
 * but nobody looks there on purpose: the machine has to hear that the agreed channels failed.
 */
export function isAgreed(route: Pick<NoticeRoute, 'channel'>, { contact, phiChannels }: Pick<Reachable, 'contact' | 'phiChannels'>): boolean {
  if (route.channel !== 'inbox') return true;
  return contact?.channel === 'inbox' || contact?.fallback === 'inbox' || phiChannels?.includes('inbox') === true;
}
