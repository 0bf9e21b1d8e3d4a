/**
 * What a provider must do before it is trusted with a packet: give the results that RFCs publish, refuse what was changed, and
 * agree with node:crypto at every length that behaves differently.
 */
import { PACKET_HEADROOM, PACKET_TAILROOM } from '../../../ports.ts'
import type { PacketArena } from 'tun-tap'
import { createPacketCrypto } from '../../crypto/packet-crypto.ts'
import type { PacketCipher } from '../../../ports.ts'
import { serves } from './provider.ts'
import type { CipherSuite, CryptoProvider } from './provider.ts'

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))

interface Vector {
  readonly source: string
  readonly suite: CipherSuite
  readonly key: string
  /** ESP header, IV and payload with trailer, before and after. */
  readonly plain: string
  readonly sealed: string
}

const vectors: readonly Vector[] = [
  {
    source: 'draft-mcgrew-gcm-test-01, the first case',
    suite: { encryption: 'aes-gcm-16', keyBits: 128 },
    key: 'feffe9928665731c6d6a8f9467308308 cafebabe',
    plain: `0000a5f80000000a facedbaddecaf888
      4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100000100000000000003736970096379626572636974790264
      6b00000100010001`,
    sealed: `0000a5f80000000a facedbaddecaf888
      deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4
      ec3b9ba95d918bd1 83b70d3aa8bc6ee4c309e9d85a41ad4a`,
  },
  {
    source: 'RFC 7634 appendix A',
    suite: { encryption: 'chacha20-poly1305', keyBits: 256 },
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f a0a1a2a3',
    plain: `0102030400000005 1011121314151617
      45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362708090a0b0c0d0e0f101112131415161718191a1b
      1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637 01020204`,
    sealed: `0102030400000005 1011121314151617
      24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9
      befe2facc638e8f3cbec163fac469b502773f6fb94e664da9165b82829f641e0 76aaa8266b7fb0f7b11b369907e1ad43`,
  },
]

const integrities = ['hmac-sha1-96', 'hmac-sha256-128', 'hmac-sha384-192', 'hmac-sha512-256'] as const

const suites: readonly CipherSuite[] = [
  ...([128, 192, 256] as const).map((keyBits): CipherSuite => ({ encryption: 'aes-gcm-16', keyBits })),
  { encryption: 'chacha20-poly1305', keyBits: 256 },
  ...integrities.flatMap((integrity) =>
    [128, 192, 256].map((keyBits): CipherSuite => ({ encryption: 'aes-cbc', keyBits, integrity })),
  ),
]

/** In units of the cipher's block: one, around the widths of vector instructions, and a full packet. */
const blocks = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 87]

/** Throws what it did wrong. */
export function examineProvider(provider: CryptoProvider, arena: PacketArena): void {
  const start = arena.region(PACKET_HEADROOM + 2048 + PACKET_TAILROOM)
  const at = start + PACKET_HEADROOM
  for (const vector of vectors)
    if (serves(provider.name, vector.suite)) examineVector(provider, arena, at, vector)
  for (const suite of suites) if (serves(provider.name, suite)) examineSuite(provider, arena, at, suite)
}

const fail = (provider: CryptoProvider, what: string): never => {
  throw new Error(`${provider.description} is wrong about ${what}`)
}

function examineVector(provider: CryptoProvider, arena: PacketArena, at: number, vector: Vector): void {
  const cipher = provider.crypto.cipher({
    encryption: vector.suite.encryption,
    encryptionKey: bytesOf(vector.key),
  })
  const [plain, sealed] = [bytesOf(vector.plain), bytesOf(vector.sealed)]
  try {
    for (let bit = 0; bit < sealed.length * 8; bit += 61) {
      // The SPI and the numbers are associated data, the rest text and tag: all is covered.
      arena.bytes.set(sealed, at)
      arena.bytes[at + (bit >> 3)] = (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      if (cipher.open(arena.bytes, at, sealed.length, 0, false))
        fail(provider, `a changed bit (${vector.source})`)
    }
    arena.bytes.set(sealed, at)
    if (!cipher.open(arena.bytes, at, sealed.length, 0, false)) fail(provider, vector.source)
    if (!isSame(arena.bytes.subarray(at, at + plain.length), plain)) fail(provider, vector.source)
  } finally {
    cipher.destroy()
  }
}

function examineSuite(provider: CryptoProvider, arena: PacketArena, at: number, suite: CipherSuite): void {
  const { encryption, keyBits, integrity } = suite
  const name = [encryption, keyBits, integrity].filter((part) => part !== undefined).join(' ')
  const fill = (length: number, seed: number) =>
    Uint8Array.from({ length }, (_, index) => (index * seed + 11) & 255)
  const parameters = {
    encryption,
    encryptionKey: fill(keyBits / 8 + (encryption === 'aes-cbc' ? 0 : 4), 7),
    ...(integrity === undefined ? {} : { integrity, integrityKey: fill(64, 13) }),
  }
  const ours = provider.crypto.cipher(parameters)
  const reference = createPacketCrypto().cipher(parameters)
  try {
    for (const [index, count] of blocks.entries()) {
      const extended = index % 2 === 1
      const length = 8 + ours.ivLength + count * ours.blockLength
      const plain = fill(length, 3 + index)
      if (!agrees(ours, reference, arena, at, plain, extended)) fail(provider, `${name}, ${length} bytes`)
    }
  } finally {
    ours.destroy()
    reference.destroy()
  }
}

/** What one seals the other opens, both ways; and neither opens it under another sequence number. */
function agrees(
  ours: PacketCipher,
  reference: PacketCipher,
  arena: PacketArena,
  at: number,
  plain: Uint8Array,
  extended: boolean,
): boolean {
  const total = plain.length + ours.icvLength
  const textAt = 8 + ours.ivLength
  const high = extended ? 0x0102_0304 : 0
  const ends = (text: Uint8Array) => isSame(text.subarray(textAt, plain.length), plain.subarray(textAt))
  arena.bytes.set(plain, at)
  ours.seal(arena.bytes, at, plain.length, high, extended)
  const sealed = arena.bytes.slice(at, at + total)
  const opened = sealed.slice()
  if (!reference.open(opened, 0, total, high, extended) || !ends(opened)) return false
  const other = new Uint8Array(total)
  other.set(plain)
  reference.seal(other, 0, plain.length, high, extended)
  arena.bytes.set(other, at)
  if (!ours.open(arena.bytes, at, total, high, extended)) return false
  if (!ends(arena.bytes.subarray(at, at + plain.length))) return false
  arena.bytes.set(sealed, at)
  arena.bytes[at + 7] = (sealed[7] ?? 0) ^ 1
  return !ours.open(arena.bytes, at, total, high, extended)
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
