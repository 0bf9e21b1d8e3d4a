/** RC2 in CBC mode, decryption only (RFC 2268): old PKCS#12 files hide their certificates with it, and OpenSSL 3 has it no more. */

const BLOCK = 8

/** The permutation made of the digits of pi (RFC 2268 section 2). */
const PI_TABLE = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
)

const table = (index: number): number => PI_TABLE.readUInt8(index & 0xff)

/** RFC 2268 section 2: 64 words from a key of at most 128 bytes. */
function expandKey(key: Uint8Array, effectiveBits: number): Uint16Array {
  const bytes = new DataView(new ArrayBuffer(128))
  for (const [index, byte] of key.entries()) bytes.setUint8(index, byte)
  for (let index = key.length; index < 128; index += 1) {
    bytes.setUint8(index, table(bytes.getUint8(index - 1) + bytes.getUint8(index - key.length)))
  }
  const effectiveBytes = Math.ceil(effectiveBits / 8)
  const first = 128 - effectiveBytes
  bytes.setUint8(first, table(bytes.getUint8(first) & (0xff >> (8 * effectiveBytes - effectiveBits))))
  for (let index = first - 1; index >= 0; index -= 1) {
    bytes.setUint8(index, table(bytes.getUint8(index + 1) ^ bytes.getUint8(index + effectiveBytes)))
  }
  return Uint16Array.from({ length: 64 }, (_, index) => bytes.getUint16(index * 2, true))
}

const SHIFTS = [1, 2, 3, 5]

/** RFC 2268 section 4, in place on the four little-endian words. */
function decryptWords(words: Uint16Array, key: Uint16Array): void {
  const word = (index: number) => words[index & 3] ?? 0
  let next = 63
  const reverseMix = () => {
    for (let index = 3; index >= 0; index -= 1) {
      const shift = SHIFTS[index] ?? 0
      const rotated = (word(index) >>> shift) | (word(index) << (16 - shift))
      words[index] =
        rotated -
        (key[next] ?? 0) -
        (word(index + 3) & word(index + 2)) -
        (~word(index + 3) & word(index + 1))
      next -= 1
    }
  }
  const reverseMash = () => {
    for (let index = 3; index >= 0; index -= 1) words[index] = word(index) - (key[word(index + 3) & 63] ?? 0)
  }
  for (const rounds of [5, 6, 5]) {
    for (let round = 0; round < rounds; round += 1) reverseMix()
    if (next >= 0) reverseMash()
  }
}

/** The plaintext with its padding. `ciphertext`: whole blocks of 8 bytes. */
export function rc2CbcDecrypt(
  key: Uint8Array,
  effectiveBits: number,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const expanded = expandKey(key, effectiveBits)
  const plaintext = new Uint8Array(ciphertext.length)
  const input = new DataView(ciphertext.buffer, ciphertext.byteOffset, ciphertext.length)
  const output = new DataView(plaintext.buffer)
  let chain = new DataView(iv.buffer, iv.byteOffset, BLOCK)
  let chainAt = 0
  for (let at = 0; at < ciphertext.length; at += BLOCK) {
    const words = Uint16Array.from({ length: 4 }, (_, index) => input.getUint16(at + index * 2, true))
    decryptWords(words, expanded)
    for (const [index, value] of words.entries()) {
      output.setUint16(at + index * 2, value ^ chain.getUint16(chainAt + index * 2, true), true)
    }
    chain = input
    chainAt = at
  }
  return plaintext
}
