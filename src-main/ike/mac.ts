/** The keyed functions behind a transform's name: what negotiates integrity, and the pseudo-random functions. */
import type { PrfName } from '../../src-shared/algorithms.ts'
import type { Crypto } from '../ports.ts'
import type { Prf } from './auth/psk.ts'
import { prfs } from './suites.ts'
import type { MacFunction } from './suites.ts'

export type MacPorts = Pick<Crypto, 'hmac' | 'cipherMac'>

/** The whole output of the function, its data parts taken as one string; for AES the key has 16 bytes. */
export const macOf = (crypto: MacPorts, mac: MacFunction): Prf => {
  switch (mac.kind) {
    case 'hmac':
      return (key, ...data) => crypto.hmac(mac.hash, key, ...data)
    case 'aes-xcbc':
    case 'aes-cmac':
      return (key, ...data) => crypto.cipherMac(mac.kind, key, ...data)
  }
}

const KEY_LENGTH = 16

/** The named prf, with keys of any length (RFC 7296 section 2.13). */
export const prfOf = (crypto: MacPorts, name: PrfName): Prf => {
  const { mac } = prfs[name]
  const keyed = macOf(crypto, mac)
  switch (mac.kind) {
    case 'hmac':
      return keyed
    case 'aes-xcbc':
      // RFC 4434 section 2: short keys get zeros behind them, long ones are the message under a key of zeros.
      return (key, ...data) => {
        const fixed = key.length > KEY_LENGTH ? keyed(new Uint8Array(KEY_LENGTH), key) : padded(key)
        return keyed(fixed, ...data)
      }
    case 'aes-cmac':
      // RFC 4615 section 3: every other length is the message under a key of zeros.
      return (key, ...data) => {
        const fixed = key.length === KEY_LENGTH ? key : keyed(new Uint8Array(KEY_LENGTH), key)
        return keyed(fixed, ...data)
      }
  }
}

function padded(key: Uint8Array): Uint8Array {
  const result = new Uint8Array(KEY_LENGTH)
  result.set(key)
  return result
}

/**
 * How much of each nonce goes into the key that makes SKEYSEED: all of it, but for the two prfs of a fixed key length only the
 * first 64 bits (RFC 7296 section 2.14).
 */
export const nonceKeyLength = (name: PrfName): number | undefined =>
  prfs[name].mac.kind === 'hmac' ? undefined : KEY_LENGTH / 2
