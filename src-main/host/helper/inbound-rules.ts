/**
 * What may come in beside a tunnel, as nftables rules: where traffic must be protected, clear text is dropped before anything on
 * this machine sees it (RFC 4301 section 5.2, step 3b). A table of its own a tunnel, so that it goes at once.
 */
import * as v from 'valibot'

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))
const Range = v.pipe(
  v.strictTuple([port, port]),
  v.check(([first, last]) => first <= last, 'a range that ends before it begins'),
)

/** `prefix`: the schema of canonical prefixes. */
export const inboundRule = <Schema extends v.GenericSchema<unknown, string>>(prefix: Schema) =>
  v.strictObject({
    action: v.picklist(['accept', 'drop']),
    remote: prefix,
    local: prefix,
    protocol: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
    remotePorts: v.exactOptional(Range),
    localPorts: v.exactOptional(Range),
    /** ICMP's type and code as one number of 16 bits. */
    message: v.exactOptional(Range),
  })
export type InboundRuleStep = v.InferOutput<ReturnType<typeof inboundRule>>

const tableOf = (device: string): string => `inet ${device}_in`

/** For `nft`, as one word. */
export function inboundRulesText(device: string, rules: readonly InboundRuleStep[]): string {
  const chain = `${tableOf(device)} before`
  const lines = [
    `add table ${tableOf(device)}`,
    // Behind the reassembly of connection tracking, before routing.
    `add chain ${chain} { type filter hook prerouting priority -150; policy accept; }`,
    `add rule ${chain} iifname { "lo", "${device}" } accept`,
    // Protected packets, which are looked at when their SAs are off; neighbours must be found before anything can be protected.
    `add rule ${chain} meta l4proto { esp, ah } accept`,
    // Of IPv6's later fragments the kernel does not say that AH is inside.
    `add rule ${chain} frag nexthdr { esp, ah } accept`,
    `add rule ${chain} icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept`,
    ...rules.map((rule) => `add rule ${chain} ${ruleText(rule)}`),
  ]
  return lines.join('\n')
}

export const inboundRulesUndo = (device: string): readonly string[] => [
  'nft',
  'delete',
  'table',
  ...tableOf(device).split(' '),
]

const rangeText = ([first, last]: readonly [number, number]): string =>
  first === last ? `${first}` : `${first}-${last}`

function ruleText({
  action,
  remote,
  local,
  protocol,
  remotePorts,
  localPorts,
  message,
}: InboundRuleStep): string {
  const family = remote.includes(':') ? 'ip6' : 'ip'
  return [
    `${family} saddr ${remote} ${family} daddr ${local}`,
    ...(protocol === undefined ? [] : [`meta l4proto ${protocol}`]),
    ...(remotePorts === undefined ? [] : [`th sport ${rangeText(remotePorts)}`]),
    ...(localPorts === undefined ? [] : [`th dport ${rangeText(localPorts)}`]),
    ...(message === undefined ? [] : [`@th,0,16 ${rangeText(message)}`]),
    action === 'drop' ? 'counter drop' : 'accept',
  ].join(' ')
}
