import { BlockList, isIP } from 'node:net';

/** Networks of trusted proxies in CIDR notation; a single address is a network of one. Throws on what is neither. */
export function trustedNetworks(cidrs: readonly string[]): BlockList {
  const networks = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIP(address);
    if (family === 0) throw new TypeError(`${cidr} is no CIDR`);
    networks.addSubnet(
      address,
      prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix),
      family === 4 ? 'ipv4' : 'ipv6',
    );
  }
  return networks;
}

/**
 * The caller's address: the peer's, or behind a trusted proxy the right-most address of X-Forwarded-For that is no
 * trusted proxy. It serves rates and source_ip only and grants nothing (platform.md 8.0).
 */
export function sourceIp(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: BlockList,
): string | null {
  let address = plain(peer);
  if (address === null || !forwardedFor) return address;
  for (const hop of forwardedFor.split(',').reverse()) {
    if (!trusts(trusted, address)) return address;
    const next = plain(hop.trim());
    if (next === null) return address;
    address = next;
  }
  return address;
}

function trusts(trusted: BlockList, address: string): boolean {
  return trusted.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** IPv4-mapped IPv6 addresses as IPv4; null when `text` is no address. */
function plain(text: string | undefined): string | null {
  if (!text) return null;
  const address = text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text;
  return isIP(address) === 0 ? null : address;
}
