/** Network namespaces for the host's tests: made, looked at, removed. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'

export const sh = (...argv: string[]): string => {
  const [file = '', ...rest] = argv
  return execFileSync(file, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

export interface Namespace {
  readonly name: string
  run(...argv: string[]): string
  ip(...argv: string[]): string
  remove(): void
}

const RESOLV_CONF = '# the office printer knows best\nnameserver 192.0.2.53\noptions edns0\n'

let made = 0

/** A namespace with its own resolv.conf, as `ip netns exec` mounts it. */
export const makeNamespace = (suffix: string, resolvConf = RESOLV_CONF): Namespace => {
  made += 1
  const name = `cvh-${process.pid}-${made}-${suffix}`
  sh('ip', 'netns', 'add', name)
  mkdirSync(`/etc/netns/${name}`, { recursive: true })
  writeFileSync(`/etc/netns/${name}/resolv.conf`, resolvConf)
  const run = (...argv: string[]) => sh('ip', 'netns', 'exec', name, ...argv)
  run('ip', 'link', 'set', 'lo', 'up')
  return {
    name,
    run,
    ip: (...argv) => run('ip', ...argv),
    remove() {
      sh('ip', 'netns', 'del', name)
      rmSync(`/etc/netns/${name}`, { recursive: true, force: true })
    },
  }
}

/** A cable between two namespaces; addresses in CIDR notation, of both families. */
export const connect = (
  a: Namespace,
  b: Namespace,
  names: readonly [string, string],
  addresses: readonly (readonly [string, string])[],
): void => {
  sh(
    'ip',
    'link',
    'add',
    names[0],
    'netns',
    a.name,
    'type',
    'veth',
    'peer',
    'name',
    names[1],
    'netns',
    b.name,
  )
  // No link-local addresses: their duplicate check would change the picture while a test looks.
  a.ip('link', 'set', names[0], 'addrgenmode', 'none')
  b.ip('link', 'set', names[1], 'addrgenmode', 'none')
  for (const [ofA, ofB] of addresses) {
    a.ip('addr', 'add', ofA, 'dev', names[0], ...(ofA.includes(':') ? ['nodad'] : []))
    b.ip('addr', 'add', ofB, 'dev', names[1], ...(ofB.includes(':') ? ['nodad'] : []))
  }
  a.ip('link', 'set', names[0], 'up')
  b.ip('link', 'set', names[1], 'up')
}

const json = (text: string): unknown => JSON.parse(text.trim() === '' ? '[]' : text)

/** Everything a tunnel may touch: links, addresses, rules, all tables, forwarding, DNS. Counters and timers left out. */
export const stateOf = (namespace: Namespace) => ({
  links: json(namespace.ip('-j', 'link')),
  addresses: json(namespace.ip('-j', 'addr').replace(/"(valid|preferred)_life_time":\d+/g, '"$1":0')),
  rules4: json(namespace.ip('-j', '-4', 'rule')),
  rules6: json(namespace.ip('-j', '-6', 'rule')),
  routes4: json(namespace.ip('-j', '-4', 'route', 'show', 'table', 'all')),
  routes6: json(namespace.ip('-j', '-6', 'route', 'show', 'table', 'all')),
  forwarding: namespace.run('cat', '/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'),
  resolvConf: namespace.run('cat', '/etc/resolv.conf'),
  resolvConfStat: namespace.run('stat', '-c', '%F %a %u %g %i', '/etc/resolv.conf'),
})

/** Waits until tcpdump hears the cable, then gives what it says of the first datagram to this port. */
export const captureDatagram = async (
  namespace: Namespace,
  port: number,
): Promise<{ readonly text: Promise<string> }> => {
  const filter = ['-nvi', 'wan', '-c', '1', '--immediate-mode', 'udp', 'port', String(port)]
  const child = spawn('ip', ['netns', 'exec', namespace.name, 'tcpdump', ...filter], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => (text += String(chunk)))
  const closed = new Promise<string>((resolve) => child.once('close', () => resolve(text)))
  await new Promise<void>((resolve) =>
    child.stderr.on('data', (chunk) => {
      if (String(chunk).includes('listening on')) resolve()
    }),
  )
  return { text: closed }
}
