import { BlockList, isIP } from 'node:net';

/*
 * Whoever administers an organisation chooses where webhooks go. Without this rule that would be a way
 * to make the worker call addresses inside its own network (server-side request forgery): metadata
 * services, databases, the engine's port.
 */

/** Networks that are nobody's public address (IANA special-purpose registries, RFC 6890). */
const SPECIAL = blockListOf([
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24',
  '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
  '::/128', '::1/128', '100::/64', '2001::/23', '2001:db8::/32', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
  // Forms that carry an IPv4 address inside, which the rules above would not see; they do see `::ffff:10.0.0.1`.
  '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16',
]);
const LOOPBACK = blockListOf(['127.0.0.0/8', '::1/128']);

/** Says where signed messages may go. */
export interface OutboundRule {
  /** Why this address must not be called; undefined: it may. */
  refuse(address: string, options: { readonly encrypted: boolean }): string | undefined;
}

/** Public addresses, and beside them the networks that this installation allows, in CIDR form. Throws RangeError for a malformed one. */
export function outboundRule(allowedNetworks: readonly string[]): OutboundRule {
  const allowed = blockListOf(allowedNetworks);
  return {
    refuse(address, { encrypted }) {
      const family = familyOf(address);
      if (!family) return 'not an address';
      if (!encrypted && !LOOPBACK.check(address, family)) return 'only https leaves this machine';
      if (SPECIAL.check(address, family) && !allowed.check(address, family)) return 'the address lies in a network that this installation does not allow';
      return undefined;
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
