/**
 * Exponentiation in the MODP groups (RFC 2409, RFC 3526). By OpenSSL where Node has it. BoringSSL, which Electron has, tests the
 * prime for primality whenever a group is made, 0.9 s for 2048 bits and 24 s for 6144, with everything at a stand; there it is done
 * with BigInt, in 3 to 40 ms (docs/decisions/0712-boringssl.md).
 */
import { createDiffieHellman } from 'node:crypto'
import { plain } from './plain.ts'

/** `c` of p = 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + c): RFC 2409 sections 6.1 and 6.2, RFC 3526 sections 2 to 7. */
const constants: ReadonlyMap<number, bigint> = new Map([
  [768, 149_686n],
  [1024, 129_093n],
  [1536, 741_804n],
  [2048, 124_476n],
  [3072, 1_690_314n],
  [4096, 240_904n],
  [6144, 929_484n],
  [8192, 4_743_158n],
])

/** atan(1 / x) times 2^bits, each term rounded down. */
function inverseTangent(x: bigint, bits: bigint): bigint {
  let power = (1n << bits) / x
  let sum = power
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= x * x
    sum += (sign * power) / n
  }
  return sum
}

/** floor(pi * 2^bits), by Machin's formula with bits to spare. */
export function scaledPi(bits: number): bigint {
  const spare = 64n
  const precision = BigInt(bits) + spare
  return (16n * inverseTangent(5n, precision) - 4n * inverseTangent(239n, precision)) >> spare
}

/** The prime of a group of `bits`, most significant byte first. */
export function modpPrime(bits: number): bigint {
  const constant = constants.get(bits)
  if (constant === undefined) throw new RangeError(`there is no MODP group of ${bits} bits`)
  const n = BigInt(bits)
  return (1n << n) - (1n << (n - 64n)) - 1n + (1n << 64n) * (scaledPi(bits - 130) + constant)
}

export const bytesOf = (value: bigint, length: number): Uint8Array =>
  plain(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'))

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

/** Works in one group, whose generator is 2. Results have the length of the prime (RFC 7296 section 2.14). */
export interface ModpArithmetic {
  publicValue(exponent: Uint8Array): Uint8Array
  /** `peerValue` has been checked. */
  sharedSecret(exponent: Uint8Array, peerValue: Uint8Array): Uint8Array
}

function byOpenSsl(bits: number): ModpArithmetic {
  const length = bits / 8
  const dh = createDiffieHellman(Buffer.from(bytesOf(modpPrime(bits), length)), 2)
  return {
    publicValue(exponent) {
      dh.setPrivateKey(exponent)
      return leftPadded(dh.generateKeys(), length)
    },
    sharedSecret(exponent, peerValue) {
      dh.setPrivateKey(exponent)
      return leftPadded(dh.computeSecret(peerValue), length)
    },
  }
}

export function leftPadded(value: Uint8Array, length: number): Uint8Array {
  if (value.length === length) return plain(value)
  const padded = new Uint8Array(length)
  padded.set(value, length - value.length)
  value.fill(0)
  return padded
}

const WINDOW_BITS = 4

/** base ^ exponent mod modulus, four bits at a time. The time it takes tells about the exponent, which is used once. */
function power(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  const powers = [1n]
  for (let n = 1; n < 1 << WINDOW_BITS; n++) powers.push(((powers[n - 1] ?? 1n) * base) % modulus)
  let result = 1n
  for (const byte of exponent) {
    for (const digit of [byte >> WINDOW_BITS, byte & 15]) {
      for (let n = 0; n < WINDOW_BITS; n++) result = (result * result) % modulus
      // Always multiplied, so that at least the number of steps tells nothing.
      result = (result * (powers[digit] ?? 1n)) % modulus
    }
  }
  return result
}

export function byBigInt(bits: number): ModpArithmetic {
  const prime = modpPrime(bits)
  const length = bits / 8
  return {
    publicValue: (exponent) => bytesOf(power(2n, exponent, prime), length),
    sharedSecret: (exponent, peerValue) => bytesOf(power(numberOf(peerValue), exponent, prime), length),
  }
}

const isBoringSsl = 'electron' in process.versions

/** One a group for the life of the process. */
const made = new Map<number, ModpArithmetic>()

export function modpArithmetic(bits: number): ModpArithmetic {
  const known = made.get(bits)
  if (known !== undefined) return known
  const arithmetic = isBoringSsl ? byBigInt(bits) : byOpenSsl(bits)
  made.set(bits, arithmetic)
  return arithmetic
}
