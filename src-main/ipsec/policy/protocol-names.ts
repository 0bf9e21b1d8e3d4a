/** Names of IP protocols as /etc/protocols and people write them. */

const names: readonly (readonly [number, string, ...string[]])[] = [
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipencap', 'ipip', 'ipv4'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [41, 'ipv6'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'ipv6-icmp', 'icmpv6'],
  [89, 'ospf'],
  [103, 'pim'],
  [112, 'vrrp'],
  [132, 'sctp'],
  [135, 'mobility-header', 'mobility'],
  [136, 'udplite'],
]

const numbers = new Map(names.flatMap(([number, ...known]) => known.map((name) => [name, number])))
const firstNames = new Map(names.map(([number, name]) => [number, name]))

/** By name alone; undefined for numbers and unknown words. */
export const protocolNumber = (name: string): number | undefined => numbers.get(name)

/** Its first name, or the number. */
export const protocolName = (protocol: number): string => firstNames.get(protocol) ?? `${protocol}`
