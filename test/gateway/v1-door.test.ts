/** What strangers cost the gateway by IKEv1, and what those without keys can do to those who are in. */
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { Exchange } from '../../src-main/ike/v1/code-points.ts'
import { encodeMessage } from '../../src-main/ike/v1/message.ts'
import type { Payload } from '../../src-main/ike/v1/payloads.ts'
import { identityPayload } from '../../src-main/ike/v1/exchanges/phase1.ts'
import { phase1Proposals, phase1Suites } from '../../src-main/ike/v1/suites.ts'
import { ourVendorIds } from '../../src-main/ike/v1/vendor-ids.ts'
import { ikeSpi, messageId } from '../../src-shared/brands.ts'
import { identity, proposals } from '../exchange/v1/wire.ts'
import { createFakeRandom } from '../fakes/fake-random.ts'
import { udpPacket } from '../fakes/packets.ts'
import type { Many } from './many.ts'
import { gatewayAddress, office, openGateway } from './many.ts'

const suite = 'aes256-sha256-modp2048'
const v1 = { versions: [1], proposals: { ike: [suite], esp: ['aes256-sha256'] } }
const sa: Payload = {
  type: 'sa',
  proposals: phase1Proposals(phase1Suites(proposals('ike', suite), [1], 3600)),
}
const publicValue = createCrypto().keyExchange('modp2048').initiate().publicValue

const first = (cookie: number, exchange: number, payloads: readonly Payload[]): Uint8Array =>
  encodeMessage(
    {
      initiatorSpi: ikeSpi(BigInt(cookie)),
      responderSpi: ikeSpi(0n),
      exchange,
      messageId: messageId(0),
      commit: false,
    },
    payloads,
  ).datagram

/** HDR, SA --> */
const main = (cookie: number, offer = sa): Uint8Array =>
  first(cookie, Exchange.MAIN, [offer, ...ourVendorIds({ xauth: true })])
/** HDR, SA, KE, Ni, IDii --> */
const aggressive = (cookie: number, value = publicValue): Uint8Array =>
  first(cookie, Exchange.AGGRESSIVE, [
    sa,
    { type: 'ke', data: value },
    { type: 'nonce', data: new Uint8Array(32) },
    identityPayload(identity('road@example.test')),
    ...ourVendorIds({ xauth: false }),
  ])

const knock = (world: Many, address: string, bytes: Uint8Array, port = 500): void =>
  world.network.transmit({
    from: { address, port },
    to: { address: gatewayAddress, port: 500 },
    bytes,
    trafficClass: 0,
  })

const connect = async (world: Many, address = '192.0.2.10') => {
  const dialled = world.dial('road', address, undefined, {
    profile: { ikeVersion: 1, proposals: { ike: [suite], esp: ['aes256-sha256'] } },
  })
  await world.settle()
  expect(dialled.state()).toBe('connected')
  return dialled
}

describe('at the door of IKEv1', () => {
  it('10,000 forged first messages change nothing for a running connection, and keep nobody out', async () => {
    const world = await openGateway(v1)
    const maria = await connect(world)
    const template = main(1)
    for (let index = 0; index < 10_000; index += 1) {
      const bytes = template.slice()
      new DataView(bytes.buffer).setBigUint64(0, BigInt(index + 1))
      // One in ten once more, as a repetition.
      for (let times = index % 10 === 0 ? 2 : 1; times > 0; times -= 1)
        knock(world, `203.0.${index % 113}.${index % 250}`, bytes, 1024 + (index % 60_000))
      if (index % 250 === 0) await world.settle()
    }
    await world.settle()
    expect(world.gateway.halfOpen).toBe(256)
    expect(maria.state()).toBe('connected')
    maria.machine.tun?.inject(udpPacket({ from: maria.address(), to: office, length: 100 }))
    await world.settle()
    expect(world.host.tun?.written).toHaveLength(1)
    // In the middle of it somebody comes in, in the place of one who never answered with our cookie.
    await connect(world, '192.0.2.11')
    world.told()
    await world.pass(31_000)
    expect(world.gateway.halfOpen).toBe(0)
    expect(world.told()).toEqual([])
  }, 60_000)

  it('never answers a stranger in main mode with more bytes than have come', async () => {
    const world = await openGateway({ ...v1, ikev1: { aggressive: true } })
    const bare = first(1, Exchange.MAIN, [sa])
    const other = main(2, {
      type: 'sa',
      proposals: phase1Proposals(phase1Suites(proposals('ike', '3des-md5-modp1024'), [1], 60)),
    })
    for (const [index, bytes] of [bare, main(3), other, main(3).subarray(0, 60)].entries()) {
      const address = `203.0.113.${index + 1}`
      knock(world, address, bytes)
      await world.settle()
      const answers = world.network.sent.filter(({ to }) => to.address === address)
      expect(answers.length).toBeLessThanOrEqual(1)
      for (const answer of answers) expect(answer.bytes.length).toBeLessThanOrEqual(bytes.length)
    }
    // Nothing is said again by itself.
    const before = world.network.sent.length
    await world.pass(200_000)
    expect(world.network.sent.length).toBe(before)
  })

  it('gives one address its share of places, and aggressive mode a quarter of all', async () => {
    const world = await openGateway({
      ...v1,
      ikev1: { aggressive: true },
      limits: { halfOpen: 40, halfOpenPerAddress: 4 },
    })
    for (let index = 0; index < 10; index += 1) knock(world, '203.0.113.7', main(index + 1))
    await world.settle()
    expect(world.gateway.halfOpen).toBe(4)
    for (let index = 0; index < 60; index += 1)
      knock(world, `203.0.113.${100 + index}`, aggressive(index + 1))
    await world.settle()
    expect(world.gateway.halfOpen).toBe(14)
    expect(world.gateway.drops()).toMatchObject({ 'too-many-from-address': 6, 'too-many-half-open': 50 })
  })

  it('gives the same answer to the same question', async () => {
    const world = await openGateway(v1)
    for (let times = 0; times < 3; times += 1) knock(world, '203.0.113.7', main(1))
    await world.settle()
    expect(world.gateway.halfOpen).toBe(1)
    const answers = world.network.sent.filter(({ to }) => to.address === '203.0.113.7')
    expect(answers).toHaveLength(3)
    expect(new Set(answers.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(1)
  })

  it('refuses public values that must not be used', async () => {
    const world = await openGateway({ ...v1, ikev1: { aggressive: true } })
    const one = new Uint8Array(256)
    one[255] = 1
    for (const [index, value] of [one, new Uint8Array(256), new Uint8Array(256).fill(0xff)].entries())
      knock(world, '203.0.113.7', aggressive(index + 1, value))
    await world.settle()
    expect(world.told().map(({ kind }) => kind)).toEqual([
      'listening',
      'client-refused',
      'client-refused',
      'client-refused',
    ])
    await world.pass(6_000)
    expect(world.gateway.halfOpen).toBe(0)
  })

  it('whatever else comes costs a counter', async () => {
    const world = await openGateway({ ...v1, ikev1: { aggressive: true } })
    const random = createFakeRandom('v1 door')
    const byte = (): number => random.bytes(1)[0] ?? 0
    const seeds = [main(1), aggressive(2)]
    for (let round = 0; round < 1_500; round += 1) {
      const bytes = round % 4 === 0 ? random.bytes(byte() + 1) : (seeds[round % 2] ?? main(3)).slice()
      for (let changes = byte() % 3; changes >= 0; changes -= 1)
        bytes[((byte() << 8) | byte()) % bytes.length] = byte()
      knock(world, `203.0.113.${round % 250}`, bytes)
      if (round % 100 === 0) await world.settle()
    }
    await world.settle()
    expect(world.gateway.halfOpen).toBeLessThanOrEqual(256)
    await world.pass(130_000)
    expect(world.gateway.halfOpen).toBe(0)
    expect(world.gateway.clients()).toEqual([])
    await connect(world)
  })

  it('whoever has no keys cannot end what stands, nor take it over', async () => {
    const world = await openGateway(v1)
    const maria = await connect(world)
    const [before] = world.gateway.clients()
    const own = world.network.sent.filter(({ from }) => from.address === '192.0.2.10')
    for (const datagram of own) {
      // Her own messages, repeated, bent, and from somewhere else.
      const from = { address: '203.0.113.66', port: 4500 }
      world.network.transmit({ ...datagram, from })
      const bent = datagram.bytes.slice()
      const last = bent.length - 1
      bent[last] = (bent[last] ?? 0) ^ 1
      world.network.transmit({ ...datagram, bytes: bent })
      world.network.transmit({ ...datagram, from, bytes: bent })
    }
    await world.settle()
    expect(maria.state()).toBe('connected')
    expect(world.gateway.clients()).toHaveLength(1)
    expect(world.gateway.clients()[0]?.endpoint).toEqual(before?.endpoint)
    await world.pass(130_000)
    expect(maria.state()).toBe('connected')
    expect(world.gateway.halfOpen).toBe(0)
  })
})
