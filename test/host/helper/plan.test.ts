import { describe, expect, it } from 'vitest'
import { planSteps, type Machine } from '../../../src-main/host/helper/plan.ts'
import type { TunnelConfiguration } from '../../../src-main/ports.ts'

const machine: Machine = {
  ipv6: true,
  dns: 'resolved',
  localNetworks: ['192.168.1.0/24', 'fd77::/64'],
  forwarding: [],
}
const prefix = (text: string) => {
  const [address = '', length] = text.split('/')
  return { address, length: Number(length) }
}
const configuration = (
  routes: readonly string[],
  more: Partial<TunnelConfiguration> = {},
): TunnelConfiguration => ({
  mtu: 1400,
  addresses: [prefix('10.9.0.2/32'), prefix('fd09::2/128')],
  routes: routes.map(prefix),
  outside: { gateway: '203.0.113.1', localPort: 4500 },
  ...more,
})
const steps = (routes: readonly string[], more?: Partial<TunnelConfiguration>, on: Machine = machine) =>
  planSteps(0, 1000, configuration(routes, more), on)
const exempt = (...args: Parameters<typeof steps>) =>
  steps(...args).flatMap((step) => (step.step === 'local-network' ? [step.prefix] : []))

describe('the plan of a tunnel', () => {
  it('goes from the device to the rules, and only the last rule sends packets in', () => {
    expect(steps(['10.0.0.0/8']).map(({ step }) => step)).toEqual([
      ...['device', 'quiet', 'mtu', 'up', 'address', 'address'],
      ...['route', 'rule-end', 'rule-outside', 'rule-table'],
    ])
  })

  it('writes addresses and prefixes canonically and clears what lies behind the length', () => {
    const routes = steps(['10.1.2.3/8', 'FD00:0::1/16', '10.9.9.9/8']).filter(({ step }) => step === 'route')
    expect(routes).toEqual([
      { step: 'route', tunnel: 0, prefix: '10.0.0.0/8', source: '10.9.0.2' },
      { step: 'route', tunnel: 0, prefix: 'fd00::/16', source: 'fd09::2' },
    ])
  })

  it('keeps marked packets outside, and gives routes the source that they name', () => {
    const routes = [{ address: '198.51.100.2', length: 32, source: '198.51.100.1' }]
    const plan = planSteps(
      0,
      0,
      { mtu: 1400, addresses: [], routes, outsideMark: 0x43, outsidePeers: ['198.51.100.2'] },
      machine,
    )
    expect(plan.slice(-6)).toEqual([
      { step: 'route', tunnel: 0, prefix: '198.51.100.2/32', source: '198.51.100.1' },
      { step: 'rule-end', tunnel: 0, family: 4 },
      { step: 'rule-mark', tunnel: 0, family: 4, mark: 0x43 },
      { step: 'rule-peer', tunnel: 0, peer: '198.51.100.2', protocol: 'esp' },
      { step: 'rule-peer', tunnel: 0, peer: '198.51.100.2', protocol: 'ah' },
      { step: 'rule-table', tunnel: 0, family: 4 },
    ])
  })

  it('keeps local networks outside a tunnel that takes everything, by family', () => {
    expect(exempt(['0.0.0.0/0', '::/0'])).toEqual(['192.168.1.0/24', 'fd77::/64'])
    expect(exempt(['0.0.0.0/0'])).toEqual(['192.168.1.0/24'])
    expect(exempt(['0.0.0.0/1', '128.0.0.0/1'])).toEqual(['192.168.1.0/24'])
  })

  it('lets what the profile names win over a local network', () => {
    expect(exempt(['192.168.0.0/16'])).toEqual([])
    expect(exempt(['0.0.0.0/0', '192.168.0.0/16'])).toEqual([])
    expect(exempt(['0.0.0.0/0', '192.168.1.0/24'])).toEqual([])
    // Narrower: the longest prefix decides inside the table.
    expect(exempt(['0.0.0.0/0', '192.168.1.128/25'])).toEqual(['192.168.1.0/24'])
  })

  it('leaves IPv6 out where it is switched off', () => {
    const off = steps(['0.0.0.0/0', '::/0'], {}, { ...machine, ipv6: false })
    expect(JSON.stringify(off)).not.toMatch(/fd09|::|"family":6|quiet/)
  })

  it('makes no rules for a family without routes', () => {
    const rules = steps(['fd00::/8']).filter(({ step }) => step.startsWith('rule'))
    expect(rules).toEqual([{ step: 'rule-table', tunnel: 0, family: 6 }])
  })

  it('goes without gateway rule and DNS for a gateway of our own, and forwards what was not forwarded', () => {
    const gateway = {
      mtu: 1400,
      addresses: [prefix('10.8.0.1/24')],
      routes: [prefix('10.8.0.0/24')],
      forward: true,
    }
    const plan = planSteps(0, 0, gateway, { ...machine, forwarding: [4] })
    expect(plan.slice(4)).toEqual([
      { step: 'address', tunnel: 0, address: '10.8.0.1', length: 24 },
      { step: 'forward', family: 6 },
      { step: 'route', tunnel: 0, prefix: '10.8.0.0/24', source: '10.8.0.1' },
      { step: 'rule-table', tunnel: 0, family: 4 },
    ])
  })

  it('gives domains their form on the wire', () => {
    const dns = {
      servers: ['10.0.0.53'],
      domains: ['~Corp.Example.', '.lab.example', 'büro.example', 'corp.example'],
    }
    expect(steps([], { dns }).at(-1)).toEqual({
      step: 'resolved',
      tunnel: 0,
      servers: ['10.0.0.53'],
      domains: ['corp.example', 'lab.example', 'xn--bro-hoa.example'],
    })
    expect(steps([], { dns: { servers: [], domains: [] } }).some(({ step }) => step === 'resolved')).toBe(
      false,
    )
  })
})
