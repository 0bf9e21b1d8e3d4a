/** The kill switch in nftables: one table of our own, replaced in one transaction. Content comes from checked fields alone. */
import { HostError } from '../host-error.ts'
import { run } from '../run.ts'

/** What is let out; everything else is refused. Addresses are canonical, ports numbers, devices ours. */
export interface Exceptions {
  readonly ways: readonly {
    readonly gateway: string
    readonly localPort: number
    readonly ports: readonly number[]
  }[]
  readonly devices: readonly string[]
}

export const TABLE = 'culvert'

/** Gone whether it was there or not, in the same transaction as what follows. */
const withoutTable = [`table inet ${TABLE}`, `delete table inet ${TABLE}`]

const wayRule = ({ gateway, localPort, ports }: Exceptions['ways'][number]): string =>
  `${gateway.includes(':') ? 'ip6' : 'ip'} daddr ${gateway} udp sport ${localPort} udp dport { ${ports.join(', ')} } accept`

const deviceRules = (key: 'oifname' | 'iifname', devices: readonly string[]): readonly string[] =>
  devices.map((device) => `${key} "${device}" accept`)

/**
 * Without these a machine loses its address or its neighbours, and then the tunnel too: DHCP (RFC 2131 section 4.1, RFC 8415
 * section 7.2), and neighbour and router discovery with its hop limit that no router passes on (RFC 4861 section 7.1.1).
 */
const upkeep = [
  'meta nfproto ipv4 udp sport 68 udp dport 67 accept',
  'ip6 saddr fe80::/10 udp sport 546 udp dport 547 accept',
  'icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept',
]

/** Refused rather than lost, so that programs say so at once. */
const refuse = 'reject with icmpx type admin-prohibited'

/**
 * What `nft -f -` is given: our own packets and what we forward for others (containers, virtual machines) leave only where it
 * is said. Nothing that comes in is looked at.
 */
export const blockRuleset = ({ ways, devices }: Exceptions): string =>
  [
    ...withoutTable,
    `table inet ${TABLE} {`,
    '  chain output {',
    '    type filter hook output priority 0; policy drop;',
    '    oifname "lo" accept',
    ...[...deviceRules('oifname', devices), ...ways.map(wayRule), ...upkeep, refuse].map(
      (rule) => `    ${rule}`,
    ),
    '  }',
    '  chain forward {',
    '    type filter hook forward priority 0; policy drop;',
    ...[...deviceRules('oifname', devices), ...deviceRules('iifname', devices), refuse].map(
      (rule) => `    ${rule}`,
    ),
    '  }',
    '}',
    '',
  ].join('\n')

export const openRuleset = [...withoutTable, ''].join('\n')

const TIME_LIMIT_MS = 5_000

const nft = async (words: readonly string[], input?: string): Promise<string> => {
  try {
    const options = { step: 'firewall', timeoutMs: TIME_LIMIT_MS }
    const { stdout } = await run(['nft', ...words], input === undefined ? options : { ...options, input })
    return stdout
  } catch (error) {
    // Not there, or not to be run.
    const isMissing = error instanceof HostError && error.exit === null && /ENOENT|EACCES/.test(error.stderr)
    if (!isMissing) throw error
    throw new HostError('firewall', error.argv, null, 'the kill switch needs nftables (the program nft)')
  }
}

/** Makes the ruleset true, all of it or nothing. Throws HostError. */
export const applyRuleset = async (ruleset: string): Promise<void> => {
  await nft(['-f', '-'], ruleset)
}

/** Whether a block of ours stands in this network namespace; false too where nftables is missing. */
export const isBlocked = async (): Promise<boolean> => {
  try {
    await nft(['list', 'table', 'inet', TABLE])
    return true
  } catch (error) {
    if (error instanceof HostError) return false
    throw error
  }
}
