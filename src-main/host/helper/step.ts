/**
 * The vocabulary of the helper: every change it can make to this machine, as data. What a step does and how it is undone
 * follow from the data alone, so that the journal holds data and no commands. There is no step with a path or a program.
 */
import * as v from 'valibot'
import { parseAddress, parsePrefix, formatPrefix, prefixFirst } from '../../ip/address.ts'
import { inboundRule, inboundRulesText, inboundRulesUndo } from './inbound-rules.ts'

/** Of one tunnel: what may come in beside it. */
export const MOST_INBOUND_RULES = 4096
/** The tunnels of one network namespace are numbered; device, table and rules follow from the number. */
export const MOST_TUNNELS = 100
export const TABLE_BASE = 8440
/** Two rules a tunnel from here on; see docs/decisions/0201-routing.md. */
export const RULE_BASE = 8440
/** Behind the rules of every tunnel: where a tunnel's own packets continue. */
export const RULE_END = RULE_BASE + 2 * MOST_TUNNELS

export const deviceOf = (tunnel: number): string => `culvert${tunnel}`
/** The number of one of our devices. */
export const tunnelOf = (device: string): number | undefined => {
  const number = /^culvert(\d{1,2})$/.exec(device)?.[1]
  return number === undefined ? undefined : Number(number)
}
export const tableOf = (tunnel: number): number => TABLE_BASE + tunnel

const integer = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))

export const Tunnel = integer(0, MOST_TUNNELS - 1)
export const Port = integer(1, 65_535)
/** IPv4's least MTU that hosts must take (RFC 791) to the largest packet. */
export const Mtu = integer(576, 65_535)
/** A packet's mark within the machine; 0 is none. */
export const Mark = integer(1, 0xffff_ffff)
const Family = v.picklist([4, 6])

export const Address = v.pipe(
  v.string(),
  v.maxLength(45),
  v.check((text) => parseAddress(text) !== undefined, 'not an IP address'),
)
/** Address, slash, length; canonical: no bit set behind the length. */
export const PrefixText = v.pipe(
  v.string(),
  v.maxLength(49),
  v.check((text) => {
    const prefix = parsePrefix(text)
    return prefix !== undefined && formatPrefix({ ...prefix, address: prefixFirst(prefix) }) === text
  }, 'not a canonical prefix'),
)
/** A domain for DNS (RFC 1035 section 2.3.1, with the underscores that are in use): nothing else reaches a file or resolvectl. */
export const Domain = v.pipe(
  v.string(),
  v.maxLength(253),
  v.regex(/^(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*$/, 'not a domain'),
)

/** What /etc/resolv.conf was: exactly enough to put it back. `content` is base64. */
export const ResolvConfState = v.variant('was', [
  v.strictObject({ was: v.literal('absent') }),
  v.strictObject({ was: v.literal('link'), target: v.pipe(v.string(), v.maxLength(4096)) }),
  v.strictObject({ was: v.literal('file'), content: v.pipe(v.string(), v.maxLength(2_000_000)) }),
])
export type ResolvConfState = v.InferOutput<typeof ResolvConfState>

export const Step = v.variant('step', [
  v.strictObject({ step: v.literal('device'), tunnel: Tunnel, uid: integer(0, 0xffff_fffe) }),
  v.strictObject({ step: v.literal('quiet'), tunnel: Tunnel }),
  v.strictObject({ step: v.literal('mtu'), tunnel: Tunnel, mtu: Mtu }),
  v.strictObject({ step: v.literal('up'), tunnel: Tunnel }),
  v.strictObject({ step: v.literal('address'), tunnel: Tunnel, address: Address, length: integer(0, 128) }),
  v.strictObject({
    step: v.literal('route'),
    tunnel: Tunnel,
    prefix: PrefixText,
    source: v.optional(Address),
  }),
  v.strictObject({ step: v.literal('local-network'), tunnel: Tunnel, prefix: PrefixText }),
  v.strictObject({ step: v.literal('rule-end'), tunnel: Tunnel, family: Family }),
  v.strictObject({ step: v.literal('rule-outside'), tunnel: Tunnel, gateway: Address, port: Port }),
  v.strictObject({
    step: v.literal('rule-peer'),
    tunnel: Tunnel,
    peer: Address,
    protocol: v.picklist(['esp', 'ah']),
  }),
  v.strictObject({ step: v.literal('rule-mark'), tunnel: Tunnel, family: Family, mark: Mark }),
  v.strictObject({ step: v.literal('rule-table'), tunnel: Tunnel, family: Family }),
  v.strictObject({ step: v.literal('forward'), family: Family }),
  v.strictObject({
    step: v.literal('inbound'),
    tunnel: Tunnel,
    rules: v.pipe(v.array(inboundRule(PrefixText)), v.maxLength(MOST_INBOUND_RULES)),
  }),
  v.strictObject({
    step: v.literal('resolved'),
    tunnel: Tunnel,
    servers: v.pipe(v.array(Address), v.minLength(1), v.maxLength(16)),
    domains: v.pipe(v.array(Domain), v.maxLength(256)),
  }),
  v.strictObject({
    step: v.literal('resolv-conf'),
    tunnel: Tunnel,
    servers: v.pipe(v.array(Address), v.minLength(1), v.maxLength(16)),
    domains: v.pipe(v.array(Domain), v.maxLength(256)),
  }),
])
export type Step = v.InferOutput<typeof Step>

/** What the kernel is told: programs to run, or a switch under /proc/sys to set. */
export type Action =
  | { readonly run: readonly string[] }
  /** A name under /proc/sys. */
  | { readonly sysctl: string; readonly value: string }

const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4)
const ip = (family: 4 | 6, ...words: readonly (string | number)[]): Action => ({
  run: ['ip', `-${family}`, ...words.map(String)],
})
const link = (...words: readonly (string | number)[]): Action => ip(4, ...words)

/** A route's words; `replace` and `del` take the same. */
const routeWords = (step: Extract<Step, { step: 'route' }>): readonly (string | number)[] => [
  step.prefix,
  'dev',
  deviceOf(step.tunnel),
  'table',
  tableOf(step.tunnel),
  // The kernel fills in a metric for IPv6 and none for IPv4.
  ...(step.source === undefined ? [] : ['src', step.source]),
]

/** A rule's words; `add` and `del` take the same. */
const ruleWords = (
  step: Extract<Step, { step: 'rule-end' | 'rule-outside' | 'rule-mark' | 'rule-peer' | 'rule-table' }>,
): readonly (string | number)[] => {
  switch (step.step) {
    case 'rule-end':
      return ['pref', RULE_END, 'iif', deviceOf(step.tunnel), 'nop']
    case 'rule-outside':
      return [
        ...['pref', RULE_BASE + 2 * step.tunnel, 'to', step.gateway],
        ...['ipproto', 'udp', 'sport', step.port, 'goto', RULE_END],
      ]
    case 'rule-peer':
      return [
        ...['pref', RULE_BASE + 2 * step.tunnel, 'to', step.peer],
        ...['ipproto', step.protocol, 'goto', RULE_END],
      ]
    case 'rule-mark':
      return ['pref', RULE_BASE + 2 * step.tunnel, 'fwmark', step.mark, 'goto', RULE_END]
    case 'rule-table':
      return ['pref', RULE_BASE + 2 * step.tunnel + 1, 'lookup', tableOf(step.tunnel)]
  }
}

const forwarding = { 4: 'net/ipv4/ip_forward', 6: 'net/ipv6/conf/all/forwarding' } as const

/** What makes a step true. */
export const actionsFor = (step: Step): readonly Action[] => {
  switch (step.step) {
    case 'device':
      return [link('tuntap', 'add', 'dev', deviceOf(step.tunnel), 'mode', 'tun', 'user', step.uid)]
    case 'quiet':
      // No link-local address, hence no router solicitations into the tunnel.
      return [link('link', 'set', 'dev', deviceOf(step.tunnel), 'addrgenmode', 'none')]
    case 'mtu':
      return [link('link', 'set', 'dev', deviceOf(step.tunnel), 'mtu', step.mtu)]
    case 'up':
      return [link('link', 'set', 'dev', deviceOf(step.tunnel), 'up')]
    case 'address': {
      const words = ['addr', 'replace', `${step.address}/${step.length}`, 'dev', deviceOf(step.tunnel)]
      // No route of the kernel's own making in the main table; no wait for a duplicate that cannot be there.
      const family = familyOf(step.address)
      return [ip(family, ...words, 'noprefixroute', ...(family === 6 ? ['nodad'] : []))]
    }
    case 'route':
      return [ip(familyOf(step.prefix), 'route', 'replace', ...routeWords(step))]
    case 'local-network':
      // `throw` ends the lookup in this table; the search goes on in the next rule.
      return [
        ip(familyOf(step.prefix), 'route', 'replace', 'throw', step.prefix, 'table', tableOf(step.tunnel)),
      ]
    case 'rule-end':
    case 'rule-mark':
    case 'rule-table':
      return [ip(step.family, 'rule', 'add', ...ruleWords(step))]
    case 'rule-peer':
      return [ip(familyOf(step.peer), 'rule', 'add', ...ruleWords(step))]
    case 'rule-outside':
      return [ip(familyOf(step.gateway), 'rule', 'add', ...ruleWords(step))]
    case 'inbound':
      return [{ run: ['nft', inboundRulesText(deviceOf(step.tunnel), step.rules)] }]
    case 'forward':
      return [{ sysctl: forwarding[step.family], value: '1' }]
    case 'resolved': {
      const device = deviceOf(step.tunnel)
      const everything = step.domains.length === 0
      return [
        {
          run: [
            'resolvectl',
            'domain',
            device,
            ...(everything ? ['~.'] : step.domains.map((name) => `~${name}`)),
          ],
        },
        { run: ['resolvectl', 'default-route', device, everything ? 'yes' : 'no'] },
        { run: ['resolvectl', 'dns', device, ...step.servers] },
      ]
    }
    case 'resolv-conf':
      // A file, not a program: linux/resolv-conf.ts.
      return []
  }
}

/** What takes a step back. The device's own settings go with the device. */
export const undoActionsFor = (step: Step): readonly Action[] => {
  switch (step.step) {
    case 'device':
      // Not `tuntap del`, which fails while the client still holds the device.
      return [link('link', 'del', 'dev', deviceOf(step.tunnel))]
    case 'quiet':
    case 'mtu':
    case 'up':
      return []
    case 'address':
      return [
        ip(
          familyOf(step.address),
          'addr',
          'del',
          `${step.address}/${step.length}`,
          'dev',
          deviceOf(step.tunnel),
        ),
      ]
    case 'route':
      return [ip(familyOf(step.prefix), 'route', 'del', ...routeWords(step))]
    case 'local-network':
      return [ip(familyOf(step.prefix), 'route', 'del', 'throw', step.prefix, 'table', tableOf(step.tunnel))]
    case 'rule-end':
    case 'rule-mark':
    case 'rule-table':
      return [ip(step.family, 'rule', 'del', ...ruleWords(step))]
    case 'rule-peer':
      return [ip(familyOf(step.peer), 'rule', 'del', ...ruleWords(step))]
    case 'rule-outside':
      return [ip(familyOf(step.gateway), 'rule', 'del', ...ruleWords(step))]
    case 'inbound':
      return [{ run: inboundRulesUndo(deviceOf(step.tunnel)) }]
    case 'forward':
      return [{ sysctl: forwarding[step.family], value: '0' }]
    case 'resolved':
      return [{ run: ['resolvectl', 'revert', deviceOf(step.tunnel)] }]
    case 'resolv-conf':
      return []
  }
}

/**
 * What a step occupies: of two steps with the same slot the later one replaces the earlier one, whose undo then must not
 * run any more.
 */
export const slotOf = (step: Step): string => {
  switch (step.step) {
    case 'mtu':
    case 'inbound':
    case 'resolved':
    case 'resolv-conf':
      return step.step
    case 'route':
    case 'local-network':
      return `${tableOf(step.tunnel)} ${step.prefix}`
    case 'device':
    case 'quiet':
    case 'up':
    case 'address':
    case 'rule-end':
    case 'rule-outside':
    case 'rule-mark':
    case 'rule-peer':
    case 'rule-table':
    case 'forward':
      return JSON.stringify(step)
  }
}
