/** The helper and its client in real namespaces: what they change, and that everything comes back. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readdirSync } from 'node:fs'
import { captureDatagram, connect, makeNamespace, sh, stateOf, type Namespace } from './namespaces.ts'
import {
  attachProgram,
  buildPrograms,
  eventually,
  removePrograms,
  startClient,
  type Program,
} from './program.ts'

const isRoot = process.getuid?.() === 0

/** client 198.51.100.2 ── 198.51.100.1 far (the gateway's side); a private LAN 192.168.7.0/24 beside it. */
describe.skipIf(!isRoot)('the host network', { timeout: 20_000 }, () => {
  let near: Namespace
  let far: Namespace
  let program: Program
  let programs: Program[]

  beforeAll(buildPrograms)
  afterAll(removePrograms)

  beforeEach(() => {
    programs = []
    near = makeNamespace('near')
    far = makeNamespace('far')
    connect(
      near,
      far,
      ['wan', 'wan'],
      [
        ['198.51.100.2/24', '198.51.100.1/24'],
        ['fd51::2/64', 'fd51::1/64'],
      ],
    )
    connect(near, far, ['lan', 'lan'], [['192.168.7.2/24', '192.168.7.1/24']])
    near.ip('route', 'add', 'default', 'via', '198.51.100.1')
    near.ip('-6', 'route', 'add', 'default', 'via', 'fd51::1')
    // The gateway's address, and a host that only the tunnel should reach, behind the far end.
    far.ip('addr', 'add', '10.1.0.1/32', 'dev', 'lo')
    near.ip('route', 'add', '10.1.0.1/32', 'via', '198.51.100.1')
    program = start()
  })

  afterEach(async () => {
    for (const { child } of programs) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('close', resolve))
    }
    // A helper that outlives its client's death for a moment still uses the namespace.
    try {
      await eventually(() => expect(journals()).toEqual([]), 3_000)
    } finally {
      near.remove()
      far.remove()
    }
  })

  const start = (
    ...parameters: Parameters<typeof startClient> extends [unknown, ...infer Rest] ? Rest : never
  ) => {
    const started = startClient(near, ...parameters)
    programs.push(started)
    return started
  }

  const journals = () => {
    const inode = /\[(\d+)\]/.exec(near.run('readlink', '/proc/self/ns/net'))?.[1] ?? ''
    try {
      return readdirSync('/run/culvert').filter((name) => name.startsWith(`${inode}-`))
    } catch {
      return []
    }
  }

  const split = {
    mtu: 1400,
    addresses: [
      { address: '10.9.0.2', length: 32 },
      { address: 'fd09::2', length: 128 },
    ],
    routes: [
      { address: '10.0.0.0', length: 8 },
      { address: 'fd00::', length: 8 },
    ],
    outside: { gateway: '10.1.0.1', localPort: 45_001 },
    dns: { servers: ['10.0.0.53'], domains: ['corp.example'] },
  }
  const full = {
    ...split,
    routes: [
      { address: '0.0.0.0', length: 0 },
      { address: '::', length: 0 },
    ],
    outside: { gateway: '198.51.100.1', localPort: 45_001 },
    dns: { servers: ['10.0.0.53', 'fd00::53'], domains: [] },
  }

  it('passes a ping of the kernel both ways through the adapter, of both families', async () => {
    await program.open(split)
    expect(near.run('ping', '-c', '3', '-i', '0.05', '-W', '1', '10.200.0.1')).toContain(' 0% packet loss')
    expect(near.run('ping', '-c', '3', '-i', '0.05', '-W', '1', 'fd99::1')).toContain(' 0% packet loss')
    const packets = (await program.tell({ do: 'packets' })) as string[]
    expect(packets.filter((packet) => packet.startsWith('45'))).toHaveLength(3)
    // The virtual address is the source: 10.9.0.2 at offset 12.
    expect(packets[0]?.slice(24, 32)).toBe('0a090002')
    expect(await program.end()).toBe(0)
  })

  it.each([
    ['split', split],
    ['full', full],
    [
      'forwarding',
      {
        mtu: 1400,
        addresses: [{ address: '10.8.0.1', length: 24 }],
        routes: [{ address: '10.8.0.0', length: 24 }],
        forward: true,
      },
    ],
  ])('leaves the machine exactly as it was: %s tunnel', async (_name, configuration) => {
    const before = stateOf(near)
    await program.open(configuration)
    const during = stateOf(near)
    expect(during).not.toEqual(before)
    expect(during.links).toContainEqual(expect.objectContaining({ ifname: 'culvert0', mtu: 1400 }))
    expect(await program.end()).toBe(0)
    expect(stateOf(near)).toEqual(before)
    expect(journals()).toEqual([])
  })

  it('puts everything back within 2 s when the client is killed', async () => {
    const before = stateOf(near)
    await program.open(full)
    expect(stateOf(near)).not.toEqual(before)
    program.child.kill('SIGKILL')
    const took = await eventually(() => {
      expect(stateOf(near)).toEqual(before)
      expect(journals()).toEqual([])
    }, 2_000)
    expect(took).toBeLessThan(2_000)
  })

  it('clears what a killed helper left, at the next start', async () => {
    const before = stateOf(near)
    await program.open(full)
    const helper = sh('pgrep', '-P', String(program.child.pid)).trim()
    process.kill(Number(helper), 'SIGKILL')
    program.child.kill('SIGKILL')
    await new Promise((resolve) => program.child.once('close', resolve))
    expect(stateOf(near)).not.toEqual(before)
    expect(journals()).not.toEqual([])
    // The next client needs another tunnel; the old one's traces go first.
    const next = start()
    await next.open({ mtu: 1400, addresses: [], routes: [] })
    expect(stateOf(near).resolvConf).toBe(before.resolvConf)
    expect(await next.end()).toBe(0)
    expect(stateOf(near)).toEqual(before)
  })

  it('keeps the tunnel’s own packets outside, and everyone else’s inside, when the gateway lies in the routed range', async () => {
    const port = (await program.tell({ do: 'udp', family: 4, port: 45_001 })) as number
    expect(port).toBe(45_001)
    await program.open(split)
    // The kernel's own word: by source port.
    const route = (sport: string) =>
      near.ip('-j', 'route', 'get', '10.1.0.1', 'ipproto', 'udp', 'sport', sport)
    expect(JSON.parse(route('45001'))).toEqual([expect.objectContaining({ dev: 'wan' })])
    expect(JSON.parse(route('45002'))).toEqual([expect.objectContaining({ dev: 'culvert0' })])
    // And by packets: our socket's arrive at the far end, a ping to the same address comes into the tunnel.
    await program.tell({ do: 'packets' })
    const capture = await captureDatagram(far, 4_500)
    const datagram = { to: { address: '10.1.0.1', port: 4_500 }, text: 'ours', trafficClass: 0xb8 }
    expect(await program.tell({ do: 'send', ...datagram })).toBe('sent')
    expect(await capture.text).toContain('tos 0xb8')
    near.run('ping', '-c', '1', '-W', '1', '10.1.0.1')
    expect(await program.tell({ do: 'packets' })).toHaveLength(1)
    // Which address of ours the gateway sees is the one outside.
    expect(await program.tell({ do: 'towards', to: { address: '10.1.0.1', port: 4_500 } })).toBe(
      '198.51.100.2',
    )
    expect(await program.end()).toBe(0)
  })

  it('takes everything in a full tunnel but the local network, whatever routes DHCP pushes', async () => {
    // CVE-2024-3661: option 121 put routes for half the world, and for one host, into the main table.
    near.ip('route', 'add', '0.0.0.0/1', 'via', '192.168.7.1', 'proto', 'dhcp')
    near.ip('route', 'add', '203.0.113.9/32', 'via', '192.168.7.1', 'proto', 'dhcp')
    // CVE-2023-36672: a "local" network of public addresses.
    near.ip('addr', 'add', '203.0.113.130/25', 'dev', 'lan')
    await program.open(full)
    const device = (address: string) =>
      (JSON.parse(near.ip('-j', 'route', 'get', address)) as { dev: string }[])[0]?.dev
    expect(device('1.2.3.4')).toBe('culvert0')
    expect(device('203.0.113.9')).toBe('culvert0')
    expect(device('203.0.113.200')).toBe('culvert0')
    expect(device('198.51.100.1')).toBe('culvert0')
    expect(device('2001:db8::1')).toBe('culvert0')
    expect(device('192.168.7.1')).toBe('lan')
    expect(await program.end()).toBe(0)
  })

  it('follows the local network when it changes while connected', async () => {
    await program.open(full)
    const device = (address: string) =>
      (JSON.parse(near.ip('-j', 'route', 'get', address)) as { dev: string }[])[0]?.dev
    expect(device('192.168.8.1')).toBe('culvert0')
    near.ip('addr', 'add', '192.168.8.2/24', 'dev', 'lan')
    await eventually(() => expect(device('192.168.8.1')).toBe('lan'), 2_000)
    expect(await program.tell({ do: 'changes' })).toBe(1)
    expect(await program.end()).toBe(0)
  })

  it('does not call its own work a change of the network', async () => {
    await program.open(full)
    await program.tell({ do: 'reconfigure', configuration: split })
    await program.tell({ do: 'close', at: 0 })
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(await program.tell({ do: 'changes' })).toBe(0)
    expect(await program.end()).toBe(0)
  })

  it('changes a tunnel without a gap, and goes back to the start afterwards', async () => {
    const before = stateOf(near)
    await program.open(split)
    const first = stateOf(near)
    const changed = {
      ...split,
      mtu: 1300,
      addresses: [{ address: '10.9.0.77', length: 32 }],
      routes: [
        { address: '10.0.0.0', length: 8 },
        { address: '172.16.0.0', length: 12 },
      ],
      outside: { gateway: '198.51.100.1', localPort: 45_009 },
      dns: { servers: ['10.0.0.54'], domains: ['corp.example', 'lab.example'] },
    }
    await program.tell({ do: 'reconfigure', configuration: changed })
    expect(near.run('cat', '/etc/resolv.conf')).toContain(
      'nameserver 10.0.0.54\nsearch corp.example lab.example',
    )
    expect(JSON.parse(near.ip('-j', 'route', 'get', '172.16.0.1'))).toEqual([
      expect.objectContaining({ dev: 'culvert0', prefsrc: '10.9.0.77' }),
    ])
    expect(JSON.parse(near.ip('-j', '-6', 'rule'))).toEqual(before.rules6)
    await program.tell({ do: 'reconfigure', configuration: split })
    expect(stateOf(near)).toEqual(first)
    expect(await program.end()).toBe(0)
    expect(stateOf(near)).toEqual(before)
  })

  it('undoes all of it when one step fails, and says which', async () => {
    const before = stateOf(near)
    // Someone holds the rule's very place already with the same content.
    near.ip('rule', 'add', 'pref', '8441', 'lookup', '8440')
    const answer = await program.ask({ do: 'open', configuration: split })
    expect(answer).toMatchObject({ ok: false, code: 'host-step-failed' })
    expect(answer.error).toContain('rule-table')
    near.ip('rule', 'del', 'pref', '8441', 'lookup', '8440')
    expect(stateOf(near)).toEqual(before)
    expect(journals()).toEqual([])
    expect(await program.end()).toBe(0)
  })

  it('makes an adapter ready ahead, which carries nothing; the next tunnel takes it', async () => {
    const before = stateOf(near)
    const devices = () =>
      (JSON.parse(near.ip('-j', 'link')) as { ifname: string }[]).map(({ ifname }) => ifname)
    await program.tell({ do: 'prepare' })
    await program.tell({ do: 'prepare' })
    expect(devices().filter((name) => name.startsWith('culvert'))).toEqual(['culvert0'])
    const { links, addresses } = before
    expect({ ...stateOf(near), links, addresses }).toEqual(before)
    // The machine has changed since: the tunnel is fitted to it as soon as it stands.
    near.ip('addr', 'del', '192.168.7.2/24', 'dev', 'lan')
    expect(await program.open(full)).toMatchObject({ device: 'culvert0' })
    expect(near.run('ping', '-c', '1', '-W', '1', '10.200.0.1')).toContain(' 0% packet loss')
    await eventually(
      () => expect(near.ip('route', 'show', 'table', '8440')).not.toContain('192.168.7'),
      2_000,
    )
    near.ip('addr', 'add', '192.168.7.2/24', 'dev', 'lan')
    expect(await program.end()).toBe(0)
    expect(stateOf(near)).toEqual(before)
  })

  it('takes an adapter that no tunnel wanted away at the end', async () => {
    const before = stateOf(near)
    await program.tell({ do: 'prepare' })
    expect(stateOf(near)).not.toEqual(before)
    program.child.kill('SIGKILL')
    await eventually(() => expect(stateOf(near)).toEqual(before), 2_000)
    expect(journals()).toEqual([])
  })

  it('makes another adapter when the one made ahead is gone', async () => {
    const before = stateOf(near)
    await program.tell({ do: 'prepare' })
    near.ip('link', 'del', 'dev', 'culvert0')
    await program.open(split)
    expect(near.run('ping', '-c', '1', '-W', '1', '10.200.0.1')).toContain(' 0% packet loss')
    expect(await program.end()).toBe(0)
    expect(stateOf(near)).toEqual(before)
  })

  it('holds two tunnels at once, closed in any order', async () => {
    const before = stateOf(near)
    await program.open(split)
    const other = start()
    const second = {
      ...full,
      addresses: [{ address: '10.99.0.2', length: 32 }],
      outside: { gateway: '198.51.100.1', localPort: 45_002 },
    }
    expect(await other.open(second)).toMatchObject({ device: 'culvert1' })
    const device = (address: string) =>
      (JSON.parse(near.ip('-j', 'route', 'get', address)) as { dev: string }[])[0]?.dev
    expect([device('10.3.3.3'), device('1.2.3.4')]).toEqual(['culvert0', 'culvert1'])
    // The first tunnel's own packets never enter the second.
    const own = near.ip('-j', 'route', 'get', '10.1.0.1', 'ipproto', 'udp', 'sport', '45001')
    expect(JSON.parse(own)).toEqual([expect.objectContaining({ dev: 'wan' })])
    expect(await program.end()).toBe(0)
    expect(near.run('cat', '/etc/resolv.conf')).toContain('10.0.0.53')
    expect(await other.end()).toBe(0)
    expect(stateOf(near)).toEqual(before)
  })

  it('leaves resolv.conf alone when someone else wrote it meanwhile', async () => {
    await program.open(split)
    near.run('sh', '-c', 'echo nameserver 203.0.113.53 > /etc/resolv.conf')
    const answer = await program.ask({ do: 'close', at: 0 })
    expect(answer.log.join('\n')).toContain('someone else changed resolv.conf')
    expect(near.run('cat', '/etc/resolv.conf')).toBe('nameserver 203.0.113.53\n')
    expect(await program.end()).toBe(0)
  })

  it('survives Ctrl-C in the terminal’s process group', async () => {
    await program.open(split)
    const helper = Number(sh('pgrep', '-P', String(program.child.pid)).trim())
    process.kill(helper, 'SIGINT')
    process.kill(helper, 'SIGTERM')
    await program.tell({ do: 'reconfigure', configuration: full })
    expect(await program.end()).toBe(0)
  })

  it('mends everything when the helper itself was killed under an open tunnel', async () => {
    const before = stateOf(near)
    await program.open(full)
    const helper = Number(sh('pgrep', '-P', String(program.child.pid)).trim())
    process.kill(helper, 'SIGKILL')
    await eventually(() => expect(() => process.kill(helper, 0)).toThrow(), 2_000)
    await program.tell({ do: 'close', at: 0 })
    expect(stateOf(near)).toEqual(before)
    await program.open(split)
    expect(await program.end()).toBe(0)
    expect(stateOf(near)).toEqual(before)
  })

  it('ends the conversation at a request that is none', async () => {
    const before = stateOf(near)
    await program.open(split)
    const answer = await program.ask({
      do: 'reconfigure',
      configuration: { ...split, routes: [{ address: '10.0.0.0; reboot', length: 8 }] },
    })
    expect(answer).toMatchObject({ ok: false, code: 'host-step-failed' })
    await eventually(() => expect(stateOf(near).rules4).toEqual(before.rules4), 2_000)
    expect(await program.end()).toBe(0)
    expect(stateOf(near)).toEqual(before)
  })

  it('lets an ordinary user without any capability use the adapter made for that user', async () => {
    await program.open(split)
    await program.tell({ do: 'end' })
    near.ip('tuntap', 'add', 'dev', 'culvert7', 'mode', 'tun', 'user', '1000')
    const as = (uid: string) => [
      ...[
        'setpriv',
        `--reuid=${uid}`,
        `--regid=${uid}`,
        '--clear-groups',
        '--no-new-privs',
        '--bounding-set=-all',
      ],
      ...['--inh-caps=-all', process.execPath, attachProgram, 'culvert7'],
    ]
    expect(near.run(...as('1000'))).toBe('culvert7\n')
    expect(near.run(...as('1001'))).toBe('TUNSETIFF EPERM\n')
    near.ip('link', 'del', 'culvert7')
  })

  it('works for fake root in a user namespace', async () => {
    // As the demo runs: everything inside one user, network and mount namespace, a tmpfs over /run.
    const script =
      'mount -t tmpfs tmpfs /run && ip link set lo up && touch /run/resolv.conf && mount --bind /run/resolv.conf /etc/resolv.conf && exec "$@"'
    const inner = start([
      'setpriv',
      '--reuid=1000',
      '--regid=1000',
      '--clear-groups',
      'unshare',
      '-Urnm',
      'sh',
      '-c',
      script,
      'sh',
    ])
    const answer = await inner.ask({
      do: 'open',
      configuration: { ...split, outside: { gateway: '198.51.100.1', localPort: 1 } },
    })
    expect(answer).toMatchObject({ ok: true })
    expect(await inner.end()).toBe(0)
  })

  it('says that privilege is missing', async () => {
    const inner = start(['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'])
    expect(await inner.ask({ do: 'open', configuration: split })).toMatchObject({
      ok: false,
      code: 'no-privilege',
    })
    const bound = start(['setpriv', '--bounding-set=-net_admin', '--inh-caps=-net_admin'])
    expect(await bound.ask({ do: 'open', configuration: split })).toMatchObject({
      ok: false,
      code: 'no-privilege',
    })
  })

  it('says that the TUN device is missing', async () => {
    const hidden = start(['unshare', '-m', 'sh', '-c', 'mount -t tmpfs tmpfs /dev/net && exec "$@"', 'sh'])
    expect(await hidden.ask({ do: 'open', configuration: split })).toMatchObject({
      ok: false,
      code: 'no-tun',
    })
  })
})
