import { describe, expect, it } from 'vitest'
import { checkClock, checkNftables, checkTun, hasNetAdmin } from '../../../src-main/host/linux/checks.ts'
import { leadsToResolved } from '../../../src-main/host/linux/dns.ts'
import { localNetworksIn } from '../../../src-main/host/linux/local-networks.ts'
import { meaningOf } from '../../../src-main/host/linux/monitor.ts'

describe('local networks', () => {
  const route = (dst: string, more: object = {}) => ({
    dst,
    dev: 'eth0',
    protocol: 'kernel',
    scope: 'link',
    ...more,
  })
  it.each([
    [
      'the kernel’s own routes to private addresses',
      [route('192.168.1.0/24'), route('fd77::/64'), route('10.5.0.0/16')],
      ['10.5.0.0/16', '192.168.1.0/24', 'fd77::/64'],
    ],
    [
      'not what DHCP pushed (TunnelVision)',
      [route('192.168.1.0/24', { protocol: 'dhcp' }), route('10.0.0.0/16', { gateway: '192.168.1.1' })],
      [],
    ],
    [
      'not public addresses (TunnelCrack)',
      [route('203.0.113.0/24'), route('2001:db8::/64'), route('192.0.0.0/2')],
      [],
    ],
    [
      'not a netmask that is far too wide',
      [route('10.0.0.0/8'), route('fd00::/8'), route('172.16.0.0/12')],
      [],
    ],
    [
      'not tunnels, loopback, defaults, blackholes',
      [
        route('10.9.0.0/24', { dev: 'culvert0' }),
        route('10.8.0.0/24', { dev: 'lo' }),
        route('default'),
        route('10.7.0.0/24', { type: 'blackhole' }),
        { dst: '10.6.0.0/24', protocol: 'kernel' },
      ],
      [],
    ],
  ])('are %s', (_name, routes, expected) => {
    expect(localNetworksIn(JSON.stringify(routes))).toEqual(expected)
  })
})

describe('systemd-resolved', () => {
  it.each([
    ['nameserver 127.0.0.53\noptions edns0\n', '', true],
    ['# x\n nameserver 127.0.0.54\n', '', true],
    ['nameserver 1.1.1.1\n', 'hosts: files mymachines resolve [!UNAVAIL=return] dns\n', true],
    ['nameserver 1.1.1.1\n', 'hosts: files dns\n', false],
    ['#nameserver 127.0.0.53\nnameserver 1.1.1.1\n', '#hosts: resolve\nhosts: files dns\n', false],
    ['', '', false],
  ])('with %j and %j is asked: %s', (resolvConf, nsswitch, expected) => {
    expect(leadsToResolved(resolvConf, nsswitch)).toBe(expected)
  })
})

describe('a change of the network', () => {
  const tunnels = new Set([7])
  it.each([
    [{ kind: 'route', interfaceIndex: 2, table: 254 }, 'route'],
    [{ kind: 'route', interfaceIndex: undefined, table: 254 }, 'route'],
    [{ kind: 'route', interfaceIndex: 7, table: 254 }, undefined],
    [{ kind: 'route', interfaceIndex: undefined, table: 8441 }, undefined],
    [{ kind: 'route', interfaceIndex: 2, table: 255 }, undefined],
    [{ kind: 'address', interfaceIndex: 2 }, 'look'],
    [{ kind: 'address', interfaceIndex: 7 }, undefined],
    [{ kind: 'link', interfaceIndex: 2, name: 'eth0' }, 'look'],
    [{ kind: 'overrun' }, 'route'],
  ] as const)('%j means %s', (change, meaning) => {
    expect(meaningOf(change, tunnels)).toBe(meaning)
  })

  it('learns tunnels by their names, and knows them after they are gone', () => {
    const seen = new Set<number>()
    expect(meaningOf({ kind: 'link', interfaceIndex: 9, name: 'culvert4' }, seen)).toBeUndefined()
    expect(meaningOf({ kind: 'address', interfaceIndex: 9 }, seen)).toBeUndefined()
  })
})

describe('a check', () => {
  it('reads capabilities', () => {
    expect(hasNetAdmin('Name:\tx\nCapEff:\t0000000000001000\n')).toBe(true)
    expect(hasNetAdmin('CapEff:\t000001ffffffefff\n')).toBe(false)
    expect(hasNetAdmin('')).toBe(false)
  })
  it('says when the kill switch’s program is missing', () => {
    expect(checkNftables(['/nonexistent'])).toMatchObject({ name: 'nftables', status: 'warn' })
  })

  it('says what to do without a TUN device', () => {
    expect(checkTun('/nonexistent')).toMatchObject({
      status: 'fail',
      advice: expect.stringContaining('modprobe') as string,
    })
  })
  it('distrusts a clock before the program’s own making', () => {
    expect(checkClock(1_000, 2_000).status).toBe('fail')
    expect(checkClock(3_000, 2_000).status).toBe('ok')
  })
})
