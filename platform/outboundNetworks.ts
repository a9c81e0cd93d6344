import { BlockList, isIP } from 'node:net';

/*
 * Whoever administers an organisation chooses where webhooks go. Without this rule that would be a way
 * to make the worker call addresses inside its own network (server-side request forgery): metadata
 * services, databases, the engine's port.
 */

/** Networks that are nobody's public address: the IANA special-purpose registries of IPv4 and IPv6 as of November 2026 (RFC 6890), and multicast. */
const SPECIAL = blockListOf([
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.31.196.0/24',
  '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
  '100::/64', '100:0:0:1::/64', '2001::/23', '2001:db8::/32', '2620:4f:8000::/48', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
  // Forms that carry an IPv4 address inside, which the rules above would not see; they do see `::ffff:10.0.0.1`. `::` and `::1` lie in the first.
  '::/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16',
]);
/** Names that no public resolver answers for (RFC 6761, 6762, 7686, 8375, 9476; ICANN's `.internal`). */
const SPECIAL_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|onion|alt|test|example|invalid|home\.arpa)$/i;
const LOOPBACK = blockListOf(['127.0.0.0/8', '::1/128']);

/** Says where signed messages may go. */
export interface OutboundRule {
  /** Why this address must not be called; undefined: it may. */
  refuse(address: string, options: { readonly encrypted: boolean }): string | undefined;
  /** Why messages to this URL could never go out, as far as the text alone says; undefined: perhaps they can. Asks nobody for a name. */
  refuseUrl(url: URL): string | undefined;
}

/** Public addresses, and beside them the networks that this installation allows, in CIDR form. Throws RangeError for a malformed one. */
export function outboundRule(allowedNetworks: readonly string[]): OutboundRule {
  const allowed = blockListOf(allowedNetworks);
  const refuse: OutboundRule['refuse'] = (address, { encrypted }) => {
    const family = familyOf(address);
    if (!family) return 'not an address';
    if (!encrypted && !LOOPBACK.check(address, family)) return 'only https leaves this machine';
    if (SPECIAL.check(address, family) && !allowed.check(address, family)) return 'the address lies in a network that this installation does not allow';
    return undefined;
  };
  return {
    refuse,
    refuseUrl(url) {
      if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'neither https nor http';
      if (url.username !== '' || url.password !== '') return 'credentials do not belong into a URL';
      const encrypted = url.protocol === 'https:';
      const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
      if (isIP(host) !== 0) return refuse(host, { encrypted });
      if (/(?:^|\.)localhost$/i.test(host)) return refuse('127.0.0.1', { encrypted });
      if (!encrypted) return 'only https leaves this machine';
      // Names inside lead somewhere only where networks inside are allowed.
      return allowedNetworks.length === 0 && (!host.includes('.') || SPECIAL_NAME.test(host)) ? 'a name that is not public' : undefined;
    },
  };
}

/** Whether a text is a network in CIDR form, `10.20.0.0/16`. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix = ''] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  return isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    if (!isNetwork(network)) throw new RangeError(`${network} is not a network in CIDR form`);
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), familyOf(address) ?? 'ipv4');
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 6 ? 'ipv6' : 'ipv4';
}
