/**
 * MD4 (RFC 1320), which OpenSSL 3 no longer has by default. Broken as a hash; MSCHAPv2 alone asks for it (RFC 2759 section 8.3).
 */

const BLOCK_LENGTH = 64
const LENGTH_FIELD = 8

/** RFC 1320 section 3.4: per round the function, the constant, the order of the words and the rotations. */
const rounds = [
  {
    mix: (x: number, y: number, z: number) => (x & y) | (~x & z),
    constant: 0,
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    rotations: [3, 7, 11, 19],
  },
  {
    mix: (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999,
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    rotations: [3, 5, 9, 13],
  },
  {
    mix: (x: number, y: number, z: number) => x ^ y ^ z,
    constant: 0x6ed9eba1,
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    rotations: [3, 9, 11, 15],
  },
] as const

type State = readonly [a: number, b: number, c: number, d: number]

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

function compress(block: DataView, state: State): State {
  let [a, b, c, d] = state
  for (const { mix, constant, order, rotations } of rounds) {
    order.forEach((word, step) => {
      const sum = (a + mix(b, c, d) + block.getUint32(word * 4, true) + constant) | 0
      const rotation = rotations[step % 4] ?? 0
      // Each step writes the register that the next one calls d.
      ;[a, b, c, d] = [d, rotateLeft(sum, rotation), b, c]
    })
  }
  return [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0]
}

/** The digest, 16 bytes. */
export function md4(data: Uint8Array): Uint8Array {
  // RFC 1320 sections 3.1 and 3.2: a one bit, zeros, and the length in bits, least significant byte first.
  const blocks = Math.ceil((data.length + 1 + LENGTH_FIELD) / BLOCK_LENGTH)
  const padded = new Uint8Array(blocks * BLOCK_LENGTH)
  padded.set(data)
  padded.set([0x80], data.length)
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - LENGTH_FIELD, BigInt(data.length) * 8n, true)

  let state: State = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let offset = 0; offset < padded.length; offset += BLOCK_LENGTH) {
    state = compress(new DataView(padded.buffer, offset, BLOCK_LENGTH), state)
  }
  padded.fill(0)
  const digest = new Uint8Array(16)
  const out = new DataView(digest.buffer)
  state.forEach((word, index) => out.setInt32(index * 4, word, true))
  return digest
}
