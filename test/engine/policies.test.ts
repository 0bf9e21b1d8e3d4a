/** The security policy database as status shows it. */
import { describe, expect, it } from 'vitest'
import { udpPacket } from '../fakes/packets.ts'
import { policiesInForce } from '../../src-main/engine/policies.ts'
import { createWorld, places } from './world.ts'

describe('the policies in force', () => {
  it('are asked in the order of the SPD: the tunnel’s own packets, what is protected, the rest', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    expect(connection.status().policies).toEqual([])
    await world.settle()
    const child = connection.status().ikeSas[0]?.childSas[0]
    const { policies = [] } = connection.status()
    const outbound = policies.filter(({ direction }) => direction === 'outbound')
    expect(outbound).toEqual([
      {
        direction: 'outbound',
        action: 'bypass',
        local: `${places.client}:${world.network.sent[0]?.from.port}`,
        remote: `${places.gateway}:4500`,
        protocol: 'udp',
        reason: 'IKE, and ESP in UDP, to the gateway',
      },
      {
        direction: 'outbound',
        action: 'protect',
        local: '10.9.0.2/32',
        remote: '10.20.0.0/24',
        protocol: 'any',
        spi: child?.outboundSpi,
        reason: 'agreed with the gateway',
      },
      expect.objectContaining({
        action: 'discard',
        reason: 'is routed to fake0, and no Child SA carries it',
      }),
      expect.objectContaining({ action: 'bypass', local: 'any', remote: 'any' }),
    ])
    expect(
      policies.find(({ direction, action }) => direction === 'inbound' && action === 'protect')?.spi,
    ).toBe(child?.inboundSpi)
    await world.end(connection)
    expect(connection.status().policies).toEqual([])
  })

  it('say protocols and ports, and put no family with another', () => {
    const address = (family: 4 | 6, value: bigint) => ({ family, value })
    const range = (family: 4 | 6, protocol: number, port: readonly [number, number]) => ({
      protocol,
      startPort: port[0],
      endPort: port[1],
      start: address(family, 1n),
      end: address(family, 1n),
    })
    const policies = policiesInForce({
      tunnels: [
        {
          endpoint: { address: 'fd00::1', port: 4500 },
          site: { localAddress: 'fd00::2', socket: { localPort: 7 } },
          session: {
            children: [
              {
                inboundSpi: 1,
                outboundSpi: 2,
                local: [range(4, 0, [0, 65535]), range(6, 0, [0, 65535])],
                remote: [range(4, 6, [80, 80]), range(6, 17, [0, 65535])],
              },
            ] as never,
          },
        },
      ],
      killSwitch: 'armed',
    })
    expect(
      policies
        .filter(({ direction }) => direction === 'outbound')
        .map(({ action, local, remote, protocol }) => `${action} ${local} ${remote} ${protocol}`),
    ).toEqual([
      'bypass [fd00::2]:7 [fd00::1]:4500 udp',
      'protect 0.0.0.1/32 0.0.0.1/32 tcp 80',
      'protect ::1/128 ::1/128 udp',
      'discard any any any',
    ])
  })
})

describe('a Child SA’s status', () => {
  it('shows the anti-replay window and when it ends at the latest', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    const child = () => connection.status().ikeSas[0]?.childSas[0]
    expect(child()?.replayWindow).toMatchObject({ seen: '' })
    for (let sent = 0; sent < 5; sent += 1) {
      // The third is lost.
      world.wire.loses = () => sent === 2
      world.gatewayHost.tun?.inject(udpPacket({ from: places.office, to: '10.9.0.2', length: 60 }))
      await world.settle()
    }
    expect(child()?.replayWindow?.seen).toBe('11011')
    expect(child()?.inbound.highestSequence).toBe(5)
    const { expiresInMs = 0, rekeyInMs = 0 } = child() ?? {}
    expect(expiresInMs).toBeGreaterThan(rekeyInMs)
    await world.pass(10_000)
    expect(child()?.expiresInMs).toBe(expiresInMs - 10_000)
    await world.end(connection)
  })
})
