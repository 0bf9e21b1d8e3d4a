/** What both ends of EAP-MSCHAPv2 compute (RFC 2759 section 8, RFC 3079 section 3) and the packets they exchange. */
import type { Crypto } from '../../../ports.ts'
import { struct } from '../../../wire/codec.ts'
import type { Codec } from '../../../wire/codec.ts'
import { reserved, tag, u16, u8 } from '../../../wire/integers.ts'
import { bytes, lengthPrefixed, mapped, rest, variant } from '../../../wire/sequences.ts'
import { utf8Bytes } from '../../../wire/text.ts'
import { textOf, utf16LittleEndian } from './text.ts'

// ---------------------------------------------------------------- packets

/** draft-kamath-pppext-eap-mschapv2-02 section 2. */
const OpCode = { CHALLENGE: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const

/**
 * MS-Length is the length of the whole from OpCode on. It is written and never used: some servers send a wrong one, and EAP's
 * own length bounds the packet already, so nothing can be counted below zero (CVE-2025-62291).
 */
const behindLength = <Value>(inner: Codec<Value>): Codec<Value> => {
  const written = lengthPrefixed(u16, inner, { plus: 4 })
  return {
    decode(reader) {
      u16.decode(reader)
      return inner.decode(reader)
    },
    encode: (writer, value) => written.encode(writer, value),
  }
}

const exactly = (size: number): Codec<undefined> =>
  mapped(
    u8,
    (found, refuse) => (found === size ? undefined : refuse('bad-length')),
    () => size,
  )

/*
 * |   MS-CHAPv2-ID  |  MS-Length...
 * |   Value-Size    |  Challenge (16) ~   |  Name ~
 */
const challenge = struct({
  kind: tag('challenge'),
  id: u8,
  body: behindLength(struct({ _size: exactly(16), challenge: bytes(16), name: rest })),
})

/*
 * Response: Peer-Challenge (16), Reserved (8), NT-Response (24), Flags (1)
 */
const response = struct({
  kind: tag('response'),
  id: u8,
  body: behindLength(
    struct({
      _size: exactly(49),
      peerChallenge: bytes(16),
      _: reserved(8),
      ntResponse: bytes(24),
      _flags: reserved(1),
      name: rest,
    }),
  ),
})

const message = <const Kind extends string>(kind: Kind) =>
  struct({ kind: tag(kind), id: u8, body: behindLength(struct({ text: rest })) })
const success = message('success')
const failure = message('failure')

/** Responses to Success and Failure are the OpCode alone; what servers or peers add to it says nothing. */
const acknowledgement = <const Kind extends string>(kind: Kind) => struct({ kind: tag(kind), more: rest })
const successAcknowledgement = acknowledgement('success')
const failureAcknowledgement = acknowledgement('failure')

const unknownOpCode: Codec<never> = mapped(
  rest,
  (_, refuse) => refuse(),
  (value: never) => value,
)

type Mschapv2Request =
  ReturnType<typeof challenge.decode> | ReturnType<typeof success.decode> | ReturnType<typeof failure.decode>
type Mschapv2Response =
  | ReturnType<typeof response.decode>
  | ReturnType<typeof successAcknowledgement.decode>
  | ReturnType<typeof failureAcknowledgement.decode>

/** Type data of the server's packets. Byte fields are views. */
export const mschapv2Request = variant<Mschapv2Request>(
  u8,
  new Map<number, Codec<Mschapv2Request>>([
    [OpCode.CHALLENGE, challenge],
    [OpCode.SUCCESS, success],
    [OpCode.FAILURE, failure],
  ]),
  unknownOpCode,
  ({ kind }) => ({ challenge: OpCode.CHALLENGE, success: OpCode.SUCCESS, failure: OpCode.FAILURE })[kind],
)

/** Type data of the client's packets. Byte fields are views. */
export const mschapv2Response = variant<Mschapv2Response>(
  u8,
  new Map<number, Codec<Mschapv2Response>>([
    [OpCode.RESPONSE, response],
    [OpCode.SUCCESS, successAcknowledgement],
    [OpCode.FAILURE, failureAcknowledgement],
  ]),
  unknownOpCode,
  ({ kind }) => ({ response: OpCode.RESPONSE, success: OpCode.SUCCESS, failure: OpCode.FAILURE })[kind],
)

// ---------------------------------------------------------------- computations

const ascii = utf8Bytes
// RFC 2759 section 8.7.
const SIGNING = ascii('Magic server to client signing constant')
const ITERATION = ascii('Pad to make it do more than one iteration')
// RFC 3079 section 3.4.
const MASTER_KEY = ascii('This is the MPPE Master Key')
const CLIENT_SENDS = ascii(
  'On the client side, this is the send key; on the server side, it is the receive key.',
)
const CLIENT_RECEIVES = ascii(
  'On the client side, this is the receive key; on the server side, it is the send key.',
)
const PAD_1 = new Uint8Array(40)
const PAD_2 = new Uint8Array(40).fill(0xf2)

export interface Mschapv2Values {
  /** 24 bytes, what the client proves its password with. */
  readonly ntResponse: Uint8Array
  /** 20 bytes, what the server proves with that it knows the password too. */
  readonly authenticatorResponse: Uint8Array
  /** 64 bytes, the EAP MSK. */
  readonly msk: Uint8Array
}

/** RFC 2759 section 8.2: the user name counts without the domain in front of it. */
export const withoutDomain = (name: string): string => name.slice(name.indexOf('\\') + 1)

/** DES wants 56 bits spread over eight bytes; the parity bits are left zero, since DES ignores them. */
function desKey(seven: Uint8Array): Uint8Array {
  const key = new Uint8Array(8)
  let carry = 0
  for (const [index, byte] of seven.entries()) {
    key[index] = (carry | (byte >> index)) & 0xfe
    carry = byte << (7 - index)
  }
  key[7] = carry & 0xfe
  return key
}

/** RFC 2759 section 8.5: the hash, padded to 21 bytes, as three DES keys. */
function challengeResponse(crypto: Crypto, challengeHash: Uint8Array, passwordHash: Uint8Array): Uint8Array {
  const padded = new Uint8Array(21)
  padded.set(passwordHash)
  const result = new Uint8Array(24)
  for (const part of [0, 1, 2]) {
    const key = desKey(padded.subarray(part * 7, part * 7 + 7))
    result.set(crypto.desEncryptBlock(key, challengeHash), part * 8)
    key.fill(0)
  }
  padded.fill(0)
  return result
}

/**
 * The MSK is the server's receive key, the server's send key and 32 zero bytes ([MS-CHAP] section 3.1.5.1; strongSwan and
 * FreeRADIUS do the same), each key 16 bytes (RFC 3079 section 3.3).
 */
function masterSessionKey(crypto: Crypto, passwordHashHash: Uint8Array, ntResponse: Uint8Array): Uint8Array {
  const master = crypto.hash('sha1', passwordHashHash, ntResponse, MASTER_KEY).subarray(0, 16)
  const startKey = (constant: Uint8Array) =>
    crypto.hash('sha1', master, PAD_1, constant, PAD_2).subarray(0, 16)
  const msk = new Uint8Array(64)
  msk.set(startKey(CLIENT_SENDS), 0)
  msk.set(startKey(CLIENT_RECEIVES), 16)
  master.fill(0)
  return msk
}

/**
 * All that follows from the password and the two challenges (RFC 2759 section 8).
 * `password`: UTF-8. `username`: as the client sent it, perhaps with a domain.
 */
export function mschapv2Values(
  crypto: Crypto,
  input: {
    readonly authenticatorChallenge: Uint8Array
    readonly peerChallenge: Uint8Array
    readonly username: string
    readonly password: Uint8Array
  },
): Mschapv2Values {
  const unicode = utf16LittleEndian(input.password)
  const passwordHash = crypto.md4(unicode)
  const passwordHashHash = crypto.md4(passwordHash)
  const user = utf8Bytes(withoutDomain(input.username))
  const challengeHash = crypto
    .hash('sha1', input.peerChallenge, input.authenticatorChallenge, user)
    .subarray(0, 8)
  const ntResponse = challengeResponse(crypto, challengeHash, passwordHash)
  const digest = crypto.hash('sha1', passwordHashHash, ntResponse, SIGNING)
  const values = {
    ntResponse,
    authenticatorResponse: crypto.hash('sha1', digest, challengeHash, ITERATION),
    msk: masterSessionKey(crypto, passwordHashHash, ntResponse),
  }
  for (const secret of [unicode, passwordHash, passwordHashHash]) secret.fill(0)
  return values
}

// ---------------------------------------------------------------- messages

/** `S=` and the authenticator response in capital hexadecimal digits (RFC 2759 section 5). */
export const successText = (authenticatorResponse: Uint8Array): Uint8Array =>
  ascii(
    `S=${Array.from(authenticatorResponse, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')} M=Welcome`,
  )

/** The authenticator response in a Success message; undefined when it is not there in the form of RFC 2759 section 5. */
export function readSuccessText(text: Uint8Array): Uint8Array | undefined {
  // RFC 2759 section 5: "S=<auth_string> M=<message>"; the 42 characters come first.
  const digits = /^S=([0-9A-Fa-f]{40})(?![0-9A-Fa-f])/.exec(textOf(text.subarray(0, 43)))?.[1]
  if (digits === undefined) return undefined
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** The error number of a Failure message (RFC 2759 section 6: "E=eeeeeeeeee R=r C=… V=… M=…"). */
export function readFailureText(text: Uint8Array): number | undefined {
  const digits = /^E=(\d{1,10})(?!\d)/.exec(textOf(text.subarray(0, 13)))?.[1]
  return digits === undefined ? undefined : Number(digits)
}
