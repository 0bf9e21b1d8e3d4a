/**
 * Authentication by public-key encryption, both methods in both modes: our two ends against each other, and what they say
 * recomputed from RFC 2409 (sections 5.2, 5.3, appendix B) by node:crypto alone, from the bytes on the wire and the private keys.
 */
import {
  constants,
  createDecipheriv,
  createHash,
  createHmac,
  generateKeyPairSync,
  privateDecrypt,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDecryptionKey, createEncryptionKey } from '../../../src-main/host/crypto/rsa-encryption.ts'
import type { Phase1Credential } from '../../../src-main/ike/v1/configuration.ts'
import { aggressiveMode } from '../../../src-main/ike/v1/exchanges/aggressive.ts'
import { answerAggressiveMode } from '../../../src-main/ike/v1/exchanges/aggressive-responder.ts'
import { mainMode } from '../../../src-main/ike/v1/exchanges/main.ts'
import { answerMainMode } from '../../../src-main/ike/v1/exchanges/main-responder.ts'
import type { ExchangePorts } from '../../../src-main/ike/v1/configuration.ts'
import {
  clientConfiguration,
  createWire,
  firstMessage,
  gatewayConfiguration,
  identity,
  proposals,
} from './wire.ts'
import type { OnWire } from './wire.ts'

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
const clientKeys = pair()
const gatewayKeys = pair()
const strangerKeys = pair()

const credential = (own: KeyObject, peer: KeyObject, revised: boolean): Phase1Credential => {
  const mine = createDecryptionKey(own)
  const theirs = createEncryptionKey(peer)
  if (mine === undefined || theirs === undefined) throw new Error('no key')
  return { method: 'encryption', revised, own: mine, peerKey: () => theirs }
}

type Mode = 'main' | 'aggressive'
interface Options {
  readonly client?: Phase1Credential
  readonly gateway?: Phase1Credential
  readonly change?: (sent: OnWire) => readonly Uint8Array[]
}

const proposal = 'aes256-sha1-modp2048'

/** Both ends; `secrets`: every g^xy that was computed. */
async function meet(mode: Mode, revised: boolean, options: Options = {}) {
  const wire = createWire(options.change)
  const secrets: Uint8Array[] = []
  const logged = (ports: ExchangePorts): ExchangePorts => ({
    ...ports,
    crypto: {
      ...ports.crypto,
      keyExchange(group) {
        const exchange = ports.crypto.keyExchange(group)
        return {
          initiate: () => exchange.initiate(),
          respond(value) {
            const result = exchange.respond(value)
            if (result.ok) secrets.push(result.value.sharedSecret.slice())
            return result
          },
        }
      },
    },
  })
  const suite = { proposals: proposals('ike', proposal) }
  const ours = (mode === 'main' ? mainMode : aggressiveMode)(
    wire.client.ports,
    {
      ...clientConfiguration,
      ...suite,
      mode,
      credential: options.client ?? credential(clientKeys.privateKey, gatewayKeys.publicKey, revised),
    },
    wire.client.peer,
    () => undefined,
  )
  const theirs = (mode === 'main' ? answerMainMode : answerAggressiveMode)(
    logged(wire.gateway.ports),
    {
      ...gatewayConfiguration,
      ...suite,
      forceEncapsulation: true,
      ways: [
        {
          credential: options.gateway ?? credential(gatewayKeys.privateKey, clientKeys.publicKey, revised),
          xauth: false,
        },
      ],
    },
    wire.gateway.peer,
    firstMessage(wire, mode),
  )
  const settled = Promise.allSettled([ours, theirs])
  const meeting = { over: false }
  void settled.then(() => (meeting.over = true))
  for (let turn = 0; !meeting.over && turn < 200; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve))
    if (turn > 20) await wire.clock.pass(1_000)
  }
  const [mine, other] = await settled
  return { wire, mine, other, secrets }
}

// ---------------------------------------------------------------- from the RFC alone

interface RawPayload {
  readonly type: number
  readonly body: Buffer
}

/** The generic headers (RFC 2408 section 3.2) behind the header's 28 bytes. */
function payloadsOf(datagram: Uint8Array): readonly RawPayload[] {
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length)
  const found: RawPayload[] = []
  let type = bytes.readUInt8(16)
  for (let at = 28; type !== 0;) {
    const length = bytes.readUInt16BE(at + 2)
    found.push({ type, body: bytes.subarray(at + 4, at + length) })
    type = bytes.readUInt8(at)
    at += length
  }
  return found
}
const bodyOf = (list: readonly RawPayload[], type: number): Buffer => {
  const found = list.find((one) => one.type === type)
  if (found === undefined) throw new Error(`no payload ${type}`)
  return found.body
}
const SA = 1
const KE = 4
const ID = 5
const HASH = 8
const NONCE = 10
const VENDOR = 13
const NAT_D = 20

const prf = (key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer =>
  createHmac('sha1', key).update(Buffer.concat(parts)).digest()
const sha1 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha1').update(Buffer.concat(parts)).digest()

/** PKCS #1: 00 02, no zeros, 00, the message. */
function rsaOpen(key: KeyObject, ciphertext: Uint8Array): Buffer {
  const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext)
  expect(block.subarray(0, 2).toString('hex')).toBe('0002')
  return block.subarray(block.indexOf(0, 2) + 1)
}

/** "K1 = prf(Ne_i, 0), K2 = prf(Ne_i, K1)": 32 bytes for AES-256. */
function expanded(seed: Uint8Array): Buffer {
  const k1 = prf(seed, Buffer.of(0))
  return Buffer.concat([k1, prf(seed, k1)]).subarray(0, 32)
}
const decrypt = (key: Uint8Array, iv: Uint8Array, text: Uint8Array): Buffer => {
  const cipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([cipher.update(text), cipher.final()])
}
/** "The last byte of the padding contains the number of the padding bytes used, excluding the last one." */
const unpad = (text: Buffer): Buffer => text.subarray(0, text.length - 1 - (text.at(-1) ?? 0))

interface Opened {
  readonly value: Buffer
  readonly nonce: Buffer
  readonly id: Buffer
}

function openedBy(key: KeyObject, list: readonly RawPayload[], cookie: Buffer, revised: boolean): Opened {
  const nonce = rsaOpen(key, bodyOf(list, NONCE))
  if (!revised) return { value: bodyOf(list, KE), nonce, id: rsaOpen(key, bodyOf(list, ID)) }
  const ke = expanded(prf(nonce, cookie))
  const value = bodyOf(list, KE)
  return {
    nonce,
    value: unpad(decrypt(ke, Buffer.alloc(16), value)),
    // "The IV for subsequent payloads … is the last ciphertext block of the previous payload."
    id: unpad(decrypt(ke, value.subarray(-16), bodyOf(list, ID))),
  }
}

const layouts = {
  'main original': [
    [KE, ID, NONCE, NAT_D, NAT_D],
    [KE, ID, NONCE, NAT_D, NAT_D],
  ],
  'main revised': [
    [NONCE, KE, ID, NAT_D, NAT_D],
    [NONCE, KE, ID, NAT_D, NAT_D],
  ],
  'aggressive original': [
    [SA, KE, ID, NONCE],
    [SA, KE, ID, NONCE, NAT_D, NAT_D, HASH],
  ],
  'aggressive revised': [
    [SA, NONCE, KE, ID],
    [SA, NONCE, KE, ID, NAT_D, NAT_D, HASH],
  ],
} as const

const cases = (['main', 'aggressive'] as const).flatMap((mode) =>
  ([false, true] as const).map((revised) => [mode, revised ? 'revised' : 'original', revised] as const),
)

describe.each(cases)('%s mode, the %s method', (mode, name, revised) => {
  it('is laid out as the RFC’s figure, and proves both ends by what the RFC’s arithmetic gives', async () => {
    const { wire, mine, other, secrets } = await meet(mode, revised)
    if (mine.status === 'rejected') throw mine.reason
    if (other.status === 'rejected') throw other.reason
    const datagrams = wire.sent.map(({ bytes }) => bytes)
    const [asked, answered] = mode === 'main' ? [datagrams[2], datagrams[3]] : [datagrams[0], datagrams[1]]
    if (asked === undefined || answered === undefined) throw new Error('messages are missing')
    const said = payloadsOf(asked)
    const heard = payloadsOf(answered)
    const shown = [said, heard].map((list) => list.map(({ type }) => type).filter((type) => type !== VENDOR))
    expect(shown).toEqual(layouts[`${mode} ${name}`])

    const cookies = Buffer.from(answered).subarray(0, 16)
    const [CKYI, CKYR] = [cookies.subarray(0, 8), cookies.subarray(8)]
    const i = openedBy(gatewayKeys.privateKey, said, CKYI, revised)
    const r = openedBy(clientKeys.privateKey, heard, CKYR, revised)
    expect(i.id.toString('latin1')).toContain('road@example.org')
    expect(r.id.toString('latin1')).toContain('vpn.example.org')
    // Nothing of it in clear.
    for (const list of [said, heard]) expect(bodyOf(list, ID).toString('latin1')).not.toContain('example')

    // SKEYID = prf(hash(Ni_b | Nr_b), CKY-I | CKY-R)
    const SKEYID = prf(sha1(i.nonce, r.nonce), CKYI, CKYR)
    const [gxy] = secrets
    if (gxy === undefined) throw new Error('no g^xy')
    const d = prf(SKEYID, gxy, CKYI, CKYR, Buffer.of(0))
    const a = prf(SKEYID, d, gxy, CKYI, CKYR, Buffer.of(1))
    const e = prf(SKEYID, a, gxy, CKYI, CKYR, Buffer.of(2))
    for (const { keys } of [mine.value, other.value.sa])
      expect([keys.skeyid, keys.d, keys.a, keys.e].map((key) => Buffer.from(key))).toEqual([SKEYID, d, a, e])

    const first = datagrams[0]
    if (first === undefined) throw new Error('no first message')
    const SAi = bodyOf(payloadsOf(first), SA)
    const HASH_I = prf(SKEYID, i.value, r.value, CKYI, CKYR, SAi, i.id)
    const HASH_R = prf(SKEYID, r.value, i.value, CKYR, CKYI, SAi, r.id)
    const key = expanded(e)
    const iv = sha1(i.value, r.value).subarray(0, 16)
    const proof = datagrams[mode === 'main' ? 4 : 2]
    if (proof === undefined) throw new Error('no proof')
    const fifth = Buffer.from(proof).subarray(28)
    expect(decrypt(key, iv, fifth).subarray(4, 24)).toEqual(HASH_I)
    if (mode === 'aggressive') {
      expect(bodyOf(heard, HASH)).toEqual(HASH_R)
      return
    }
    const sixth = Buffer.from(datagrams[5] ?? new Uint8Array()).subarray(28)
    expect(decrypt(key, fifth.subarray(-16), sixth).subarray(4, 24)).toEqual(HASH_R)
  })

  it('finds NAT as the others do', async () => {
    const { mine, other } = await meet(mode, revised)
    expect(mine).toMatchObject({ status: 'fulfilled', value: { nat: { local: false, remote: true } } })
    expect(other).toMatchObject({
      status: 'fulfilled',
      value: { sa: { nat: { local: true, remote: false } } },
    })
  })

  it('lets in nobody who cannot open what was sealed for another, on either side', async () => {
    const stranger = credential(strangerKeys.privateKey, gatewayKeys.publicKey, revised)
    expect((await meet(mode, revised, { client: stranger })).other.status).toBe('rejected')
    const impostor = credential(strangerKeys.privateKey, clientKeys.publicKey, revised)
    expect((await meet(mode, revised, { gateway: impostor })).mine.status).toBe('rejected')
  })

  it('fails late and in the same way whatever is wrong with the ciphertext', async () => {
    const bend = (type: number, change: (body: Buffer) => void) => (sent: OnWire) => {
      if (sent.from !== 'gateway' || (mode === 'main' && wireCount(sent) === 0)) return [sent.bytes]
      const bytes = Buffer.from(sent.bytes)
      const target = payloadsOf(bytes).find((one) => one.type === type)
      if (target !== undefined) change(target.body)
      return [new Uint8Array(bytes)]
    }
    // Whether the message is one with a key exchange in it.
    const wireCount = ({ bytes }: OnWire): number =>
      bytes[16] === NONCE || bytes[16] === KE || mode === 'aggressive' ? 1 : 0
    const endings = []
    for (const change of [
      bend(NONCE, (body) => body.fill(0)),
      bend(NONCE, (body) => body.fill(0xff)),
      bend(NONCE, (body) => body.writeUInt8(body.readUInt8(200) ^ 1, 200)),
      bend(ID, (body) => body.fill(7)),
      ...(revised ? [bend(KE, (body) => body.fill(9))] : []),
    ]) {
      const { mine, wire } = await meet(mode, revised, { change })
      expect(mine.status).toBe('rejected')
      // What whoever bent it sees of us: main mode goes on to its proof, aggressive mode falls silent; lengths do not differ.
      const ours = wire.sent.filter(({ from }) => from === 'client').map(({ bytes }) => bytes.length)
      endings.push([...new Set(ours)].join())
    }
    expect(new Set(endings).size).toBe(1)
    expect(endings[0]?.split(',')).toHaveLength(mode === 'main' ? 3 : 1)
  })
})

describe('the RSA block of PKCS #1', () => {
  const key = createDecryptionKey(clientKeys.privateKey)
  const publicKey = createEncryptionKey(clientKeys.publicKey)
  const substitute = new Uint8Array(32).fill(0x5a)

  it('opens what was sealed, of any length that fits', () => {
    for (const length of [0, 1, 8, 32, 200, 245]) {
      const text = new Uint8Array(length).fill(length)
      const sealed = publicKey?.encrypt(text) ?? new Uint8Array()
      expect(sealed).toHaveLength(256)
      expect(key?.decrypt(sealed, substitute)).toEqual(text)
    }
    expect(() => publicKey?.encrypt(new Uint8Array(246))).toThrow(RangeError)
  })

  it('gives the substitute for everything else', () => {
    for (const wrong of [
      new Uint8Array(256),
      new Uint8Array(256).fill(0xff),
      new Uint8Array(255).fill(1),
      new Uint8Array(0),
      new Uint8Array(256).fill(1),
    ])
      expect(key?.decrypt(wrong, substitute)).toEqual(substitute)
  })

  it('is not for weak keys, nor for those of other kinds', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(createEncryptionKey(weak.publicKey)).toBeUndefined()
    expect(createDecryptionKey(weak.privateKey)).toBeUndefined()
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(createEncryptionKey(other.publicKey)).toBeUndefined()
    expect(createDecryptionKey(other.privateKey)).toBeUndefined()
  })
})

it('an identity that is too long for the original method is told before anything is said', async () => {
  const wire = createWire()
  const long = `keyid:${'61'.repeat(250)}`
  const ours = aggressiveMode(
    wire.client.ports,
    {
      ...clientConfiguration,
      proposals: proposals('ike', proposal),
      localIdentity: identity(long),
      credential: credential(clientKeys.privateKey, gatewayKeys.publicKey, false),
    },
    wire.client.peer,
    () => undefined,
  )
  await expect(ours).rejects.toMatchObject({ code: 'profile-invalid' })
  expect(wire.sent).toEqual([])
})
