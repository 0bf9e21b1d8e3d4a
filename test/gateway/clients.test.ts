import { describe, expect, it } from 'vitest'
import { udpPacket } from '../fakes/packets.ts'
import { office, openGateway } from './many.ts'

const kinds = (events: readonly { readonly kind: string }[]) => events.map(({ kind }) => kind)

describe('clients of the gateway', () => {
  it('come in side by side, each with an address of its own, and reach the office', async () => {
    const world = await openGateway()
    const clients = []
    for (const [index, name] of ['maria', 'ahmed', 'li'].entries())
      clients.push(await world.connect(name, `192.0.2.${10 + index}`))
    expect(clients.map((client) => client.address())).toEqual(['10.9.0.2', '10.9.0.3', '10.9.0.4'])
    expect(kinds(world.told())).toEqual(['listening', 'client-up', 'client-up', 'client-up'])

    // Out: from each client to the office. Back: from the office to each client, and to no other.
    for (const { machine, address } of clients)
      machine.tun?.inject(udpPacket({ from: address(), to: office, length: 100 }))
    await world.settle()
    expect(world.host.tun?.written).toHaveLength(3)
    for (const { address } of clients)
      world.host.tun?.inject(udpPacket({ from: office, to: address(), length: 100 }))
    await world.settle()
    for (const { machine, address } of clients)
      expect(machine.tun?.written).toEqual([udpPacket({ from: office, to: address(), length: 100 })])
    expect(
      world.gateway.clients().map(({ name, children }) => [name, children[0]?.received.packets]),
    ).toEqual([
      ['maria@example.test', 1],
      ['ahmed@example.test', 1],
      ['li@example.test', 1],
    ])
  })

  it('cannot speak with the address of another', async () => {
    const world = await openGateway()
    const maria = await world.connect('maria', '192.0.2.10')
    const ahmed = await world.connect('ahmed', '192.0.2.11')
    // Her own SPD lets it pass to nobody; his machine is made to lie, with maria's address as source.
    ahmed.machine.tun?.inject(udpPacket({ from: maria.address(), to: office }))
    await world.settle()
    expect(world.host.tun?.written).toEqual([])
  })

  it('come back after a crash: the old session goes at once, the address stays', async () => {
    const world = await openGateway()
    await world.connect('maria', '192.0.2.10')
    world.told()
    // The first is gone without a word; the second says N(INITIAL_CONTACT).
    const again = await world.connect('maria', '192.0.2.10')
    expect(again.address()).toBe('10.9.0.2')
    expect(world.told()).toMatchObject([{ kind: 'client-down', cause: 'replaced' }, { kind: 'client-up' }])
    expect(world.gateway.clients()).toHaveLength(1)
    // What comes for the address goes to the one that is there.
    world.host.tun?.inject(udpPacket({ from: office, to: '10.9.0.2' }))
    await world.settle()
    expect(again.machine.tun?.written).toHaveLength(1)
  })

  it('are let go of when they say goodbye, when they fall silent, and when the gateway stops', async () => {
    const world = await openGateway({ livenessSeconds: 30 })
    const polite = await world.connect('maria', '192.0.2.10')
    const silent = await world.connect('ahmed', '192.0.2.11')
    const last = await world.connect('li', '192.0.2.12')
    world.told()
    await world.finish(polite.connection.disconnect())
    expect(world.told()).toMatchObject([
      {
        kind: 'client-down',
        cause: 'deleted',
        client: { name: 'maria@example.test', addresses: ['10.9.0.2'] },
      },
    ])
    world.network.meddle = (datagram) =>
      datagram.from.address === '192.0.2.11' || datagram.to.address === '192.0.2.11' ? [] : [datagram]
    await world.pass(90_000)
    expect(world.told()).toMatchObject([
      { kind: 'client-down', cause: 'silent', client: { name: 'ahmed@example.test' } },
    ])
    await world.finish(world.gateway.stop())
    expect(world.told()).toMatchObject([
      { kind: 'client-down', cause: 'stopping', client: { name: 'li@example.test' } },
      { kind: 'stopped' },
    ])
    await world.settle()
    expect(last.state()).not.toBe('connected')
    await world.finish(silent.connection.disconnect())
    expect(world.host.configuration).toBeUndefined()
    expect(world.clock.pending).toBe(0)
  })

  it('are told no when there is no address left, and the place is free again afterwards', async () => {
    const world = await openGateway({ pools: { ipv4: '10.9.0.0/29' } })
    const clients = []
    for (let index = 0; index < 5; index += 1)
      clients.push(await world.connect(`user${index}`, `192.0.2.${10 + index}`))
    const late = world.dial('late', '192.0.2.99')
    await world.pass(1_000)
    expect(late.connection.status().state).toMatchObject({ failure: { code: 'no-address' } })
    expect(kinds(world.told()).at(-2)).toBe('client-without-traffic')
    const [first] = clients
    if (first !== undefined) await world.finish(first.connection.disconnect())
    const next = await world.connect('next', '192.0.2.98')
    expect(next.address()).toBe('10.9.0.2')
  })

  it('with a wrong secret are turned away, and leave nothing', async () => {
    const world = await openGateway()
    const eve = world.dial('eve', '192.0.2.66', 'guess')
    await world.pass(1_000)
    expect(eve.connection.status().state).toMatchObject({ failure: { code: 'authentication-refused' } })
    expect(world.told()).toMatchObject([
      { kind: 'listening' },
      {
        kind: 'client-refused',
        who: 'eve@example.test',
        reason: 'shared secret',
        from: { address: '192.0.2.66' },
      },
    ])
    await world.pass(10_000)
    expect(world.gateway.halfOpen).toBe(0)
    expect(world.gateway.clients()).toEqual([])
    await world.finish(world.gateway.stop())
    expect(world.clock.pending).toBe(0)
  })

  it('that do not authenticate anew in time are put out', async () => {
    const world = await openGateway({ authLifetimeSeconds: 600 })
    await world.connect('maria', '192.0.2.10')
    world.told()
    // Its new IKE_SA_INITs are lost.
    world.network.meddle = (datagram) => (datagram.to.port === 500 ? [] : [datagram])
    await world.pass(599_000)
    expect(world.told()).toEqual([])
    await world.pass(3_000)
    expect(world.told()).toMatchObject([{ kind: 'client-down', cause: 'lifetime' }])
  })

  it('are found again where they have moved to behind their NAT', async () => {
    const world = await openGateway()
    const maria = await world.connect('maria', '192.0.2.10')
    const before = world.gateway.clients()[0]?.endpoint
    // The NAT forgets, and maps her to another port from now on.
    world.network.meddle = (datagram) => {
      if (datagram.from.address === '192.0.2.10')
        return [{ ...datagram, from: { address: '203.0.113.7', port: 61_000 } }]
      if (datagram.to.address === '203.0.113.7')
        return before === undefined ? [] : [{ ...datagram, to: { ...before } }]
      return []
    }
    maria.machine.tun?.inject(udpPacket({ from: maria.address(), to: office }))
    await world.settle()
    expect(world.gateway.clients()[0]?.endpoint).toEqual({ address: '203.0.113.7', port: 61_000 })
    world.host.tun?.inject(udpPacket({ from: office, to: maria.address() }))
    await world.settle()
    expect(maria.machine.tun?.written).toHaveLength(1)
  })
})
