import { describe, expect, it } from 'vitest'
import { encodeMessage } from '../../src-main/ike/v2/message.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { ikeProposalsToWire } from '../../src-main/ike/proposals.ts'
import { defaultProposals } from '../../src-main/ike/proposal-text.ts'
import { groupId } from '../../src-main/ike/groups.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { ikeSpi, messageId } from '../../src-shared/brands.ts'
import { createFakeRandom } from '../fakes/fake-random.ts'
import type { Many } from './many.ts'
import { gatewayAddress, openGateway } from './many.ts'

const publicValue = createCrypto().keyExchange('curve25519').initiate().publicValue
const IKE_SA_INIT = 34

/** → HDR, [N(COOKIE)], SAi1, KEi, Ni */
function firstRequest(spi: number, cookie?: Uint8Array, value = publicValue): Uint8Array {
  const [bytes = new Uint8Array()] = encodeMessage({
    header: {
      initiatorSpi: ikeSpi(BigInt(spi)),
      responderSpi: ikeSpi(0n),
      exchange: IKE_SA_INIT,
      initiator: true,
      response: false,
      messageId: messageId(0),
    },
    payloads: [
      ...(cookie === undefined ? [] : [notify(16390, cookie)]),
      { type: 'sa', proposals: ikeProposalsToWire(defaultProposals('ike'), 'curve25519') },
      { type: 'ke', group: groupId('curve25519'), data: value },
      { type: 'nonce', data: new Uint8Array(32).fill(spi & 0xff) },
    ],
  })
  return bytes
}

const knock = (world: Many, address: string, bytes: Uint8Array, port = 500) =>
  world.network.transmit({
    from: { address, port },
    to: { address: gatewayAddress, port: 500 },
    bytes,
    trafficClass: 0,
  })

const answersTo = (world: Many, address: string) =>
  world.network.sent.filter(({ to }) => to.address === address).map(({ bytes }) => bytes)

describe('at the door of the gateway', () => {
  it('strangers from everywhere cost a bounded number of places, and the rest has to show a cookie', async () => {
    const world = await openGateway({ limits: { halfOpen: 40 } })
    for (let index = 0; index < 2_000; index += 1) {
      knock(world, `203.0.113.${index % 250}`, firstRequest(index + 1), 1024 + index)
      if (index % 100 === 0) await world.settle()
    }
    await world.settle()
    // A quarter of the places, then COOKIE for everybody: forged addresses never see it.
    expect(world.gateway.halfOpen).toBe(10)
    const drops = world.gateway.drops()
    expect(drops['cookie-demanded']).toBe(1_990)

    // Somebody who does receive at his address gets in meanwhile.
    const maria = await world.connect('maria', '192.0.2.10')
    expect(maria.state()).toBe('connected')
    // And the places are free again when nothing authentic has come.
    await world.pass(31_000)
    expect(world.gateway.halfOpen).toBe(0)
    expect(world.gateway.drops()['half-open-timeout']).toBe(10)
  })

  it('one address has its share of places and no more', async () => {
    const world = await openGateway({ limits: { halfOpenPerAddress: 4 } })
    for (let index = 0; index < 10; index += 1) knock(world, '203.0.113.7', firstRequest(index + 1))
    await world.settle()
    expect(world.gateway.halfOpen).toBe(4)
    expect(world.gateway.drops()['too-many-from-address']).toBe(6)
    await world.connect('maria', '192.0.2.10')
  })

  it('the same request again gets the same answer and takes no other place', async () => {
    const world = await openGateway()
    for (let round = 0; round < 3; round += 1) knock(world, '203.0.113.7', firstRequest(1))
    await world.settle()
    expect(world.gateway.halfOpen).toBe(1)
    const answers = answersTo(world, '203.0.113.7').map((bytes) => Buffer.from(bytes).toString('hex'))
    expect(answers).toHaveLength(3)
    expect(new Set(answers).size).toBe(1)
  })

  it('an answer is never much larger than what asked for it', async () => {
    const world = await openGateway({ cookies: 'always' })
    const request = firstRequest(1)
    knock(world, '203.0.113.7', request)
    await world.settle()
    for (const answer of answersTo(world, '203.0.113.7')) expect(answer.length).toBeLessThan(request.length)
  })

  it('a public value that must not be used takes no place', async () => {
    const world = await openGateway()
    // RFC 7748 section 6.1: the point of low order
    knock(world, '203.0.113.7', firstRequest(1, undefined, new Uint8Array(32)))
    await world.settle()
    expect(world.gateway.halfOpen).toBe(0)
    expect(answersTo(world, '203.0.113.7')).toEqual([])
    expect(world.gateway.drops()).toMatchObject({ 'invalid-public-value': 1 })
  })

  it('a later version of the protocol is told which one we speak, some times a second', async () => {
    const world = await openGateway()
    const request = firstRequest(1)
    request[17] = 0x30
    for (let round = 0; round < 100; round += 1) knock(world, '203.0.113.7', request)
    await world.settle()
    const answers = answersTo(world, '203.0.113.7')
    expect(answers).toHaveLength(10)
    // Version 2.0, N(INVALID_MAJOR_VERSION)
    expect(answers[0]?.[17]).toBe(0x20)
    expect(world.gateway.halfOpen).toBe(0)
  })

  it('whatever else comes costs a counter', async () => {
    const world = await openGateway()
    const random = createFakeRandom('door')
    const request = firstRequest(1)
    for (let round = 0; round < 1_500; round += 1) {
      const bytes = round % 3 === 0 ? random.bytes((random.bytes(1)[0] ?? 0) + 1) : request.slice()
      const at = (((random.bytes(1)[0] ?? 0) << 8) | (random.bytes(1)[0] ?? 0)) % bytes.length
      bytes[at] = random.bytes(1)[0] ?? 0
      for (const port of [500, 4500])
        world.network.transmit({
          from: { address: `203.0.113.${round % 250}`, port: 4500 },
          to: { address: gatewayAddress, port },
          bytes,
          trafficClass: 0,
        })
      if (round % 100 === 0) await world.settle()
    }
    await world.settle()
    expect(world.gateway.halfOpen).toBeLessThanOrEqual(256)
    await world.pass(40_000)
    expect(world.gateway.halfOpen).toBe(0)
    expect(world.gateway.clients()).toEqual([])
    await world.connect('maria', '192.0.2.10')
  })

  it('whoever has no keys cannot end what stands, nor keep a place by noise', async () => {
    const world = await openGateway()
    const maria = await world.connect('maria', '192.0.2.10')
    // Her own messages, repeated and bent.
    const own = world.network.sent.filter(({ from }) => from.address === '192.0.2.10')
    for (const datagram of own) {
      world.network.transmit(datagram)
      const bent = datagram.bytes.slice()
      const last = bent.length - 1
      bent[last] = (bent[last] ?? 0) ^ 1
      world.network.transmit({ ...datagram, bytes: bent })
    }
    await world.settle()
    expect(maria.state()).toBe('connected')
    expect(world.gateway.clients()).toHaveLength(1)
    await world.pass(60_000)
    expect(world.gateway.halfOpen).toBe(0)
  })
})
