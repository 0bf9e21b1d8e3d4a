import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReassembly } from '../../../src-main/ike/v2/fragments.ts'
import { Exchange } from '../../../src-main/ike/v2/code-points.ts'
import { decodeHeader, decodeMessage, encodeMessage } from '../../../src-main/ike/v2/message.ts'
import type { DecodedMessage, Message } from '../../../src-main/ike/v2/message.ts'
import type { Payload } from '../../../src-main/ike/v2/payloads.ts'
import { createSkProtection } from '../../../src-main/ike/v2/protection.ts'
import type { SkProtection } from '../../../src-main/ike/v2/protection.ts'
import type { Protection } from '../../../src-shared/algorithms.ts'
import { ikeSpi, messageId } from '../../../src-shared/brands.ts'
import { fromHex, toHex } from '../../../src-main/wire/text.ts'
import { anyPayload, octets } from './arbitrary-payloads.ts'
import { nodeCrypto } from './node-crypto.ts'

let filler = 0
const random = {
  bytes: (length: number) => Uint8Array.from({ length }, () => (filler = (filler * 31 + 7) & 255)),
}

type Suite = readonly [
  name: string,
  protection: Protection,
  keyLength: number,
  integrityLength: number | undefined,
]

const suites: readonly Suite[] = [
  ['AES-128-GCM', { encryption: 'aes-gcm-16', keyBits: 128 }, 20, undefined],
  ['AES-256-GCM', { encryption: 'aes-gcm-16', keyBits: 256 }, 36, undefined],
  ['ChaCha20-Poly1305', { encryption: 'chacha20-poly1305', keyBits: 256 }, 36, undefined],
  ['AES-128-CBC, SHA-1', { encryption: 'aes-cbc', keyBits: 128, integrity: 'hmac-sha1-96' }, 16, 20],
  ['AES-128-CBC, SHA-256', { encryption: 'aes-cbc', keyBits: 128, integrity: 'hmac-sha256-128' }, 16, 32],
  ['AES-256-CBC, SHA-384', { encryption: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha384-192' }, 32, 48],
  ['AES-256-CBC, SHA-512', { encryption: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha512-256' }, 32, 64],
]

function sides([, protection, keyLength, integrityLength]: Suite): readonly [SkProtection, SkProtection] {
  const make = () =>
    createSkProtection({
      crypto: nodeCrypto,
      random,
      protection,
      encryptionKey: Uint8Array.from({ length: keyLength }, (_, index) => index),
      ...(integrityLength === undefined ? {} : { integrityKey: new Uint8Array(integrityLength).fill(9) }),
    })
  return [make(), make()]
}

const gcm = suites[0] ?? ([] as never)

const header = (exchange: number, response: boolean, id = 1): Message['header'] => ({
  initiatorSpi: ikeSpi(0x0102030405060708n),
  responderSpi: ikeSpi(0x1112131415161718n),
  exchange,
  initiator: !response,
  response,
  messageId: messageId(id),
})

const informational = (payloads: readonly Payload[], id = 1): Message => ({
  header: header(Exchange.INFORMATIONAL, false, id),
  payloads,
})

const vendor = (length: number, fill = 1): Payload => ({
  type: 'vendor-id',
  data: new Uint8Array(length).fill(fill),
})
const init: readonly Payload[] = [
  {
    type: 'sa',
    proposals: [
      { number: 1, protocol: 1, spi: new Uint8Array(0), transforms: [{ type: 1, id: 20, keyBits: 128 }] },
    ],
  },
  { type: 'ke', group: 31, data: new Uint8Array(32).fill(5) },
  { type: 'nonce', data: new Uint8Array(32).fill(6) },
]
const initMessage = (payloads = init, response = false): Message => ({
  header: header(Exchange.IKE_SA_INIT, response, 0),
  payloads,
})

const one = (datagrams: readonly Uint8Array[]): Uint8Array => {
  const [datagram] = datagrams
  if (datagram === undefined || datagrams.length > 1) throw new Error('not one datagram')
  return datagram
}
const payloadsIn = (decoded: DecodedMessage): readonly Payload[] => {
  if (decoded.kind !== 'message')
    throw new Error(
      JSON.stringify(decoded, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
    )
  return decoded.message.payloads
}
const dropReason = (decoded: DecodedMessage): string =>
  decoded.kind === 'dropped' ? decoded.reason : decoded.kind

const changed = (datagram: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = datagram.slice()
  copy.set([value], at)
  return copy
}

describe('plain messages', () => {
  it('have the header of RFC 7296 section 3.1', () => {
    const datagram = one(
      encodeMessage({ header: header(Exchange.IKE_SA_INIT, false, 7), payloads: [vendor(2)] }),
    )
    expect(toHex(datagram)).toBe(
      '0102030405060708' + '1112131415161718' + '2b202208' + '00000007' + '00000022' + '000000060101',
    )
    expect(toHex(one(encodeMessage({ header: header(Exchange.IKE_AUTH, true, 7), payloads: [] })))).toBe(
      '0102030405060708' + '1112131415161718' + '00202320' + '00000007' + '0000001c',
    )
    expect(decodeHeader(datagram)).toEqual({
      ...header(Exchange.IKE_SA_INIT, false, 7),
      nextPayload: 43,
      majorVersion: 2,
      minorVersion: 0,
      length: 34,
    })
    expect(decodeHeader(datagram.subarray(0, 27))).toBeUndefined()
  })

  it('come back as they were', () => {
    const decoded = decodeMessage(one(encodeMessage(initMessage())))
    expect(decoded).toEqual({ kind: 'message', message: initMessage(), protected: false })
  })

  it('are taken with a higher minor version and any reserved flag (RFC 7296 section 2.5)', () => {
    const datagram = one(encodeMessage(initMessage()))
    expect(decodeMessage(changed(changed(datagram, 17, 0x2f), 19, 0xcf & ~0x20)).kind).toBe('message')
  })

  it.each([
    ['too short a datagram', (wire: Uint8Array) => wire.slice(0, 27), 'too-short'],
    ['another major version', (wire: Uint8Array) => changed(wire, 17, 0x10), 'wrong-major-version'],
    ['a version 3', (wire: Uint8Array) => changed(wire, 17, 0x30), 'wrong-major-version'],
    ['a length beyond the datagram', (wire: Uint8Array) => changed(wire, 27, 0xff), 'length-mismatch'],
    ['bytes behind the message', (wire: Uint8Array) => Uint8Array.from([...wire, 0]), 'length-mismatch'],
    [
      'an exchange that must be protected',
      (wire: Uint8Array) => changed(wire, 18, Exchange.IKE_AUTH),
      'unprotected',
    ],
    ['an exchange nobody knows', (wire: Uint8Array) => changed(wire, 18, 99), 'unknown-exchange'],
    ['a first payload that is not there', (wire: Uint8Array) => changed(wire, 16, 0), 'malformed'],
    ['a broken payload length', (wire: Uint8Array) => changed(wire, 31, 3), 'malformed'],
  ])('are dropped for %s', (_, spoil, reason) => {
    expect(dropReason(decodeMessage(spoil(one(encodeMessage(initMessage())))))).toBe(reason)
  })

  it('are dropped when they pretend to be protected and there are no keys', () => {
    const [seal] = sides(gcm)
    expect(dropReason(decodeMessage(one(encodeMessage(informational([]), seal))))).toBe('no-keys')
  })
})

describe.each(suites)('messages under %s', (...suite) => {
  it('come back as they were, whatever is in them', () => {
    const [seal, open] = sides(suite)
    const payloads = fc.array(
      anyPayload.filter(({ type }) => type === 'notify' || type === 'delete' || type === 'vendor-id'),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(payloads, (list) => {
        const datagram = one(encodeMessage(informational(list), seal))
        expect(decodeMessage(datagram, open)).toEqual({
          kind: 'message',
          message: informational(list),
          protected: true,
        })
      }),
    )
  })

  it('are dropped when any byte is another', () => {
    const [seal, open] = sides(suite)
    const datagram = one(encodeMessage(informational([vendor(20)]), seal))
    const kinds = new Set<string>()
    for (let at = 0; at < datagram.length; at += 1) {
      const spoiled = changed(datagram, at, (datagram[at] ?? 0) ^ 1)
      const decoded = decodeMessage(spoiled, open)
      expect(decoded.kind).toBe('dropped')
      kinds.add(dropReason(decoded))
    }
    expect(kinds).toContain('not-authentic')
  })

  it('state their overhead and capacity exactly', () => {
    const [seal] = sides(suite)
    for (let length = 0; length < 70; length += 1) {
      const total = length + seal.overhead(length)
      expect(seal.capacity(total)).toBeGreaterThanOrEqual(length)
      const capacity = seal.capacity(total)
      expect(capacity + seal.overhead(capacity)).toBeLessThanOrEqual(total)
      expect(capacity + 1 + seal.overhead(capacity + 1)).toBeGreaterThan(total)
    }
    expect(seal.capacity(10)).toBe(0)
  })

  it('are fragmented to any datagram size, each fragment within it, and come together in any order', () => {
    const [seal, open] = sides(suite)
    const payloads = [vendor(700, 1), vendor(700, 2), vendor(300, 3)]
    for (const size of [160, 576, 1280, 1750]) {
      const datagrams = encodeMessage(informational(payloads), seal, size)
      expect(datagrams.length).toBeGreaterThan(1)
      for (const datagram of datagrams) expect(datagram.length).toBeLessThanOrEqual(size)
      const reassembly = createReassembly()
      const results = [...datagrams].reverse().map((datagram) => decodeMessage(datagram, open, reassembly))
      expect(results.slice(0, -1).every(({ kind }) => kind === 'fragment-kept')).toBe(true)
      expect(results.slice(-1).flatMap(payloadsIn)).toEqual(payloads)
    }
    expect(encodeMessage(informational(payloads), seal, 1900)).toHaveLength(1)
  })
})

describe('the layout of protected messages', () => {
  it('is that of RFC 5282 for combined modes: salt and counter IV, one byte of padding length, 16 of tag', () => {
    const [seal] = sides(gcm)
    const first = one(encodeMessage(informational([]), seal))
    // 28 header, 4 generic header, 8 IV, 1 pad length, 16 tag.
    expect(first).toHaveLength(57)
    expect(toHex(first.subarray(16, 40))).toBe(
      '2e202508' + '00000001' + '00000039' + '0000001d' + '0000000000000000',
    )
    const second = one(encodeMessage(informational([]), seal))
    expect(toHex(second.subarray(32, 40))).toBe('0000000000000001')
    // The tag by hand: nonce is salt (the last four bytes of the keying material) and IV, the AAD all before the IV.
    const key = Uint8Array.from({ length: 16 }, (_, index) => index)
    const nonce = Uint8Array.of(16, 17, 18, 19, 0, 0, 0, 0, 0, 0, 0, 0)
    const sealed = nodeCrypto.aead('aes-gcm-16', key).seal(nonce, first.subarray(0, 32), Uint8Array.of(0))
    expect(toHex(first.subarray(40))).toBe(toHex(sealed))
  })

  it('is that of RFC 7296 section 3.14 for AES-CBC: the checksum covers all before it', () => {
    const suite = suites[4] ?? gcm
    const [seal] = sides(suite)
    const datagram = one(encodeMessage(informational([vendor(1)]), seal))
    // 28 header, 4 generic header, 16 IV, 16 of one block (5 payload, 10 padding, 1 length), 16 checksum.
    expect(datagram).toHaveLength(80)
    const mac = nodeCrypto
      .hmac('sha256', new Uint8Array(32).fill(9), datagram.subarray(0, 64))
      .subarray(0, 16)
    expect(toHex(datagram.subarray(64))).toBe(toHex(mac))
  })

  it('takes any padding that the peer chose, and refuses one longer than the text', () => {
    const suite = suites[4] ?? gcm
    const [, open] = sides(suite)
    const cipher = nodeCrypto.cbc(
      'aes-cbc',
      Uint8Array.from({ length: 16 }, (_, index) => index),
    )
    const make = (block: Uint8Array) => {
      const datagram = new Uint8Array(80)
      datagram.set(one(encodeMessage(informational([vendor(1)]), sides(suite)[0])).subarray(0, 32))
      datagram.set(cipher.encrypt(new Uint8Array(16), block), 48)
      const mac = nodeCrypto
        .hmac('sha256', new Uint8Array(32).fill(9), datagram.subarray(0, 64))
        .subarray(0, 16)
      datagram.set(mac, 64)
      return datagram
    }
    const block = fromHex('0000000501' + 'deadbeefdeadbeefdead' + '0a') ?? new Uint8Array(0)
    expect(payloadsIn(decodeMessage(make(block), open))).toEqual([vendor(1)])
    const tooMuch = decodeMessage(make(changed(block, 15, 16)), open)
    expect(tooMuch).toMatchObject({ kind: 'refused', reason: 'malformed', notify: 7, protected: true })
  })

  it('drops what is too short to hold an IV and a tag', () => {
    for (const suite of suites) {
      const [seal, open] = sides(suite)
      const datagram = one(encodeMessage(informational([]), seal))
      for (let length = 32; length < datagram.length; length += 1) {
        const short = datagram.slice(0, length)
        short.set([length], 27)
        short.set([length - 28], 31)
        expect(dropReason(decodeMessage(short, open))).toBe('not-authentic')
      }
    }
  })
})

describe('what stands around the Encrypted payload', () => {
  const [seal, open] = sides(gcm)
  const build = (before: readonly number[], first: number): Uint8Array => {
    const datagram = new Uint8Array(28 + before.length + 4 + seal.overhead(0))
    datagram.set(one(encodeMessage(informational([]), seal)).subarray(0, 28))
    datagram.set([first], 16)
    datagram.set([datagram.length], 27)
    datagram.set(before, 28)
    datagram.set([0, 0, 0, 4 + seal.overhead(0)], 28 + before.length)
    seal.seal(datagram, 32 + before.length, new Uint8Array(0))
    return datagram
  }

  it('may be an unknown payload, which is passed over', () => {
    expect(payloadsIn(decodeMessage(build([46, 0, 0, 5, 1], 200), open))).toEqual([])
  })

  it('is never one that we know, or a critical one', () => {
    expect(dropReason(decodeMessage(build([46, 0, 0, 5, 1], 43), open))).toBe('unprotected-payload')
    expect(dropReason(decodeMessage(build([46, 0x80, 0, 5, 1], 200), open))).toBe('unprotected-payload')
  })

  it('is nothing behind it', () => {
    const datagram = Uint8Array.from([...build([], 46), 0, 0, 0, 4])
    datagram.set([datagram.length], 27)
    expect(dropReason(decodeMessage(datagram, open))).toBe('malformed')
  })
})

describe('what an authentic peer does wrong', () => {
  it('is refused with the answer that the RFC gives', () => {
    const [seal, open] = sides(gcm)
    const decodeOf = (payloads: readonly Payload[], exchange: number = Exchange.INFORMATIONAL) =>
      decodeMessage(one(encodeMessage({ header: header(exchange, false), payloads }, seal)), open)
    const critical: Payload = { type: 'unknown', number: 201, critical: true, data: new Uint8Array(1) }
    expect(decodeOf([critical])).toMatchObject({
      kind: 'refused',
      reason: 'unsupported-critical-payload',
      notify: 1,
      data: Uint8Array.of(201),
      protected: true,
    })
    expect(decodeOf([{ ...critical, critical: false }]).kind).toBe('message')
    expect(decodeOf([{ type: 'ke', group: 31, data: new Uint8Array(32) }])).toMatchObject({
      reason: 'payload-counts',
      notify: 7,
    })
    // A nonce of one byte can only be made as an unknown payload of that number.
    expect(
      decodeOf([{ type: 'unknown', number: 40, critical: false, data: new Uint8Array(1) }]),
    ).toMatchObject({
      reason: 'malformed',
      notify: 7,
    })
    expect(decodeOf([], 99)).toMatchObject({ reason: 'unknown-exchange', notify: 7 })
    expect(decodeOf(init, Exchange.IKE_SA_INIT)).toMatchObject({ reason: 'protected' })
  })

  it('is answered before there are keys only for a critical payload in a request', () => {
    const critical: Payload = { type: 'unknown', number: 201, critical: true, data: new Uint8Array(0) }
    const asked = decodeMessage(one(encodeMessage(initMessage([...init, critical]))))
    expect(asked).toMatchObject({ kind: 'refused', protected: false, notify: 1, data: Uint8Array.of(201) })
    const answered = decodeMessage(one(encodeMessage(initMessage([...init, critical], true))))
    expect(dropReason(answered)).toBe('unsupported-critical-payload')
    expect(dropReason(decodeMessage(one(encodeMessage(initMessage([...init, ...init])))))).toBe(
      'payload-counts',
    )
  })
})

describe('any bytes', () => {
  it('never make the decoder throw, with or without keys', () => {
    const [seal, open] = sides(gcm)
    const real = fc.constantFrom(
      one(encodeMessage(initMessage())),
      one(encodeMessage(informational([vendor(9)]), seal)),
      ...encodeMessage(informational([vendor(400)]), seal, 200),
    )
    const mutated = fc
      .tuple(real, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }))
      .map(([wire, changes]) =>
        changes.reduce((copy, [at, value]) => changed(copy, at % copy.length, value), wire),
      )
    const reassembly = createReassembly()
    fc.assert(
      fc.property(fc.oneof(octets(0, 100), mutated), (wire) => {
        expect(decodeMessage(wire).kind).toMatch(/message|dropped|refused/)
        expect(decodeMessage(wire, open, reassembly).kind).toMatch(/message|dropped|refused|fragment-kept/)
      }),
      { numRuns: 1000 },
    )
  })
})
