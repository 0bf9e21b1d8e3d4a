/** The IKE messages of a connection as the exchange view shows them. */
import { describe, expect, it } from 'vitest'
import type { ExchangeMessage, MessageNode } from '../../src-shared/exchange-message.ts'
import { ExchangeRecorder } from '../../src-main/engine/exchange-log.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'
import { createWorld, eapProfile, nothingLeft, places } from './world.ts'

const ladder = (messages: readonly ExchangeMessage[]) =>
  messages.map(
    ({ direction, exchange, kind, messageId, summary }) =>
      `${direction} ${exchange} ${kind} ${messageId}: ${summary}`,
  )

const names = (nodes: readonly MessageNode[]): readonly string[] =>
  nodes.flatMap(({ name, parts = [] }) => [name, ...(name.startsWith('SK') ? names(parts) : [])])

describe('a connection', () => {
  it('tells every message both ways, with times, SPIs, sizes and what is in it', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    const connection = world.connect()
    await world.settle()
    const messages = world.services.exchanges.messages()
    expect(ladder(messages)).toEqual([
      'sent IKE_SA_INIT request 0: Offer of suites and key exchange',
      'received IKE_SA_INIT response 0: Choice of suite and key exchange',
      'sent IKE_AUTH request 1: Identity, proof of identity, request for a Child SA',
      'received IKE_AUTH response 1: Identity, proof of identity, Child SA agreed',
    ])
    const [first, second, third] = messages
    expect(first).toMatchObject({
      number: 1,
      profileId: world.profile.id,
      at: world.clock.wall(),
      version: 2,
      responderSpi: '0000000000000000',
      fragments: 1,
      encrypted: false,
      retransmissions: 0,
    })
    expect(first?.length).toBeGreaterThan(200)
    expect(names(first?.payloads ?? [])).toEqual([
      'SA',
      'KEi',
      'Ni',
      'N(NAT_DETECTION_SOURCE_IP)',
      'N(NAT_DETECTION_DESTINATION_IP)',
      'N(IKEV2_FRAGMENTATION_SUPPORTED)',
      'N(SIGNATURE_HASH_ALGORITHMS)',
    ])
    expect(second?.responderSpi).not.toBe('0000000000000000')
    expect(names(second?.payloads ?? [])).toContain('KEr')
    expect(third?.encrypted).toBe(true)
    expect(names(third?.payloads ?? [])).toEqual(
      expect.arrayContaining(['SK', 'IDi', 'AUTH', 'CP', 'TSi', 'TSr']),
    )
    await world.end(connection)
    expect(ladder(world.services.exchanges.messages()).slice(4)).toEqual([
      'sent INFORMATIONAL request 2: Delete IKE SA',
      'received INFORMATIONAL response 2: Acknowledgement',
    ])
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('by EAP shows its steps, and neither password nor what proves it', async () => {
    const world = createWorld({ profile: eapProfile() })
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    expect(connection.status().state.kind).toBe('connected')
    const messages = world.services.exchanges.messages()
    expect(ladder(messages).filter((line) => line.includes('EAP'))).toEqual([
      expect.stringContaining('received IKE_AUTH response 1: EAP Request, '),
      expect.stringContaining('EAP Response, '),
      expect.stringContaining('EAP Request, EAP-MSCHAPv2 Challenge'),
      expect.stringContaining('EAP Response, EAP-MSCHAPv2 Response'),
      expect.stringContaining('EAP Request, EAP-MSCHAPv2 Success'),
      expect.stringContaining('EAP Response, EAP-MSCHAPv2 Success'),
      expect.stringContaining('EAP Success'),
    ])
    expect(JSON.stringify(messages)).not.toContain('open sesame')
    await world.end(connection)
  })

  it('counts repetitions at the message that was repeated', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    world.services.exchanges.clear()
    // The gateway's answers are lost: our liveness check goes out three times.
    let lost = 0
    world.wire.loses = (datagram) => datagram.from.address === places.gateway && (lost += 1) <= 2
    await world.pass(34_000)
    const [check, answer, ...others] = world.services.exchanges.messages()
    expect(others).toEqual([])
    expect(check).toMatchObject({ direction: 'sent', summary: 'Liveness check', retransmissions: 2 })
    expect(answer).toMatchObject({ direction: 'received', summary: 'Acknowledgement', retransmissions: 0 })
    await world.end(connection)
  })

  it('does not list what is not authentic; that is a counter', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    world.services.exchanges.clear()
    const spi = connection.status().ikeSas[0]
    const forged = new Uint8Array(80)
    forged.set(Buffer.from(`${spi?.initiatorSpi ?? ''}${spi?.responderSpi ?? ''}`, 'hex'))
    // INFORMATIONAL, message 0 of the gateway, an Encrypted payload of nonsense.
    forged.set([46, 0x20, 37, 0, 0, 0, 0, 0, 0, 0, 0, 80, 0, 0, 0, 52], 16)
    const framed = new Uint8Array(84)
    framed.set(forged, 4)
    const { from, to } = world.network.sent.findLast((one) => one.from.address === places.client) ?? {}
    if (from === undefined || to === undefined) throw new Error('nothing was sent')
    world.network.transmit({ from: to, to: from, bytes: framed, trafficClass: 0 })
    await world.settle()
    expect(world.services.exchanges.messages()).toEqual([])
    expect(connection.status().drops).toMatchObject({ 'not-authentic': 1 })
    await world.end(connection)
  })
})

describe('the recorder', () => {
  const seen = (messageId: number, describe = () => ({ summary: `${messageId}`, payloads: [] })) => ({
    profileId: 'a',
    direction: 'sent' as const,
    version: 2 as const,
    exchange: 'INFORMATIONAL',
    header: { initiatorSpi: 1n, responderSpi: 2n, messageId, response: false },
    wire: { bytes: 80, datagrams: 1, encrypted: true },
    describe,
  })

  it('keeps the newest 500, numbered on', () => {
    const recorder = new ExchangeRecorder(createFakeClock())
    for (let id = 0; id < 700; id += 1) recorder.add(seen(id))
    const messages = recorder.messages()
    expect(messages).toHaveLength(500)
    expect(messages.map(({ number }) => number)).toEqual(
      Array.from({ length: 500 }, (_, index) => index + 201),
    )
    expect(messages.map(({ summary }) => summary)).toEqual(
      Array.from({ length: 500 }, (_, index) => `${index + 200}`),
    )
    recorder.clear()
    expect(recorder.messages()).toEqual([])
    recorder.add(seen(1))
    expect(recorder.messages().map(({ number }) => number)).toEqual([701])
  })

  it('puts nothing into words while nobody looks, until many wait; and each once', () => {
    const recorder = new ExchangeRecorder(createFakeClock())
    let described = 0
    const one = (id: number) =>
      seen(id, () => {
        described += 1
        return { summary: '', payloads: [] }
      })
    for (let id = 0; id < 48; id += 1) recorder.add(one(id))
    expect(described).toBe(0)
    for (let id = 48; id < 60; id += 1) recorder.add(one(id))
    expect(described).toBe(12)
    recorder.messages()
    recorder.repeated('sent', { ...seen(0).header, messageId: 59 })
    expect(recorder.messages().at(-1)?.retransmissions).toBe(1)
    expect(described).toBe(60)
  })

  it('tells listeners of many messages at once, later, and leaves no timer', async () => {
    const clock = createFakeClock()
    const recorder = new ExchangeRecorder(clock)
    recorder.add(seen(0))
    expect(clock.pending).toBe(0)
    let told = 0
    const stop = recorder.onMessage(() => (told += 1))
    for (let id = 1; id < 10; id += 1) recorder.add(seen(id))
    expect(told).toBe(0)
    await clock.pass(100)
    expect(told).toBe(1)
    await clock.pass(1_000)
    expect(told).toBe(1)
    recorder.add(seen(10))
    stop()
    expect(clock.pending).toBe(0)
    await clock.pass(1_000)
    expect(told).toBe(1)
  })
})
