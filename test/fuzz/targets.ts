/**
 * What gets mutated bytes: one entry a parser, with the seeds it starts from. A parser may refuse by its own words; whatever
 * else it throws is a failure. The message targets repair length and protection, so that mutations reach what lies behind.
 */
import {
  formatIdentity,
  identityFromWire,
  identityToWire,
  parseIdentity,
} from '../../src-main/ike/identity.ts'
import { formatDistinguishedName, parseDistinguishedName } from '../../src-main/ike/distinguished-name.ts'
import { createReassembly } from '../../src-main/ike/v2/fragments.ts'
import { Exchange } from '../../src-main/ike/v2/code-points.ts'
import { decodeMessage, encodeMessage } from '../../src-main/ike/v2/message.ts'
import { decodePayloads, writePlainPayloads } from '../../src-main/ike/v2/payloads.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import type { SkProtection } from '../../src-main/ike/v2/protection.ts'
import { parseAddress, parsePrefix } from '../../src-main/ip/address.ts'
import { formatSelector, parseSelector } from '../../src-main/ip/traffic-selector.ts'
import { DecodeError, createWriter, written } from '../../src-main/wire/codec.ts'
import { latin1Text } from '../../src-main/wire/text.ts'
import { ok, fail } from '../../src-shared/result.ts'
import { ikeSpi, messageId } from '../../src-shared/brands.ts'

export interface Target {
  readonly name: string
  readonly seeds: readonly Uint8Array[]
  /** Which part of all inputs it gets; the message parsers together get one. */
  readonly share: number
  /** Throws when the parser does what it must not. Gives whether the input was understood. */
  readonly run: (input: Uint8Array) => boolean
}

const bytes = (length: number, fill = 0x5a) => new Uint8Array(length).fill(fill)
const everything = parseSelector('0.0.0.0/0[tcp/80]')
const everything6 = parseSelector('::/0')
const selectors = [everything, everything6].flatMap((selector) => (selector === undefined ? [] : [selector]))

const sa: Payload = {
  type: 'sa',
  proposals: [1, 2].map((number) => ({
    number,
    protocol: number === 1 ? 1 : 3,
    spi: bytes(number === 1 ? 0 : 4),
    transforms: [
      { type: 1, id: 20, keyBits: 256 },
      { type: 2, id: 5 },
      { type: 3, id: 12 },
      { type: 4, id: 31 },
      { type: 5, id: 0 },
    ],
  })),
}
const init: readonly Payload[] = [
  sa,
  { type: 'ke', group: 31, data: bytes(32) },
  { type: 'nonce', data: bytes(32) },
  { type: 'notify', protocol: 0, spi: bytes(0), notify: 16388, data: bytes(20) },
  { type: 'notify', protocol: 3, spi: bytes(4), notify: 16393, data: bytes(0) },
  { type: 'vendor-id', data: bytes(16) },
]
const auth: readonly Payload[] = [
  { type: 'id-initiator', kind: 2, data: bytes(12, 0x61) },
  { type: 'certificate', encoding: 4, data: bytes(40) },
  { type: 'certificate-request', encoding: 4, data: bytes(20) },
  { type: 'id-responder', kind: 1, data: bytes(4) },
  { type: 'authentication', method: 14, data: bytes(40) },
  {
    type: 'configuration',
    kind: 1,
    attributes: [
      { attribute: 1, value: bytes(0) },
      { attribute: 8, value: bytes(17) },
    ],
  },
  sa,
  { type: 'ts-initiator', selectors },
  { type: 'ts-responder', selectors },
]
const informational: readonly Payload[] = [
  { type: 'delete', protocol: 3, spis: [bytes(4), bytes(4, 1)] },
  { type: 'eap', data: bytes(9) },
  { type: 'unknown', number: 200, critical: false, data: bytes(3) },
]

const chain = (payloads: readonly Payload[]): Uint8Array => {
  const writer = createWriter()
  const first = writePlainPayloads(writer, payloads)
  return Uint8Array.from([first, ...written(writer)])
}

/** No cipher at all: what the fuzzer writes is what lies behind the protection. Its tag is one byte. */
const transparent: SkProtection = {
  overhead: () => 1,
  capacity: (room) => Math.max(0, room - 1),
  seal: (message, offset, plaintext) => message.set(plaintext, offset),
  open: (message, offset) =>
    message.length > offset ? ok(message.slice(offset, -1)) : fail('not-authentic'),
}

const header = (exchange: number) => ({
  initiatorSpi: ikeSpi(1n),
  responderSpi: ikeSpi(2n),
  exchange,
  initiator: true,
  response: false,
  messageId: messageId(1),
})
const datagrams = (
  payloads: readonly Payload[],
  exchange: number,
  protection?: SkProtection,
  size?: number,
) => encodeMessage({ header: header(exchange), payloads }, protection, size)

const messages = [
  ...datagrams(init, Exchange.IKE_SA_INIT),
  ...datagrams(auth, Exchange.IKE_AUTH, transparent),
  ...datagrams(auth, Exchange.IKE_AUTH, transparent, 160),
  ...datagrams(informational, Exchange.INFORMATIONAL, transparent),
]

/** Makes the header's length true, so that most mutations get past it. */
function withTrueLength(input: Uint8Array): Uint8Array {
  if (input.length < 28) return input
  const repaired = input.slice()
  new DataView(repaired.buffer).setUint32(24, repaired.length)
  return repaired
}

/** Makes the generic header's length of a first Encrypted payload true as well. */
function withTrueBody(input: Uint8Array): Uint8Array {
  const repaired = withTrueLength(input)
  if (repaired.length >= 32 && (repaired[16] === 46 || repaired[16] === 53)) {
    new DataView(repaired.buffer).setUint16(30, repaired.length - 28)
  }
  return repaired
}

function refused(run: () => unknown): boolean {
  try {
    run()
    return true
  } catch (error) {
    if (error instanceof DecodeError) return false
    throw error
  }
}

/** What was understood can be written and read again as the same. Reserved bits and unusable transforms are not written. */
function again(first: number, body: Uint8Array): boolean {
  let payloads: readonly Payload[] | undefined
  if (!refused(() => (payloads = decodePayloads(first, body))) || payloads === undefined) return false
  const isWritable = payloads.every(
    (payload) =>
      !(
        payload.type === 'sa' &&
        payload.proposals.some(({ transforms }) => transforms.some(({ id }) => id < 0))
      ),
  )
  if (!isWritable) return true
  const writer = createWriter()
  const number = writePlainPayloads(writer, payloads)
  const count = decodePayloads(number, written(writer)).length
  if (count !== payloads.length) throw new Error(`${payloads.length} payloads became ${count}`)
  return true
}

const textTarget = (name: string, seeds: readonly string[], run: (text: string) => boolean): Target => ({
  name,
  share: 0.1,
  seeds: seeds.map((seed) => Uint8Array.from(Buffer.from(seed, 'latin1'))),
  run: (input) => run(latin1Text(input)),
})

let reassembly = createReassembly()
let uses = 0
/** One memory for some inputs, so that fragments meet, and a fresh one when an input has pushed its message ID far ahead. */
function sharedReassembly() {
  uses += 1
  if (uses % 16 === 0) reassembly = createReassembly()
  return reassembly
}

export const targets: readonly Target[] = [
  {
    name: 'payload chain',
    share: 0.2,
    seeds: [chain(init), chain(auth), chain(informational)],
    run: (input) => again(input[0] ?? 0, input.subarray(1)),
  },
  {
    name: 'message without keys',
    share: 0.2,
    seeds: messages,
    run: (input) => decodeMessage(withTrueLength(input)).kind === 'message',
  },
  {
    name: 'message as it is',
    share: 0.2,
    seeds: messages,
    run: (input) => decodeMessage(input, transparent, sharedReassembly()).kind === 'message',
  },
  {
    name: 'message behind its protection',
    share: 0.2,
    seeds: messages,
    run: (input) => decodeMessage(withTrueBody(input), transparent, createReassembly()).kind !== 'dropped',
  },
  {
    name: 'fragments of one SA',
    share: 0.2,
    seeds: datagrams(auth, Exchange.IKE_AUTH, transparent, 120),
    run: (input) => decodeMessage(withTrueBody(input), transparent, sharedReassembly()).kind !== 'dropped',
  },
  {
    name: 'identity payload',
    share: 0.1,
    seeds: ['CN=a, O="b, c"', 'vpn.example.org', '10.0.0.1', 'keyid:00ff'].map((text) => {
      const identity = parseIdentity(text)
      if (identity === undefined) throw new Error(text)
      const { kind, data } = identityToWire(identity)
      return Uint8Array.from([kind, ...data])
    }),
    run(input) {
      const identity = identityFromWire({ kind: input[0] ?? 0, data: input.subarray(1) })
      return identity !== undefined && formatIdentity(identity).length > 0
    },
  },
  {
    name: 'distinguished name',
    share: 0.1,
    seeds: ['CN=a', 'C=CH, O="Ex, ample", CN=gw, E=a@b.c, 1.2.3=x'].map(
      (text) => parseDistinguishedName(text) ?? new Uint8Array(0),
    ),
    run: (input) => formatDistinguishedName(input) !== undefined,
  },
  textTarget('identity text', ['CN=a\\,b, O="c"', '@#00', 'email:a@b', 'fd00::1', 'keyid:zz'], (text) => {
    const identity = parseIdentity(text)
    return identity !== undefined && parseIdentity(formatIdentity(identity)) !== undefined
  }),
  textTarget('address text', ['::ffff:1.2.3.4', '10.0.0.0/8', 'fd00:1:2:3:4:5:6:7/64'], (text) =>
    [parseAddress(text), parsePrefix(text)].some((value) => value !== undefined),
  ),
  textTarget('selector text', ['10.0.0.0/8[tcp/80-90]', 'fd00::-fd00::9[ipv6-icmp/128(0)]'], (text) => {
    const selector = parseSelector(text)
    return selector !== undefined && parseSelector(formatSelector(selector)) !== undefined
  }),
]
