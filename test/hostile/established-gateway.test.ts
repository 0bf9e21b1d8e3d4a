/** The gateway itself, when the connection stands: its requests are authentic and may still be nonsense. */
import { describe, expect, it } from 'vitest'
import { messageId } from '../../src-shared/brands.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { espProposalsToWire, ikeProposalsToWire } from '../../src-main/ike/proposals.ts'
import { Notify, Protocol } from '../../src-main/ike/v2/code-points.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { proposal, selector } from '../exchange/story.ts'
import type { Established } from './established.ts'
import { createChildSa, established, gist, informational } from './established.ts'
import { gatewayVoice } from './hostile-gateway.ts'

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const esp = [proposal('esp', 'aes256gcm16-x25519-noesn')]
const ike = [proposal('ike', 'aes256-sha256-x25519')]
const proposals = { ike, esp }
const options = { story: { client: { proposals }, gateway: { proposals } } }

const spi = (value: number): Uint8Array => {
  const data = bytes(4)
  new DataView(data.buffer).setUint32(0, value)
  return data
}
const { publicValue } = createCrypto().keyExchange('curve25519').initiate()

interface ChildWish {
  readonly spi?: Uint8Array
  readonly wire?: ReturnType<typeof espProposalsToWire>
  readonly ke?: Payload | undefined
  readonly mine?: string
  readonly yours?: string
  readonly more?: readonly Payload[]
}
const childRequest = (wish: ChildWish = {}): readonly Payload[] => [
  ...(wish.more ?? []),
  { type: 'sa', proposals: wish.wire ?? espProposalsToWire(esp, wish.spi ?? spi(0x0a0b_0c0d), 'curve25519') },
  { type: 'nonce', data: bytes(32, 5) },
  ...('ke' in wish ? (wish.ke === undefined ? [] : [wish.ke]) : [keyExchange(publicValue)]),
  { type: 'ts-initiator', selectors: [selector(wish.mine ?? '10.20.0.0/24')] },
  { type: 'ts-responder', selectors: [selector(wish.yours ?? '10.9.0.2/32')] },
]
const keyExchange = (data: Uint8Array, group = 31): Payload => ({
  type: 'ke',
  group,
  data,
})
const rekey = (data: Uint8Array, protocol: number = Protocol.ESP): Payload => ({
  type: 'notify',
  protocol,
  spi: data,
  notify: Notify.REKEY_SA,
  data: bytes(0),
})
const ikeRequest = (
  data: Uint8Array,
  ke: Payload | undefined = keyExchange(publicValue),
): readonly Payload[] => [
  { type: 'sa', proposals: ikeProposalsToWire(ike, 'curve25519', data) },
  { type: 'nonce', data: bytes(32, 5) },
  ke,
]
const outboundSpi = ({ connected }: Established): Uint8Array => spi(connected.child.outboundSpi)
const deletion = (protocol: number, spis: readonly Uint8Array[]): Payload => ({
  type: 'delete',
  protocol,
  spis: [...spis],
})

interface Row {
  readonly name: string
  readonly exchange: number
  readonly request: (on: Established) => readonly Payload[]
  readonly answer: string
}

const rows: readonly Row[] = [
  // ---- INFORMATIONAL
  { name: 'nothing', exchange: informational, request: () => [], answer: '' },
  { name: 'an unknown status', exchange: informational, request: () => [notify(50_000)], answer: '' },
  { name: 'an unknown error', exchange: informational, request: () => [notify(9_999)], answer: '' },
  {
    name: 'a configuration to set',
    exchange: informational,
    request: () => [{ type: 'configuration', kind: 3, attributes: [] }],
    answer: '',
  },
  {
    name: 'an unknown critical payload',
    exchange: informational,
    request: () => [{ type: 'unknown', number: 200, critical: true, data: bytes(3) }],
    answer: 'UNSUPPORTED_CRITICAL_PAYLOAD',
  },
  {
    name: 'a payload of IKE_AUTH',
    exchange: informational,
    request: () => [{ type: 'eap', data: Uint8Array.of(3, 0, 0, 4) }],
    answer: 'INVALID_SYNTAX',
  },
  {
    name: '65 payloads',
    exchange: informational,
    request: () => Array.from({ length: 65 }, () => notify(50_000)),
    answer: 'INVALID_SYNTAX',
  },
  // ---- other exchanges
  {
    name: 'IKE_AUTH once more',
    exchange: 35,
    request: () => [{ type: 'eap', data: Uint8Array.of(1, 1, 0, 5, 1) }],
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'IKE_SA_INIT, protected',
    exchange: 34,
    request: () => [{ type: 'nonce', data: bytes(32) }],
    answer: 'INVALID_SYNTAX',
  },
  { name: 'an exchange that nobody knows', exchange: 250, request: () => [], answer: 'INVALID_SYNTAX' },
  // ---- Delete
  {
    name: 'Delete of an SPI that is unknown',
    exchange: informational,
    request: () => [deletion(3, [spi(0x0102_0304)])],
    answer: '',
  },
  {
    name: 'Delete of our own SPI in place of its own',
    exchange: informational,
    request: ({ connected }) => [deletion(3, [spi(connected.child.inboundSpi)])],
    answer: '',
  },
  {
    name: 'Delete of 1,000 SPIs',
    exchange: informational,
    request: () => [
      deletion(
        3,
        Array.from({ length: 1_000 }, (_, index) => spi(0x0100_0000 + index)),
      ),
    ],
    answer: '',
  },
  { name: 'Delete of SPI 0', exchange: informational, request: () => [deletion(3, [spi(0)])], answer: '' },
  {
    name: 'Delete of SPIs of 8 bytes',
    exchange: informational,
    request: () => [deletion(3, [bytes(8, 1)])],
    answer: '',
  },
  {
    name: 'Delete of AH',
    exchange: informational,
    request: (on) => [deletion(2, [outboundSpi(on)])],
    answer: '',
  },
  {
    name: 'Delete of a protocol that nobody knows',
    exchange: informational,
    request: (on) => [deletion(77, [outboundSpi(on)])],
    answer: '',
  },
  {
    name: 'Delete that counts more SPIs than it has',
    exchange: informational,
    request: () => [
      { type: 'unknown', number: 42, critical: false, data: Uint8Array.of(3, 4, 255, 255, 1, 2, 3, 4) },
    ],
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'Delete that counts 65,535 SPIs of no bytes',
    exchange: informational,
    request: () => [{ type: 'unknown', number: 42, critical: false, data: Uint8Array.of(3, 0, 255, 255) }],
    answer: 'INVALID_SYNTAX',
  },
  // ---- CREATE_CHILD_SA
  {
    name: 'rekeying an SPI that is unknown',
    exchange: createChildSa,
    request: () => childRequest({ more: [rekey(spi(0x0102_0304))] }),
    answer: 'CHILD_SA_NOT_FOUND',
  },
  {
    name: 'rekeying our own SPI in place of its own',
    exchange: createChildSa,
    request: ({ connected }) => childRequest({ more: [rekey(spi(connected.child.inboundSpi))] }),
    answer: 'CHILD_SA_NOT_FOUND',
  },
  {
    name: 'rekeying AH',
    exchange: createChildSa,
    request: (on) => childRequest({ more: [rekey(outboundSpi(on), 2)] }),
    answer: 'CHILD_SA_NOT_FOUND',
  },
  {
    name: 'rekeying an SPI of no bytes',
    exchange: createChildSa,
    request: () => childRequest({ more: [rekey(bytes(0))] }),
    answer: 'CHILD_SA_NOT_FOUND',
  },
  {
    name: 'rekeying an SPI of 255 bytes',
    exchange: createChildSa,
    request: () => childRequest({ more: [rekey(bytes(255, 1))] }),
    answer: 'CHILD_SA_NOT_FOUND',
  },
  {
    name: 'a Child SA of another cipher',
    exchange: createChildSa,
    request: () =>
      childRequest({
        wire: espProposalsToWire([proposal('esp', 'aes128gcm16-x25519')], spi(0x0a0b_0c0d), 'curve25519'),
      }),
    answer: 'NO_PROPOSAL_CHOSEN',
  },
  {
    name: 'a Child SA without perfect forward secrecy',
    exchange: createChildSa,
    request: () => childRequest({ wire: espProposalsToWire(esp, spi(0x0a0b_0c0d)), ke: undefined }),
    answer: 'NO_PROPOSAL_CHOSEN',
  },
  {
    name: 'a Child SA without the key exchange',
    exchange: createChildSa,
    request: () => childRequest({ ke: undefined }),
    answer: 'INVALID_KE_PAYLOAD',
  },
  {
    name: 'a Child SA with a key exchange of another group',
    exchange: createChildSa,
    request: () => childRequest({ ke: keyExchange(bytes(64, 3), 19) }),
    answer: 'INVALID_KE_PAYLOAD',
  },
  {
    name: 'a Child SA with a public value of zeros',
    exchange: createChildSa,
    request: () => childRequest({ ke: keyExchange(bytes(32)) }),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'a Child SA with a public value of another length',
    exchange: createChildSa,
    request: () => childRequest({ ke: keyExchange(bytes(33, 3)) }),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'a Child SA with SPI 0',
    exchange: createChildSa,
    request: () => childRequest({ spi: spi(0) }),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'a Child SA with an SPI of 8 bytes',
    exchange: createChildSa,
    request: () => childRequest({ spi: bytes(8, 1) }),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'a Child SA for other networks',
    exchange: createChildSa,
    request: () => childRequest({ mine: '192.168.0.0/24', yours: '172.16.0.1/32' }),
    answer: 'TS_UNACCEPTABLE',
  },
  {
    name: 'a Child SA for another family',
    exchange: createChildSa,
    request: () => childRequest({ mine: 'fd00::/64' }),
    answer: 'TS_UNACCEPTABLE',
  },
  {
    name: 'a Child SA without selectors',
    exchange: createChildSa,
    request: () => childRequest().slice(0, 2),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'an IKE SA with SPI 0',
    exchange: createChildSa,
    request: () => ikeRequest(bytes(8)),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'an IKE SA with an SPI of 4 bytes',
    exchange: createChildSa,
    request: () => ikeRequest(bytes(4, 1)),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'an IKE SA with an SPI of no bytes',
    exchange: createChildSa,
    request: () => ikeRequest(bytes(0)),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'an IKE SA with a public value of zeros',
    exchange: createChildSa,
    request: () => ikeRequest(bytes(8, 1), keyExchange(bytes(32))),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'an IKE SA with a key exchange of another group',
    exchange: createChildSa,
    request: () => ikeRequest(bytes(8, 1), keyExchange(bytes(64, 3), 19)),
    answer: 'INVALID_KE_PAYLOAD',
  },
  {
    name: 'an IKE SA without key exchange',
    exchange: createChildSa,
    request: () => ikeRequest(bytes(8, 1)).slice(0, 2),
    answer: 'INVALID_SYNTAX',
  },
  {
    name: 'an IKE SA of another cipher',
    exchange: createChildSa,
    request: () => [
      {
        type: 'sa',
        proposals: ikeProposalsToWire([proposal('ike', 'aes128-sha256-x25519')], 'curve25519', bytes(8, 1)),
      },
      ...ikeRequest(bytes(8, 1)).slice(1),
    ],
    answer: 'NO_PROPOSAL_CHOSEN',
  },
]

describe('nonsense of the gateway, when the connection stands', () => {
  it.each(rows)('$name → $answer', async ({ exchange, request, answer }) => {
    const on = await established(options)
    expect(gist(await on.ask(exchange, request(on)))).toBe(answer)
    await on.expectUnchanged()
    on.story.close()
    await on.story.pass(5_000)
    expect(on.story.clock.pending).toBe(0)
  })

  it('a malformed plaintext under the right checksum is answered, and harmless', async () => {
    const on = await established(options)
    const head = on.voice.plain({ exchange: informational }, []).slice(0, 28)
    const plaintexts = [
      Uint8Array.of(41),
      Uint8Array.of(0, 0, 0, 3),
      bytes(4),
      Uint8Array.of(41, 0, 0, 200, 1),
    ]
    for (const [index, plaintext] of plaintexts.entries()) {
      const length = on.voice.seal(bytes(32), plaintext).length
      const start = bytes(32)
      start.set(head)
      const view = new DataView(start.buffer)
      view.setUint8(16, 46)
      view.setUint32(20, index)
      view.setUint32(24, length)
      view.setUint8(28, 41)
      view.setUint16(30, length - 28)
      const [answer = bytes(0)] = await on.inject(on.voice.seal(start, plaintext))
      expect(gist(on.hostile.openClient(answer))).toBe('INVALID_SYNTAX')
    }
    await on.expectUnchanged()
  })
})

describe('what the gateway may do, and only as often as makes sense', () => {
  it('a Child SA is deleted once, however often the Delete names it', async () => {
    const on = await established(options)
    const answer = await on.ask(informational, [
      deletion(3, [outboundSpi(on), outboundSpi(on)]),
      deletion(3, [outboundSpi(on)]),
    ])
    const deleted = answer?.payloads.flatMap((payload) => (payload.type === 'delete' ? payload.spis : []))
    expect(deleted).toEqual([spi(on.connected.child.inboundSpi)])
    expect(on.client.effects.filter(({ kind }) => kind === 'remove')).toHaveLength(1)
    // The same Delete again, as a new request.
    expect(gist(await on.ask(informational, [deletion(3, [outboundSpi(on)])]))).toBe('')
    expect(on.client.effects.filter(({ kind }) => kind === 'remove')).toHaveLength(1)
  })

  it('the IKE SA is deleted once, with everything under it', async () => {
    const on = await established(options)
    await on.inject(
      ...on.voice.write({ exchange: informational }, [deletion(1, []), deletion(3, [outboundSpi(on)])]),
    )
    expect(on.client.closed).toBe('gateway-closed')
    expect(on.client.effects.map(({ kind }) => kind)).toEqual(['install', 'remove'])
    await on.inject(
      ...on.voice.write({ exchange: informational, messageId: messageId(1) }, [deletion(1, [])]),
    )
    expect(on.client.drops).toEqual(['unknown-ike-spi'])
    await on.story.pass(5_000)
  })

  it('a thousand Child SAs are not made', async () => {
    const on = await established(options)
    const answers = new Map<string, number>()
    for (let index = 0; index < 1_000; index += 1) {
      const said = gist(await on.ask(createChildSa, childRequest({ spi: spi(0x0a00_0000 + index) })))
      answers.set(said, (answers.get(said) ?? 0) + 1)
    }
    expect(on.client.session.children).toHaveLength(16)
    expect(answers.get('NO_ADDITIONAL_SAS')).toBe(985)
  })

  it('a Child SA is not rekeyed twice over', async () => {
    const on = await established(options)
    const more = [rekey(outboundSpi(on))]
    expect(gist(await on.ask(createChildSa, childRequest({ more })))).toBe(
      'sa nonce ke ts-initiator ts-responder',
    )
    expect(gist(await on.ask(createChildSa, childRequest({ more, spi: spi(0x0a0b_0c0e) })))).toBe(
      'TEMPORARY_FAILURE',
    )
    expect(on.client.session.children).toHaveLength(2)
  })

  it('rekeying the rekeyed, with never a Delete, comes to an end', async () => {
    const on = await established(options)
    let said = ''
    for (let index = 0; index < 100 && said !== 'NO_ADDITIONAL_SAS'; index += 1) {
      const newest = on.client.session.children.at(-1)?.outboundSpi ?? 0
      const more = [rekey(spi(newest))]
      said = gist(await on.ask(createChildSa, childRequest({ more, spi: spi(0x0a0b_0000 + index) })))
    }
    expect(said).toBe('NO_ADDITIONAL_SAS')
    expect(on.client.session.children).toHaveLength(32)
  })

  it('an IKE SA that has been replaced makes nothing new', async () => {
    const on = await established(options)
    expect(gist(await on.ask(createChildSa, ikeRequest(bytes(8, 1))))).toBe('sa nonce ke')
    const { sa } = on.client.session
    expect(gist(await on.ask(createChildSa, ikeRequest(bytes(8, 2))))).toBe('TEMPORARY_FAILURE')
    expect(gist(await on.ask(createChildSa, childRequest()))).toBe('TEMPORARY_FAILURE')
    expect(on.client.session.sa).toBe(sa)
    expect(on.client.session.children).toHaveLength(1)
  })

  it('IKE SAs made in a row, with never a Delete, come to an end', async () => {
    const on = await established(options)
    const made = new Set([on.client.session.sa])
    for (let round = 1; round < 100; round += 1) {
      const current = on.client.session.sa
      if (current === undefined) throw new Error('closed')
      // The other end of the newest one.
      const voice = gatewayVoice({ ...current, initiator: !current.initiator })
      const request = ikeRequest(bytes(8, round))
      // Its message 0, or the next one where that was refused.
      const id = messageId(made.has(current) && round > made.size ? round - made.size : 0)
      await on.inject(...voice.write({ exchange: createChildSa, messageId: id }, request))
      made.add(on.client.session.sa)
    }
    expect(made.size).toBe(9)
    // Those that were replaced are forgotten in time, and it may go on.
    await on.story.pass(60_000)
    expect(on.client.closed).toBeUndefined()
    on.story.close()
  })

  it('a Delete of the only Child SA, over and over, is not followed at the speed of the network', async () => {
    const on = await established(options)
    const asked = () =>
      on.story.wire.sent.filter(
        ({ from, header }) => from === 'client' && header?.exchange === createChildSa && !header.response,
      )
    for (let round = 0; round < 20; round += 1) {
      const spis = on.client.session.children.map((child) => spi(child.outboundSpi))
      if (spis.length > 0) await on.ask(informational, [deletion(3, spis)])
    }
    // The first time at once; a gateway that goes on deleting is asked again after a pause.
    expect(asked().length).toBeLessThanOrEqual(2)
    on.story.close()
  })
})
