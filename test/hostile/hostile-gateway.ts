/**
 * A gateway that says something else than an honest one would, at the points that a test chooses. It is our own responder; what
 * it sends is opened, handed to the test and closed again, so that whatever arrives is authentic unless the test says otherwise.
 */
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { messageId } from '../../src-shared/brands.ts'
import { createRandom } from '../../src-main/host/crypto/random.ts'
import { readIkeHeader } from '../../src-main/ike/header.ts'
import type { InitiatorConfiguration } from '../../src-main/ike/v2/initiator.ts'
import type { IkeSa } from '../../src-main/ike/v2/ike-sa.ts'
import { decodeMessage, encodeMessage } from '../../src-main/ike/v2/message.ts'
import type { Message, MessageHeader } from '../../src-main/ike/v2/message.ts'
import { decodePayloads } from '../../src-main/ike/v2/payloads.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { createSkProtection } from '../../src-main/ike/v2/protection.ts'
import type { SkProtection } from '../../src-main/ike/v2/protection.ts'
import type { ResponderConfiguration } from '../../src-main/ike/v2/responder.ts'
import type { StoryOptions } from '../exchange/story.ts'
import { identity, tellStory, utf8 } from '../exchange/story.ts'
import { createFakePki } from '../fakes/fake-trust.ts'
import type { FakeCertificate, FakePki } from '../fakes/fake-trust.ts'

export type Setting = 'psk' | 'certificate' | 'eap' | 'eap-with-psk-gateway'

export const pki: FakePki = createFakePki()
export const gatewayCertificate: FakeCertificate = pki.issue('vpn.example.test')
const clientCertificate = pki.issue('maria@example.test')

/** One message of the gateway on its way out, opened. */
export interface Heard {
  readonly message: Message
  readonly honest: Uint8Array
  /** How many messages of this exchange it has sent before, repetitions included. */
  readonly before: number
  /** As the gateway itself would send it: protected where the honest message is, its header changed as said. */
  readonly write: (payloads: readonly Payload[], header?: Partial<MessageHeader>) => Uint8Array
  /** As anybody can send it. */
  readonly plain: (payloads: readonly Payload[], header?: Partial<MessageHeader>) => Uint8Array
  /** Any first 32 bytes (IKE header and generic header of the Encrypted payload), any plaintext, and the right checksum. */
  readonly sealed: (change: (head: DataView) => void, first?: number, plaintext?: Uint8Array) => Uint8Array
}

export type Tamper = (heard: Heard) => readonly Uint8Array[]

/** What is said to a first request in place of the honest gateway, which then never sees it. */
export type FirstAnswer = (before: number) => readonly Payload[]

/** What is said, under the keys, to a later request in place of the honest gateway; undefined leaves it to the gateway. */
export type LaterAnswer = (request: Message, before: number) => readonly Payload[] | undefined

export interface HostileOptions {
  readonly setting?: Setting
  readonly story?: StoryOptions
  readonly tamper?: Tamper
  readonly firstAnswer?: FirstAnswer
  readonly laterAnswer?: LaterAnswer
  /** The gateway signs its first message as it was changed; without, a third party has changed it. Default true. */
  readonly signsItsFirstMessage?: boolean
}

/** What stands at the client's disposal and must not leave before the gateway has proven itself. */
export type Asked = 'password' | 'shared secret'

const crypto = createCrypto()
const random = createRandom()

const protectionOf = (sa: IkeSa, from: 'initiator' | 'responder'): SkProtection => {
  const { keys, suite } = sa
  const [encryptionKey, integrityKey] = from === 'initiator' ? [keys.ei, keys.ai] : [keys.er, keys.ar]
  return createSkProtection({
    crypto,
    random,
    protection: suite,
    encryptionKey: encryptionKey.slice(),
    ...(integrityKey === undefined ? {} : { integrityKey: integrityKey.slice() }),
  })
}

/** Messages of the gateway under the keys of an IKE SA. The keys are copied: they outlive the SA. */
export function gatewayVoice(sa: IkeSa) {
  const voice = protectionOf(sa, sa.initiator ? 'initiator' : 'responder')
  const header = (header: Partial<MessageHeader>): MessageHeader => ({
    initiatorSpi: sa.initiatorSpi,
    responderSpi: sa.responderSpi,
    exchange: 37,
    initiator: sa.initiator,
    response: false,
    messageId: messageId(0),
    ...header,
  })
  return {
    /** Opened with a protection of its own, so that nothing in the story is disturbed. */
    open: (bytes: Uint8Array) =>
      decodeMessage(bytes, protectionOf(sa, sa.initiator ? 'initiator' : 'responder')),
    /** The plaintext of a message of this voice. */
    openText(bytes: Uint8Array): Uint8Array | undefined {
      const opened = protectionOf(sa, sa.initiator ? 'initiator' : 'responder').open(bytes, 32)
      return opened.ok ? opened.value : undefined
    },
    write: (head: Partial<MessageHeader>, payloads: readonly Payload[], maxDatagram?: number) =>
      encodeMessage({ header: header(head), payloads }, voice, maxDatagram),
    plain: (head: Partial<MessageHeader>, payloads: readonly Payload[]) =>
      encodeMessage({ header: header(head), payloads })[0] ?? new Uint8Array(),
    /** Seals `[head of 32 bytes or 36 for a fragment][plaintext]`. */
    seal(head: Uint8Array, plaintext: Uint8Array): Uint8Array {
      const bytes = new Uint8Array(head.length + plaintext.length + voice.overhead(plaintext.length))
      bytes.set(head)
      voice.seal(bytes, head.length, plaintext)
      return bytes
    },
  }
}

export type GatewayVoice = ReturnType<typeof gatewayVoice>

/** Header of a protected message whose Encrypted payload begins with `first`, for so many bytes of plaintext. */
export function protectedHead(
  sa: IkeSa,
  header: Partial<MessageHeader>,
  first: number,
  length: number,
): Uint8Array {
  const plain = gatewayVoice(sa).plain(header, [])
  const head = new Uint8Array(32)
  head.set(plain.subarray(0, 28))
  const view = new DataView(head.buffer)
  view.setUint8(16, 46)
  view.setUint32(24, length)
  view.setUint8(28, first)
  view.setUint16(30, length - 28)
  return head
}

export function hostileGateway(options: HostileOptions = {}) {
  const asked: Asked[] = []
  const story = tellStory({
    ...options.story,
    client: { ...clientOf(options.setting ?? 'psk', asked), ...options.story?.client },
    gateway: { ...gatewayOf(options.setting ?? 'psk'), ...options.story?.gateway },
  })
  const counts = new Map<number, number>()
  const errors: unknown[] = []
  /** With keys of its own: the gateway wipes its keys when it closes, and we go on talking. */
  const kept = new Map<bigint, IkeSa>()
  const saOf = (bytes: Uint8Array): IkeSa | undefined => {
    const spi = readIkeHeader(bytes)?.initiatorSpi
    if (spi === undefined) return undefined
    const accepted = story.acceptedBy.find(({ init }) => init.sa.initiatorSpi === spi)?.init.sa
    if (accepted !== undefined && !kept.has(spi))
      kept.set(spi, { ...accepted, keys: structuredClone(accepted.keys) })
    return kept.get(spi)
  }

  /** What the client said under the keys of the IKE SA it belongs to; by no rule, as its answers to nonsense fit none. */
  const openClient = (bytes: Uint8Array): Message => {
    const sa = saOf(bytes)
    const header = readIkeHeader(bytes)
    if (sa === undefined || header === undefined) throw new Error('not said under any keys')
    const opened = protectionOf(sa, 'initiator').open(bytes, 32)
    if (!opened.ok) throw new Error(`the client said something ${opened.error}`)
    return { header, payloads: decodePayloads(bytes[28] ?? 0, opened.value) }
  }

  const tampered = (bytes: Uint8Array): readonly Uint8Array[] => {
    const { tamper } = options
    const sa = saOf(bytes)
    if (tamper === undefined) return [bytes]
    const isPlain = readIkeHeader(bytes)?.exchange === 34
    const opened = sa === undefined || isPlain ? decodeMessage(bytes) : gatewayVoice(sa).open(bytes)
    if (opened.kind !== 'message') throw new Error(`the honest gateway said ${opened.kind}`)
    const { message } = opened
    const before = counts.get(message.header.exchange) ?? 0
    counts.set(message.header.exchange, before + 1)
    const plain: Heard['plain'] = (payloads, header) =>
      encodeMessage({ header: { ...message.header, ...header }, payloads })[0] ?? new Uint8Array()
    const said = tamper({
      message,
      honest: bytes,
      before,
      plain,
      write: (payloads, header) =>
        sa === undefined || isPlain
          ? plain(payloads, header)
          : (gatewayVoice(sa).write({ ...message.header, ...header }, payloads)[0] ?? new Uint8Array()),
      sealed(change, first = bytes[28] ?? 0, plaintext = new Uint8Array()) {
        if (sa === undefined) throw new Error('nothing is sealed before there are keys')
        const voice = gatewayVoice(sa)
        const length = voice.seal(new Uint8Array(32), plaintext).length
        const head = protectedHead(sa, message.header, first, length)
        change(new DataView(head.buffer))
        return voice.seal(head, plaintext)
      },
    })
    const [first] = said
    if (isPlain && first !== undefined && options.signsItsFirstMessage !== false) {
      const accepting = story.acceptedBy.find(({ init }) => init.sa.initiatorSpi === sa?.initiatorSpi)
      if (accepting !== undefined) Object.assign(accepting.init, { initResponse: first.slice() })
    }
    return said
  }

  let laterAnswers = 0
  const answeredLater = (bytes: Uint8Array): boolean => {
    const sa = saOf(bytes)
    if (options.laterAnswer === undefined || sa === undefined) return false
    const { header, payloads } = openClient(bytes)
    if (header.response) return false
    const answer = options.laterAnswer({ header, payloads }, laterAnswers)
    laterAnswers += 1
    if (answer === undefined) return false
    for (const said of gatewayVoice(sa).write({ ...header, initiator: false, response: true }, answer))
      story.inject('gateway', said)
    return true
  }

  let firstAnswers = 0
  const answeredAtOnce = (bytes: Uint8Array): boolean => {
    const header = readIkeHeader(bytes)
    if (header?.exchange !== 34) return answeredLater(bytes)
    if (options.firstAnswer === undefined) return false
    const payloads = options.firstAnswer(firstAnswers)
    firstAnswers += 1
    const [answer] = encodeMessage({ header: { ...header, initiator: false, response: true }, payloads })
    if (answer !== undefined) story.inject('gateway', answer)
    return true
  }

  story.wire.meddle = (datagram) => {
    if (datagram.from === 'client') return answeredAtOnce(datagram.bytes) ? [] : [datagram]
    try {
      return tampered(datagram.bytes).map((bytes) => ({
        from: 'gateway',
        bytes,
        header: readIkeHeader(bytes),
      }))
    } catch (error) {
      // A fault of the test; it must not be taken for the client's.
      errors.push(error)
      return []
    }
  }

  return {
    story,
    asked,
    errors,
    openClient,
    /** The IKE SA that IKE_SA_INIT made; undefined before. */
    get sa(): IkeSa | undefined {
      const first = story.wire.sent.find(
        ({ from, header }) => from === 'gateway' && header?.responderSpi !== 0n,
      )
      return first === undefined ? undefined : saOf(first.bytes)
    },
    /** Dials and waits for the end of it, so many milliseconds at most. */
    async dial(patienceMs = 120_000) {
      story.dial()
      await story.settle()
      for (let waited = 0; waited < patienceMs; waited += 250) {
        if (story.result.connected !== undefined || story.result.failure !== undefined) break
        await story.pass(250)
      }
      return story.result
    },
  }
}

export type HostileGateway = ReturnType<typeof hostileGateway>

const clientOf = (setting: Setting, asked: Asked[]): Partial<InitiatorConfiguration> => {
  const ask = (what: Asked, answer: string) => (): Promise<Uint8Array> => {
    asked.push(what)
    return Promise.resolve(utf8(answer))
  }
  const psk = { method: 'psk', secret: ask('shared secret', 'open sesame') } as const
  const eap = {
    method: 'eap',
    username: 'maria',
    password: ask('password', 'correct horse'),
    allow: ['mschapv2', 'gtc'],
  } as const
  const signature = { method: 'signature', trust: pki.trust } as const
  switch (setting) {
    case 'psk':
      return { local: psk, remote: psk }
    case 'certificate':
      return {
        local: {
          method: 'signature',
          key: clientCertificate.key,
          certificates: [clientCertificate.certificate],
        },
        remote: signature,
      }
    case 'eap':
      return { local: eap, remote: signature }
    case 'eap-with-psk-gateway':
      return { local: eap, remote: psk }
  }
}

export const signatureCredential = ({ key, certificate }: FakeCertificate) =>
  ({ method: 'signature', key, certificates: [certificate] }) as const

const gatewayOf = (setting: Setting): Partial<ResponderConfiguration> => {
  const users = {
    methods: ['mschapv2'] as const,
    password: (name: string) => (name === 'maria' ? utf8('correct horse') : undefined),
  }
  switch (setting) {
    case 'psk':
      return {}
    case 'certificate':
      return {
        local: signatureCredential(gatewayCertificate),
        clients: { signature: { trust: pki.trust, admits: () => true } },
      }
    case 'eap':
      return { local: signatureCredential(gatewayCertificate), clients: { eap: users } }
    case 'eap-with-psk-gateway':
      return { clients: { eap: users, psk: () => utf8('open sesame') } }
  }
}

export const stranger = identity('mallory@example.test')
