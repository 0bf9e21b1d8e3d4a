/**
 * The network of a run, all in network namespaces of its own:
 *
 *   client ── 192.168.77.0/24 ── router ── 198.51.100.0/24 ── gateway ── 10.20.0.0/24 ── office
 *             fd00:77::/64                 fd00:100::/64                 fd00:20::/64
 *
 * The router can translate addresses, lower the MTU of the way to the gateway and refuse IP fragments.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, mustNow, onExit } from './processes.ts'

export const addresses = {
  client: { ipv4: '192.168.77.2', ipv6: 'fd00:77::2' },
  /** The router's side that faces the client; the relay and a resolver listen here. */
  router: { ipv4: '192.168.77.1', ipv6: 'fd00:77::1' },
  routerOutside: { ipv4: '198.51.100.1', ipv6: 'fd00:100::1' },
  gateway: { ipv4: '198.51.100.2', ipv6: 'fd00:100::2' },
  gatewayInside: { ipv4: '10.20.0.1', ipv6: 'fd00:20::1' },
  office: { ipv4: '10.20.0.10', ipv6: 'fd00:20::10' },
  officeNetwork: { ipv4: '10.20.0.0/24', ipv6: 'fd00:20::/64' },
  pool: { ipv4: '10.30.0.0/24', ipv6: 'fd00:30::/96' },
  /** An address at which nobody answers. */
  nobody: { ipv4: '198.51.100.99', ipv6: 'fd00:100::99' },
} as const

export interface Path {
  /** The router hides the client behind its own address. */
  readonly nat?: boolean
  /** Of the link between router and gateway. */
  readonly mtu?: number
  /** Router and gateway drop IP fragments, as many do. */
  readonly dropFragments?: boolean
  /** Nothing the client sends reaches the gateway, and nobody says so. */
  readonly blackHole?: boolean
}

export interface Network {
  readonly tag: string
  readonly client: string
  readonly router: string
  readonly gateway: string
  readonly office: string
  /** The client's resolv.conf as every process in its namespace sees it. */
  readonly clientResolvConf: string
  /** Makes the path between client and gateway this one; what is not named is as at the start. */
  shape(path: Path): Promise<void>
  /** Cuts or mends the link between router and gateway. */
  setLink(up: boolean): Promise<void>
  close(): Promise<void>
}

const prefix = 'cvl'
let count = 0

/** Removes what a run that was killed has left: namespaces whose owner's process id is gone. */
const sweep = (): void => {
  const netns = '/run/netns'
  let names: string[]
  try {
    names = readdirSync(netns)
  } catch {
    return
  }
  for (const name of names) {
    const owner = new RegExp(`^${prefix}(\\d+)n\\d+-`).exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    try {
      for (const pid of mustNow(['ip', 'netns', 'pids', name]).split('\n').filter(Boolean)) {
        process.kill(Number(pid), 'SIGKILL')
      }
      mustNow(['ip', 'netns', 'del', name])
    } catch {
      // Another run sweeps at the same time; what is gone is gone.
    }
    rmSync(join('/etc/netns', name), { recursive: true, force: true })
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') !== ''
  } catch {
    return false
  }
}

const configure = async (namespace: string, lines: readonly string[]): Promise<void> => {
  await must(['ip', '-n', namespace, '-batch', '-'], { input: lines.join('\n') + '\n' })
}

const filter = (path: Path): readonly string[] => [
  'table inet filter {',
  '  chain early {',
  // Before connection tracking puts fragments together.
  '    type filter hook prerouting priority -450; policy accept;',
  ...(path.dropFragments === true
    ? ['    ip frag-off & 0x3fff != 0 drop', '    exthdr frag exists drop']
    : []),
  ...(path.blackHole === true ? ['    udp dport { 500, 4500 } drop'] : []),
  '  }',
  '}',
]

const resolvConf = `nameserver ${addresses.router.ipv4}\n`

export const createNetwork = async (): Promise<Network> => {
  sweep()
  const tag = `${prefix}${process.pid}n${count++}`
  const [client, router, gateway, office] = ['client', 'router', 'gateway', 'office'].map(
    (role) => `${tag}-${role}`,
  ) as [string, string, string, string]
  const namespaces = [client, router, gateway, office]
  const configured = [client, office]

  const remove = (): void => {
    for (const name of namespaces) {
      try {
        mustNow(['ip', 'netns', 'del', name])
      } catch {
        // Not made yet, or gone already.
      }
    }
    for (const name of configured) rmSync(join('/etc/netns', name), { recursive: true, force: true })
  }
  const forget = onExit(remove)

  for (const name of configured) {
    mkdirSync(join('/etc/netns', name), { recursive: true })
    writeFileSync(join('/etc/netns', name, 'resolv.conf'), resolvConf)
  }
  await must(['ip', '-batch', '-'], {
    input: namespaces.map((name) => `netns add ${name}\n`).join(''),
  })
  for (const namespace of namespaces) {
    // Links that come up now are usable now: no second of duplicate address detection.
    await must(['sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0'], { namespace })
  }
  await must(['ip', '-batch', '-'], {
    input: [
      `link add lan netns ${client} type veth peer name lan netns ${router}`,
      `link add wan netns ${router} type veth peer name wan netns ${gateway}`,
      `link add office netns ${gateway} type veth peer name office netns ${office}`,
      '',
    ].join('\n'),
  })
  // What the client makes afterwards behaves as anywhere.
  await must(['sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=1'], { namespace: client })
  const attach = (device: string, ipv4: string, ipv6: string): string[] => [
    `addr add ${ipv4}/24 dev ${device}`,
    `addr add ${ipv6}/64 dev ${device} nodad`,
    `link set ${device} up`,
  ]
  await configure(client, [
    'link set lo up',
    ...attach('lan', addresses.client.ipv4, addresses.client.ipv6),
    `route add default via ${addresses.router.ipv4}`,
    `route add default via ${addresses.router.ipv6}`,
  ])
  await configure(router, [
    'link set lo up',
    ...attach('lan', addresses.router.ipv4, addresses.router.ipv6),
    ...attach('wan', addresses.routerOutside.ipv4, addresses.routerOutside.ipv6),
  ])
  await configure(gateway, [
    'link set lo up',
    ...attach('wan', addresses.gateway.ipv4, addresses.gateway.ipv6),
    ...attach('office', addresses.gatewayInside.ipv4, addresses.gatewayInside.ipv6),
    `route add 192.168.77.0/24 via ${addresses.routerOutside.ipv4}`,
    `route add fd00:77::/64 via ${addresses.routerOutside.ipv6}`,
  ])
  await configure(office, [
    'link set lo up',
    ...attach('office', addresses.office.ipv4, addresses.office.ipv6),
    `route add default via ${addresses.gatewayInside.ipv4}`,
    `route add default via ${addresses.gatewayInside.ipv6}`,
  ])
  for (const namespace of [router, gateway]) {
    await must(['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'], { namespace })
  }

  let shaped = '{}'
  return {
    tag,
    client,
    router,
    gateway,
    office,
    clientResolvConf: join('/etc/netns', client, 'resolv.conf'),
    shape: async (path) => {
      const wanted = JSON.stringify(path)
      if (wanted === shaped) return
      shaped = wanted
      const rules = [
        'flush ruleset',
        'table inet lab {',
        '  chain after {',
        '    type nat hook postrouting priority srcnat; policy accept;',
        // The rule must stand on a line of its own.
        ...(path.nat === true ? ['    oifname "wan" masquerade'] : []),
        '  }',
        '}',
        ...filter(path),
      ]
      await must(['nft', '-f', '-'], { namespace: router, input: rules.join('\n') + '\n' })
      // Fragments that the router itself makes are seen only behind it.
      await must(['nft', '-f', '-'], {
        namespace: gateway,
        input: ['flush ruleset', ...filter(path), ''].join('\n'),
      })
      const mtu = path.mtu ?? 1500
      for (const namespace of [router, gateway]) await configure(namespace, [`link set wan mtu ${mtu}`])
      // A path MTU learnt in the scenario before must neither help nor hinder this one.
      for (const family of ['-4', '-6']) {
        await must(['ip', '-n', client, family, 'route', 'flush', 'cache'])
      }
    },
    setLink: async (up) => {
      await configure(router, [`link set wan ${up ? 'up' : 'down'}`])
      if (up) {
        // A link that went down took its IPv6 address with it.
        await configure(router, [`addr replace ${addresses.routerOutside.ipv6}/64 dev wan nodad`])
      }
    },
    close: () => {
      forget()
      remove()
      return Promise.resolve()
    },
  }
}
