/**
 * The four basic combinations of hosts (H) and security gateways (G), which every implementation must do (RFC 2401 section 4.5;
 * RFC 4301 section 4.1 leaves them to be configured):
 *
 *   1  H1 ═══════════════════════════ H2     end to end: transport or tunnel, AH, ESP, or AH around ESP
 *   2  H1 ───── G1 ═══════════ G2 ─── H2     between gateways: a virtual private network
 *   3  H1 ═════ G1 ═══════════ G2 ═══ H2     both: end to end through the tunnel of the gateways
 *   4  H1 ════════════════════ G2 ═══ H2     a host far from home: a tunnel to the gateway, and end to end within it
 */
import { describe, expect, it } from 'vitest'
import { readU8 } from '../../../src-main/ip/octets.ts'
import { udpPacket } from '../../fakes/packets.ts'
import { createNetwork } from './small-network.ts'
import type { Network, NodePlan, Pair } from './small-network.ts'

const [h1, h2] = ['10.1.0.5', '10.2.0.6']
const [g1, g2] = ['198.51.100.1', '198.51.100.2']
const far = '203.0.113.9'

const there = (from = h1) => udpPacket({ from, to: h2 })
const back = (to = h1) => udpPacket({ from: h2, to })

/** IP protocols behind the headers of the packets on a wire. */
const protocolsOn = (network: Network, wire: string) =>
  [...new Set((network.wires.get(wire) ?? []).map((packet) => readU8(packet, 9)))].sort((a, b) => a - b)

const UDP = 17
const ESP = 50
const AH = 51

function bothWays(network: Network, from = h1): void {
  network.send('H1', there(from))
  network.send('H2', back(from))
  expect(network.delivered.get('H2')).toEqual([there(from)])
  expect(network.delivered.get('H1')).toEqual([back(from)])
}

/** What an attacker puts on a wire in clear reaches nobody. */
function clearIsRefused(network: Network, to: string, packet: Uint8Array): void {
  const before = [...network.delivered.values()].flat().length
  network.inject(to, packet)
  expect([...network.delivered.values()].flat()).toHaveLength(before)
  expect(network.drops(to)).toEqual({ 'policy-mismatch': 1 })
}

const gateways = (policyOf: (own: string, peer: string, ours: string, theirs: string) => string) => ({
  G1: { address: g1, behind: 'H1', policy: policyOf(g1, g2, '10.1.0.0/16', '10.2.0.0/16') },
  G2: { address: g2, behind: 'H2', policy: policyOf(g2, g1, '10.2.0.0/16', '10.1.0.0/16') },
})
const tunnelBetween = (own: string, peer: string, ours: string, theirs: string) =>
  `protect local ${ours} remote ${theirs} with esp tunnel from ${own} to ${peer}\ndiscard`

describe('the basic combinations', () => {
  it.each<readonly [string, string, readonly Pair[], number]>([
    ['AH in transport mode', 'ah transport', [{ protocol: 'ah', mode: 'transport', ends: [h1, h2] }], AH],
    ['ESP in transport mode', 'esp transport', [{ protocol: 'esp', mode: 'transport', ends: [h1, h2] }], ESP],
    [
      'AH around ESP in transport mode',
      'esp transport then ah transport',
      [
        { protocol: 'esp', mode: 'transport', ends: [h1, h2] },
        { protocol: 'ah', mode: 'transport', ends: [h1, h2] },
      ],
      AH,
    ],
    ['AH in tunnel mode', 'ah tunnel', [{ protocol: 'ah', mode: 'tunnel', ends: [h1, h2] }], AH],
    ['ESP in tunnel mode', 'esp tunnel', [{ protocol: 'esp', mode: 'tunnel', ends: [h1, h2] }], ESP],
  ])('1: end to end: %s', (_, sas, pairs, protocol) => {
    const policy = (own: string, peer: string) =>
      `protect local ${own} remote ${peer} with ${sas}${sas.endsWith('tunnel') ? ` from ${own} to ${peer}` : ''}\ndiscard`
    const plan: Record<string, NodePlan> = {
      H1: { address: h1, policy: policy(h1, h2) },
      H2: { address: h2, policy: policy(h2, h1) },
    }
    const network = createNetwork(plan, pairs)
    bothWays(network)
    expect(protocolsOn(network, 'H1-H2')).toEqual([protocol])
    clearIsRefused(network, 'H2', there())
  })

  it('2: between gateways, the hosts know nothing of it', () => {
    const plan = {
      H1: { address: h1, policy: 'bypass' },
      ...gateways(tunnelBetween),
      H2: { address: h2, policy: 'bypass' },
    }
    const network = createNetwork(plan, [{ protocol: 'esp', mode: 'tunnel', ends: [g1, g2] }])
    bothWays(network)
    expect(protocolsOn(network, 'H1-G1')).toEqual([UDP])
    expect(protocolsOn(network, 'G1-G2')).toEqual([ESP])
    expect(protocolsOn(network, 'G2-H2')).toEqual([UDP])
    clearIsRefused(network, 'G2', there())
  })

  it('3: end to end through the tunnel of the gateways', () => {
    const endToEnd = (own: string, peer: string) =>
      `protect local ${own} remote ${peer} with esp transport\ndiscard`
    const plan = {
      H1: { address: h1, policy: endToEnd(h1, h2) },
      ...gateways(tunnelBetween),
      H2: { address: h2, policy: endToEnd(h2, h1) },
    }
    const network = createNetwork(plan, [
      { protocol: 'esp', mode: 'tunnel', ends: [g1, g2] },
      { protocol: 'esp', mode: 'transport', ends: [h1, h2] },
    ])
    bothWays(network)
    expect(protocolsOn(network, 'H1-G1')).toEqual([ESP])
    expect(protocolsOn(network, 'G1-G2')).toEqual([ESP])
    // The outer packet is longer than the one that the gateway protects: a tunnel around what is protected already.
    const lengths = (wire: string) => (network.wires.get(wire) ?? []).map(({ length }) => length)
    expect(Math.min(...lengths('G1-G2'))).toBeGreaterThan(Math.max(...lengths('G2-H2')))
    expect(protocolsOn(network, 'G2-H2')).toEqual([ESP])
    clearIsRefused(network, 'H2', there())
    clearIsRefused(network, 'G2', there())
  })

  it.each(['esp', 'ah'] as const)(
    '4: a host far from home, %s to the gateway and end to end within it',
    (protocol) => {
      const plan = {
        H1: {
          address: far,
          policy: `protect remote 10.2.0.0/16 with esp transport then ${protocol} tunnel from ${far} to ${g2}\ndiscard`,
        },
        G2: {
          address: g2,
          behind: 'H2',
          policy: `protect remote ${far} with ${protocol} tunnel from ${g2} to ${far}\ndiscard`,
        },
        H2: { address: h2, policy: `protect remote ${far} with esp transport\ndiscard` },
      }
      const network = createNetwork(plan, [
        { protocol, mode: 'tunnel', ends: [far, g2] },
        { protocol: 'esp', mode: 'transport', ends: [far, h2] },
      ])
      bothWays(network, far)
      expect(protocolsOn(network, 'H1-G2')).toEqual([protocol === 'esp' ? ESP : AH])
      expect(protocolsOn(network, 'G2-H2')).toEqual([ESP])
      clearIsRefused(network, 'G2', there(far))
      // End to end alone is not enough: the gateway lets in only what came through its tunnel.
      const [inner = new Uint8Array()] = network.wires.get('G2-H2') ?? []
      network.inject('G2', inner)
      expect(network.delivered.get('H2')).toHaveLength(1)
    },
  )
})
