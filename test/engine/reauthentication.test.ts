/** AUTH_LIFETIME (RFC 4478): the new session stands before the old one ends. */
import { describe, expect, it } from 'vitest'
import { readIkeHeader } from '../../src-main/ike/header.ts'
import { Exchange } from '../../src-main/ike/v2/code-points.ts'
import type { Datagram } from '../fakes/fake-network.ts'
import { udpPacket } from '../fakes/packets.ts'
import { createWorld, nothingLeft, places, utf8 } from './world.ts'

const lifetimeSeconds = 600

const connected = async () => {
  const world = createWorld({ gateway: { authLifetimeSeconds: lifetimeSeconds } })
  const gateway = await world.startGateway()
  const connection = world.connect()
  await world.settle()
  expect(connection.status().state.kind).toBe('connected')
  world.told()
  return { world, gateway, connection }
}

/** → IKE_SA_INIT on port 500, which carries no marker. */
const isFirstRequest = ({ to, bytes }: Datagram): boolean =>
  to.port === 500 && readIkeHeader(bytes)?.exchange === Exchange.IKE_SA_INIT

/** On port 500, or behind the non-ESP marker (RFC 3948 section 2.2). */
const isIke = ({ from, to, bytes }: Datagram): boolean =>
  to.port === 500 || from.port === 500 || bytes.subarray(0, 4).every((byte) => byte === 0)

const isFromGateway = ({ from }: Datagram): boolean => from.port === 500 || from.port === 4500

const firstRequests = (sent: readonly Datagram[]): number => sent.filter(isFirstRequest).length

describe('authenticating anew', () => {
  it('makes the new session before it breaks the old one, and loses no packet', async () => {
    const { world, gateway, connection } = await connected()
    const oldSpi = connection.status().ikeSas[0]?.initiatorSpi
    await world.pass(0.84 * lifetimeSeconds * 1000)
    let sent = 0
    let early = 0
    const talk = () => {
      world.host.tun?.inject(udpPacket({ from: '10.9.0.2', to: places.office, length: 100 + (sent % 8) }))
      world.gatewayHost.tun?.inject(
        udpPacket({ from: places.office, to: '10.9.0.2', length: 100 + (sent % 8) }),
      )
      sent += 1
    }
    // Packets in both directions right behind each IKE message of the handover, and from the gateway right before its own: it
    // uses its new SA while the answer that makes ours is still on its way.
    world.wire.loses = (datagram) => {
      if (isIke(datagram)) {
        if (isFromGateway(datagram)) {
          world.gatewayHost.tun?.inject(udpPacket({ from: places.office, to: '10.9.0.2', length: 90 }))
          early += 1
        }
        queueMicrotask(talk)
        setImmediate(talk)
        setImmediate(() => setImmediate(talk))
      }
      return false
    }
    await world.pass(0.02 * lifetimeSeconds * 1000)
    world.wire.mend()
    await world.settle()

    // IKE_SA_INIT, IKE_AUTH and the old one's Delete, each with its answer.
    expect(sent).toBe(6 * 3)
    expect(world.gatewayHost.tun?.written).toHaveLength(sent)
    expect(early).toBe(3)
    expect(world.host.tun?.written).toHaveLength(sent + early)
    expect(world.told()).toEqual([])
    const { ikeSas, drops, traffic } = connection.status()
    expect(ikeSas).toHaveLength(1)
    expect(ikeSas[0]?.initiatorSpi).not.toBe(oldSpi)
    expect(drops).toEqual({})
    // Nothing that the old SAs carried is forgotten.
    expect(traffic).toMatchObject({ inbound: { packets: sent + early }, outbound: { packets: sent } })
    expect(gateway.clients()).toHaveLength(1)
    expect(world.host.configuration?.addresses).toEqual([{ address: '10.9.0.2', length: 32 }])

    await world.end(connection)
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('goes on for as long as the connection does', async () => {
    const { world, connection } = await connected()
    for (let round = 1; round <= 3; round += 1) {
      await world.pass(0.86 * lifetimeSeconds * 1000)
      expect(firstRequests(world.network.sent)).toBe(1 + round)
    }
    expect(world.told()).toEqual([])
    expect(connection.status().ikeSas).toHaveLength(1)
    await world.end(connection)
  })

  it('keeps the old session while the gateway does not answer new ones, and tries again', async () => {
    const { world, connection } = await connected()
    world.wire.loses = isFirstRequest
    await world.pass(0.92 * lifetimeSeconds * 1000)
    expect(firstRequests(world.network.sent)).toBeGreaterThan(3)
    expect(connection.status().state.kind).toBe('connected')
    world.host.tun?.inject(udpPacket({ from: '10.9.0.2', to: places.office }))
    await world.settle()
    expect(world.gatewayHost.tun?.written).toHaveLength(1)

    world.wire.mend()
    await world.pass(0.05 * lifetimeSeconds * 1000)
    expect(world.told()).toEqual([])
    // The old one's lifetime is over, and nothing of it is missed.
    await world.pass(0.1 * lifetimeSeconds * 1000)
    expect(world.told()).toEqual([])
    await world.end(connection)
  })

  it('that is refused leaves the session alive until the gateway ends it, and then says why', async () => {
    const { world, connection } = await connected()
    world.asked.secret = () => Promise.resolve(utf8('changed meanwhile'))
    await world.pass(0.95 * lifetimeSeconds * 1000)
    expect(world.told()).toEqual([])
    expect(world.logged.some((line) => line.includes('could not authenticate anew'))).toBe(true)
    expect(firstRequests(world.network.sent)).toBe(2)
    await world.pass(0.06 * lifetimeSeconds * 1000)
    await connection.finished
    expect(world.told()[0]).toBe('reconnecting gateway-closed 1')
    expect(connection.status().state).toMatchObject({ failure: { code: 'authentication-refused' } })
  })

  it('can be disconnected from in the middle', async () => {
    const { world, gateway, connection } = await connected()
    world.wire.loses = isFirstRequest
    await world.pass(0.86 * lifetimeSeconds * 1000)
    await world.end(connection)
    expect(world.told()).toEqual(['disconnecting', 'disconnected'])
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('and the old session ends meanwhile: the connection reconnects', async () => {
    const { world, gateway, connection } = await connected()
    world.wire.loses = isFirstRequest
    await world.pass(0.86 * lifetimeSeconds * 1000)
    await world.stop(gateway)
    expect(world.told()[0]).toBe('reconnecting gateway-closed 1')
    world.wire.mend()
    const next = await world.startGateway()
    await world.pass(10_000)
    expect(connection.status().state.kind).toBe('connected')
    expect(connection.status().ikeSas).toHaveLength(1)
    await world.end(connection)
    await world.stop(next)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('fails when the machine cannot be set up for the new session', async () => {
    const { world, gateway, connection } = await connected()
    world.host.trouble.set('reconfigure', new Error('a bug of the helper'))
    await world.pass(0.86 * lifetimeSeconds * 1000)
    await connection.finished
    expect(connection.status().state).toMatchObject({ failure: { code: 'internal' } })
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })
})
