/**
 * Cisco's `enc_…` passwords, which anybody can read who has the file (vpnc, src/decrypt-utils.c):
 *
 *   20 bytes: seed │ 20 bytes: SHA-1 of what follows │ Triple DES in CBC mode
 *
 * The key is SHA-1 of the seed with its last byte plus 1, and the first four bytes of SHA-1 of the seed with its last byte plus 3;
 * the initialisation vector is the beginning of the seed.
 */
import { createDecipheriv, createHash } from 'node:crypto'

const SEED = 20
const BLOCK = 8
const MOST_BYTES = 1024

const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()

function seedPlus(seed: Buffer, count: number): Buffer {
  const changed = Buffer.from(seed)
  const last = SEED - 1
  changed.writeUInt8((changed.readUInt8(last) + count) & 0xff, last)
  return changed
}

/** The password's bytes; undefined when the value is none, or damaged. */
export function decryptPcfPassword(text: string): Uint8Array | undefined {
  const digits = text.replace(/\s/g, '')
  if (digits.length % 2 !== 0 || !/^[\da-f]+$/i.test(digits) || digits.length > 2 * MOST_BYTES)
    return undefined
  const bytes = Buffer.from(digits, 'hex')
  const seed = bytes.subarray(0, SEED)
  const hidden = bytes.subarray(2 * SEED)
  if (hidden.length === 0 || hidden.length % BLOCK !== 0) return undefined
  if (!sha1(hidden).equals(bytes.subarray(SEED, 2 * SEED))) return undefined
  const key = Buffer.concat([sha1(seedPlus(seed, 1)), sha1(seedPlus(seed, 3)).subarray(0, 4)])
  const decipher = createDecipheriv('des-ede3-cbc', key, seed.subarray(0, BLOCK)).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(hidden), decipher.final()])
  const padding = plain.at(-1) ?? 0
  const isPadded =
    padding > 0 &&
    padding <= BLOCK &&
    plain.subarray(plain.length - padding).every((byte) => byte === padding)
  return isPadded ? Uint8Array.from(plain.subarray(0, plain.length - padding)) : undefined
}
