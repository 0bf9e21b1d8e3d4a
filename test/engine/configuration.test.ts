import { describe, expect, it } from 'vitest'
import {
  initiatorConfiguration,
  saLifetime,
  sessionTimes,
  tunnelConfiguration,
} from '../../src-main/engine/configuration.ts'
import type { Credentials } from '../../src-main/engine/credentials.ts'
import { formatIdentity } from '../../src-main/ike/identity.ts'
import { defaultProposals } from '../../src-main/ike/proposal-text.ts'
import type { AssignedConfiguration, ChildSa } from '../../src-main/ike/child-sa.ts'
import { formatSelector, parseSelector } from '../../src-main/ip/traffic-selector.ts'
import { espSpi, millis } from '../../src-shared/brands.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import { pskProfile } from './world.ts'

const secret = () => Promise.resolve(new Uint8Array(1))
const credentials: Credentials = {
  local: { method: 'psk', secret },
  localIdentity: undefined,
  remote: { method: 'psk', secret },
  close: () => undefined,
}
const ends = { localAddress: '192.0.2.10', gatewayAddress: '198.51.100.2' }
const configure = (changes: Readonly<Record<string, unknown>>, more: Partial<Credentials> = {}) =>
  initiatorConfiguration(sampleProfile(changes), { ...credentials, ...more }, ends)

describe('a profile as the initiator needs it', () => {
  it('proposes what it names, in its order, and the recommended where it names nothing', () => {
    expect(configure({}).proposals).toEqual({ ike: defaultProposals('ike'), esp: defaultProposals('esp') })
    const { ike, esp } = configure({
      proposals: { ike: ['aes128-sha256-modp2048', 'aes256gcm16-prfsha384-ecp384'], esp: ['aes128gcm16'] },
    }).proposals
    expect(ike).toHaveLength(2)
    expect(esp).toHaveLength(1)
  })

  it.each([
    ['proposals', { proposals: { ike: ['aes256-nonsense'], esp: [] } }, 'proposals.ike'],
    [
      'identity',
      { remote: { identity: 'ipv4:nonsense', authentication: { method: 'certificate', authorities: [] } } },
      'remote.identity',
    ],
  ])('refuses %s that it does not understand, and says where', (_name, changes, where) => {
    const attempt = () => {
      try {
        return configure(changes)
      } catch (error) {
        return error
      }
    }
    expect(attempt()).toMatchObject({ code: 'profile-invalid', details: { where } })
  })

  it.each([
    [
      'what the profile says',
      { local: { ...pskProfile().local, identity: 'keyid:0102' } },
      undefined,
      'keyid:0102',
    ],
    [
      'what the credential says',
      { local: { authentication: pskProfile().local.authentication } },
      'maria@example.test',
      'maria@example.test',
    ],
    [
      'our address',
      { local: { authentication: pskProfile().local.authentication } },
      undefined,
      '192.0.2.10',
    ],
  ])('calls itself by %s', (_name, changes, localName, expected) => {
    const localIdentity = localName === undefined ? undefined : { kind: 'email' as const, name: localName }
    expect(formatIdentity(configure(changes, { localIdentity }).localIdentity)).toBe(expected)
  })

  it('expects the gateway to be what was dialled, another name, or anyone', () => {
    const named = (identity?: string) =>
      configure({
        remote: { ...pskProfile().remote, ...(identity === undefined ? {} : { identity }) },
      }).remoteIdentity
    expect(named()).toEqual({ kind: 'fqdn', name: 'vpn.example.org' })
    expect(named('10.0.0.1')).toEqual({ kind: 'ipv4', address: '10.0.0.1' })
    expect(named('%any')).toBeUndefined()
  })

  it('names the traffic, ours being our address where nothing else is said', () => {
    const { local, remote } = configure({
      traffic: { remote: ['10.0.0.0/8', 'fd00::/8'], local: [] },
    }).traffic
    expect(local.map(formatSelector)).toEqual(['192.0.2.10/32'])
    expect(remote.map(formatSelector)).toEqual(['10.0.0.0/8', 'fd00::/8'])
    const given = configure({ traffic: { remote: ['10.0.0.0/8'], local: ['172.16.0.0/24'] } }).traffic
    expect(given.local.map(formatSelector)).toEqual(['172.16.0.0/24'])
  })

  it('turns lifetimes into milliseconds, and rekeys before bytes and packets are used up', () => {
    expect(sessionTimes(sampleProfile({ livenessSeconds: 7 }))).toEqual({
      ikeRekey: 4 * 3_600_000,
      childRekey: 3_600_000,
      liveness: 7_000,
    })
    expect(saLifetime(sampleProfile())).toEqual({})
    expect(saLifetime(sampleProfile({ lifetimes: { childBytes: 1_000, childPackets: 100 } }))).toEqual({
      softBytes: 900,
      hardBytes: 1_000,
      softPackets: 90,
      hardPackets: 100,
    })
  })
})

describe('a session as the machine needs it', () => {
  const selectors = (...texts: string[]) =>
    texts.map((text) => {
      const selector = parseSelector(text)
      if (selector === undefined) throw new Error(text)
      return selector
    })
  const child = (...remote: string[]): ChildSa => ({
    inboundSpi: espSpi(0x100),
    outboundSpi: espSpi(0x101),
    suite: { encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: false },
    local: selectors('10.9.0.2/32'),
    remote: selectors(...remote),
    createdAt: millis(0),
  })
  const assigned: AssignedConfiguration = {
    addresses: [{ address: '10.9.0.2', length: 32 }],
    dnsServers: ['10.20.0.10'],
    dnsDomains: ['office.test'],
    subnets: [],
  }
  const outside = { gateway: '198.51.100.2', localPort: 40_000 }
  const machine = (
    changes: Readonly<Record<string, unknown>>,
    given: Partial<AssignedConfiguration>,
    ...remote: string[]
  ) => tunnelConfiguration(sampleProfile(changes), child(...remote), { ...assigned, ...given }, outside, 1400)

  it('routes what was agreed on, gives addresses and DNS, keeps our own packets outside', () => {
    expect(machine({}, {}, '10.20.0.0/24')).toEqual({
      mtu: 1400,
      addresses: [{ address: '10.9.0.2', length: 32 }],
      routes: [{ address: '10.20.0.0', length: 24 }],
      outside,
      dns: { servers: ['10.20.0.10'], domains: ['office.test'] },
    })
  })

  it('routes ranges as prefixes', () => {
    expect(machine({}, {}, '10.0.0.1-10.0.0.4').routes).toEqual([
      { address: '10.0.0.1', length: 32 },
      { address: '10.0.0.2', length: 31 },
      { address: '10.0.0.4', length: 32 },
    ])
  })

  it('does not route a family that it has no address in', () => {
    expect(machine({}, {}, '0.0.0.0/0', '::/0').routes).toEqual([{ address: '0.0.0.0', length: 0 }])
    const both = { addresses: [...assigned.addresses, { address: 'fd00::2', length: 128 }] }
    expect(machine({}, both, '0.0.0.0/0', '::/0').routes).toHaveLength(2)
    expect(machine({}, { addresses: [] }, '0.0.0.0/0', '::/0').routes).toHaveLength(2)
  })

  it('forwards for a network of ours behind this machine, and only then', () => {
    const local = (prefix: string) => ({ traffic: { remote: ['10.20.0.0/24'], local: [prefix] } })
    const noAddress = { addresses: [] }
    expect(machine(local('10.77.0.0/24'), noAddress, '10.20.0.0/24').forward).toBe(true)
    expect(machine(local('192.0.2.10/32'), noAddress, '10.20.0.0/24')).not.toHaveProperty('forward')
    expect(machine(local('10.77.0.0/24'), {}, '10.20.0.0/24')).not.toHaveProperty('forward')
    expect(machine({}, noAddress, '10.20.0.0/24')).not.toHaveProperty('forward')
  })

  it('prefers the profile’s DNS servers and a smaller MTU of the profile, and leaves DNS alone without servers', () => {
    expect(machine({ dns: { servers: ['9.9.9.9'], domains: ['a.test'] } }, {}, '10.0.0.0/8').dns).toEqual({
      servers: ['9.9.9.9'],
      domains: ['a.test', 'office.test'],
    })
    expect(machine({ mtu: 1300 }, {}, '10.0.0.0/8').mtu).toBe(1300)
    expect(machine({ mtu: 1450 }, {}, '10.0.0.0/8').mtu).toBe(1400)
    expect(machine({}, { dnsServers: [] }, '10.0.0.0/8')).not.toHaveProperty('dns')
  })
})
