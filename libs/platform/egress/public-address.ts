import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * IPv4 that is not reachable from everywhere (IANA registry of special-purpose addresses, RFC 6890), multicast, what is
 * reserved with broadcast, and the one public address under which Azure serves its machines' metadata.
 */
const SPECIAL_IPV4 = networks('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);

/**
 * All IPv6 that is given out (RFC 4291 2.4). Outside it are loopback, IPv4-mapped and -compatible, NAT64, link-local,
 * unique local and multicast addresses, and whatever comes.
 */
const GLOBAL_UNICAST_IPV6 = networks('ipv6', [['2000::', 3]]);

/** Protocol assignments with Teredo and benchmarking, documentation, 6to4. */
const SPECIAL_IPV6 = networks('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]);

/** Whether an address belongs to a machine of the open internet. False for what is no address. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !SPECIAL_IPV4.check(address, 'ipv4');
  return isIPv6(address) && GLOBAL_UNICAST_IPV6.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6');
}

function networks(family: 'ipv4' | 'ipv6', subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, family);
  return list;
}
