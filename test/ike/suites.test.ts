import { describe, expect, it } from 'vitest'
import { encryptionById, encryptions } from '../../src-main/ike/encryptions.ts'
import { groupById, groupId, groups } from '../../src-main/ike/groups.ts'
import {
  integrities,
  integrityById,
  keyLengths,
  prfById,
  prfs,
  weaknessesOf,
} from '../../src-main/ike/suites.ts'

describe('the algorithm tables', () => {
  // IANA, "IKEv2 Parameters"
  it('have the registered numbers', () => {
    const numbers = (table: Readonly<Record<string, { readonly id: number }>>) =>
      Object.fromEntries(Object.entries(table).map(([name, { id }]) => [name, id]))
    expect(numbers(encryptions)).toEqual({
      'des-cbc': 2,
      '3des-cbc': 3,
      'rc5-cbc': 4,
      'idea-cbc': 5,
      'cast-cbc': 6,
      'blowfish-cbc': 7,
      null: 11,
      'aes-cbc': 12,
      'aes-ctr': 13,
      'aes-ccm-8': 14,
      'aes-ccm-12': 15,
      'aes-ccm-16': 16,
      'aes-gcm-8': 18,
      'aes-gcm-12': 19,
      'aes-gcm-16': 20,
      'null-aes-gmac': 21,
      'camellia-cbc': 23,
      'camellia-ctr': 24,
      'camellia-ccm-8': 25,
      'camellia-ccm-12': 26,
      'camellia-ccm-16': 27,
      'chacha20-poly1305': 28,
    })
    expect(numbers(prfs)).toEqual({
      'hmac-md5': 1,
      'hmac-sha1': 2,
      'hmac-sha256': 5,
      'hmac-sha384': 6,
      'hmac-sha512': 7,
      'aes-xcbc-128': 4,
      'aes-cmac-128': 8,
    })
    expect(numbers(integrities)).toEqual({
      'hmac-md5-96': 1,
      'hmac-sha1-96': 2,
      'hmac-sha256-128': 12,
      'hmac-sha384-192': 13,
      'hmac-sha512-256': 14,
      'aes-xcbc-96': 5,
      'aes-cmac-96': 8,
    })
    expect(numbers(groups)).toEqual({
      modp768: 1,
      modp1024: 2,
      modp1536: 5,
      modp2048: 14,
      modp3072: 15,
      modp4096: 16,
      modp6144: 17,
      modp8192: 18,
      ecp256: 19,
      ecp384: 20,
      ecp521: 21,
      ecp192: 25,
      ecp224: 26,
      ecp224bp: 27,
      ecp256bp: 28,
      ecp384bp: 29,
      ecp512bp: 30,
      curve25519: 31,
      curve448: 32,
    })
  })

  it('are found by number, and nothing else is', () => {
    expect(encryptionById(20)).toBe('aes-gcm-16')
    expect(prfById(7)).toBe('hmac-sha512')
    expect(integrityById(2)).toBe('hmac-sha1-96')
    expect(groupById(31)).toBe('curve25519')
    expect(groupId('ecp521')).toBe(21)
    // DES_IV64, Tiger, NONE, a group with subgroups (RFC 8247 section 2.4), and strongSwan's internal 1025 (CVE-2014-9221)
    expect([
      encryptionById(1),
      prfById(3),
      integrityById(0),
      groupById(22),
      groupById(1025),
      groupById(-1),
    ]).toEqual(Array(6).fill(undefined))
  })

  it('say how much keying material a direction takes', () => {
    expect(keyLengths({ encryption: 'aes-gcm-16', keyBits: 256 })).toEqual({ encryption: 36, integrity: 0 })
    expect(keyLengths({ encryption: 'chacha20-poly1305', keyBits: 256 })).toEqual({
      encryption: 36,
      integrity: 0,
    })
    expect(keyLengths({ encryption: 'aes-cbc', keyBits: 192, integrity: 'hmac-sha384-192' })).toEqual({
      encryption: 24,
      integrity: 48,
    })
  })

  it('name what is weak in a suite, and why', () => {
    const weak = weaknessesOf({
      encryption: 'aes-cbc',
      keyBits: 128,
      integrity: 'hmac-sha1-96',
      prf: 'hmac-sha1',
      group: 'modp2048',
    })
    expect(weak.map(({ algorithm }) => algorithm)).toEqual(['hmac-sha1-96', 'hmac-sha1'])
    expect(weak.every(({ reason }) => reason.includes('RFC 8247'))).toBe(true)
    expect(
      weaknessesOf({ encryption: 'aes-gcm-16', keyBits: 128, prf: 'hmac-sha256', group: 'ecp256' }),
    ).toEqual([])
  })
})
