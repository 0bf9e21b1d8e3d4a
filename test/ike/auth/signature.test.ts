import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSigningKey, createVerifyingKey } from '../../../src-main/host/crypto/signatures.ts'
import {
  createSignatureAuth,
  decodeHashAlgorithms,
  encodeHashAlgorithms,
  signatureHashAlgorithms,
  verifySignatureAuth,
} from '../../../src-main/ike/auth/signature.ts'
import { signatureAlgorithms } from '../../../src-main/ike/auth/signature-algorithms.ts'
import type { SignatureScheme, SigningKey, VerifyingKey } from '../../../src-main/ports.ts'

interface Pair {
  readonly signing: SigningKey
  readonly verifying: VerifyingKey
}
function pairOf({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): Pair {
  const signing = createSigningKey(privateKey)
  const verifying = createVerifyingKey(publicKey.export({ type: 'spki', format: 'der' }))
  if (signing === undefined || verifying === undefined) throw new Error('key not usable')
  return { signing, verifying }
}
const ec = (namedCurve: string) => pairOf(generateKeyPairSync('ec', { namedCurve }))
const rsa = pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const p256 = ec('P-256')
const p384 = ec('P-384')
const p521 = ec('P-521')
const ed25519 = pairOf(generateKeyPairSync('ed25519'))
const all: readonly (readonly [string, Pair])[] = [
  ['RSA', rsa],
  ['P-256', p256],
  ['P-384', p384],
  ['P-521', p521],
  ['Ed25519', ed25519],
]

const octets = Buffer.from('the octets that are signed')
const everyHash = new Set(signatureHashAlgorithms)

function signed(pair: Pair, hashes: ReadonlySet<number> | undefined, padding?: 'pss' | 'pkcs1') {
  const result = createSignatureAuth(pair.signing, hashes, octets, padding)
  if (!result.ok) throw new Error(result.error)
  return result.value
}
const identifierOf = (data: Uint8Array) => Buffer.from(data.subarray(1, 1 + (data[0] ?? 0))).toString('hex')

/** Method 14's data made by hand. */
const digital = (key: SigningKey, identifier: string, scheme: SignatureScheme) => {
  const algorithm = Buffer.from(identifier, 'hex')
  return Buffer.concat([Buffer.of(algorithm.length), algorithm, key.sign(scheme, octets)])
}

describe('the table of digital signatures', () => {
  // RFC 7427 appendix A, RFC 8420 appendix A.
  it.each([
    ['sha256WithRSAEncryption', '300d06092a864886f70d01010b0500'],
    ['sha384WithRSAEncryption', '300d06092a864886f70d01010c0500'],
    ['sha512WithRSAEncryption', '300d06092a864886f70d01010d0500'],
    ['ecdsa-with-SHA256', '300a06082a8648ce3d040302'],
    ['ecdsa-with-SHA384', '300a06082a8648ce3d040303'],
    ['ecdsa-with-SHA512', '300a06082a8648ce3d040304'],
    ['sha1WithRSAEncryption', '300d06092a864886f70d0101050500'],
    ['ecdsa-with-SHA1', '300906072a8648ce3d0401'],
    [
      'RSASSA-PSS with SHA-256',
      '304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120',
    ],
    ['Ed25519', '300506032b6570'],
  ])('has %s as the RFC prints it', (_name, identifier) => {
    const known = signatureAlgorithms.flatMap(({ identifiers }) =>
      identifiers.map((one) => Buffer.from(one).toString('hex')),
    )
    expect(known).toContain(identifier)
  })

  it('has each encoding once', () => {
    const known = signatureAlgorithms.flatMap(({ identifiers }) =>
      identifiers.map((one) => Buffer.from(one).toString('hex')),
    )
    expect(new Set(known).size).toBe(known.length)
  })
})

describe('signing', () => {
  it.each(all)('with %s is verified by the same key and no other', (_name, pair) => {
    for (const hashes of [everyHash, new Set([...everyHash, 1]), new Set([4, 5])]) {
      const { method, data } = signed(pair, hashes)
      expect(method).toBe(14)
      expect(verifySignatureAuth(method, data, pair.verifying, octets)).toBe(true)
      expect(verifySignatureAuth(method, data, pair.verifying, Buffer.from('others'))).toBe(false)
      for (const [, other] of all.filter(([, one]) => one !== pair)) {
        expect(verifySignatureAuth(method, data, other.verifying, octets)).toBe(false)
      }
    }
  })

  it('prefers the hash that fits the curve, then another the peer knows', () => {
    expect(identifierOf(signed(p256, everyHash).data)).toBe('300a06082a8648ce3d040302')
    expect(identifierOf(signed(p384, everyHash).data)).toBe('300a06082a8648ce3d040303')
    expect(identifierOf(signed(p384, new Set([2])).data)).toBe('300a06082a8648ce3d040302')
    expect(identifierOf(signed(p521, everyHash).data)).toBe('300a06082a8648ce3d040304')
  })

  it('uses RSASSA-PSS, or PKCS#1 v1.5 where a peer needs it', () => {
    expect(identifierOf(signed(rsa, everyHash).data)).toContain('2a864886f70d01010a')
    const older = signed(rsa, everyHash, 'pkcs1')
    expect(identifierOf(older.data)).toBe('300d06092a864886f70d01010b0500')
    expect(verifySignatureAuth(14, older.data, rsa.verifying, octets)).toBe(true)
  })

  it.each([
    ['RSA', rsa, 1, 256],
    ['P-256', p256, 9, 64],
    ['P-384', p384, 10, 96],
    ['P-521', p521, 11, 132],
  ] as const)(
    'towards a peer without SIGNATURE_HASH_ALGORITHMS uses the older method: %s',
    (_n, pair, method, length) => {
      const older = signed(pair, undefined)
      expect(older.method).toBe(method)
      expect(older.data.length).toBe(length)
      expect(verifySignatureAuth(method, older.data, pair.verifying, octets)).toBe(true)
      for (const [, other] of all.filter(([, one]) => one !== pair)) {
        expect(verifySignatureAuth(method, older.data, other.verifying, octets)).toBe(false)
      }
    },
  )

  it('has nothing to say when there is no common way', () => {
    const refused = { ok: false, error: 'no-common-signature' }
    expect(createSignatureAuth(ed25519.signing, undefined, octets)).toEqual(refused)
    expect(createSignatureAuth(ed25519.signing, new Set([2, 3, 4]), octets)).toEqual(refused)
    // A peer that knows SHA-1 alone, or nothing of ours: no falling back to SHA-1.
    expect(createSignatureAuth(rsa.signing, new Set([1]), octets)).toEqual(refused)
    expect(createSignatureAuth(rsa.signing, new Set(), octets)).toEqual(refused)
    // ECDSA's older methods have hashes of their own.
    expect(signed(p256, new Set([1])).method).toBe(9)
  })
})

describe('verifying', () => {
  it('takes RSASSA-PSS parameters with and without NULL', () => {
    const scheme: SignatureScheme = { kind: 'rsa-pss', hash: 'sha384', saltLength: 48 }
    for (const text of [
      '304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130',
      '303d06092a864886f70d01010a3030a00d300b0609608648016503040202a11a301806092a864886f70d010108300b0609608648016503040202a203020130',
    ]) {
      expect(verifySignatureAuth(14, digital(rsa.signing, text, scheme), rsa.verifying, octets)).toBe(true)
    }
  })

  it('refuses SHA-1 in method 14 unless told otherwise', () => {
    const sha1Rsa = digital(rsa.signing, '300d06092a864886f70d0101050500', {
      kind: 'rsa-pkcs1',
      hash: 'sha1',
    })
    const sha1Ecdsa = digital(p256.signing, '300906072a8648ce3d0401', {
      kind: 'ecdsa',
      hash: 'sha1',
      encoding: 'der',
    })
    expect(verifySignatureAuth(14, sha1Rsa, rsa.verifying, octets)).toBe(false)
    expect(verifySignatureAuth(14, sha1Ecdsa, p256.verifying, octets)).toBe(false)
    expect(verifySignatureAuth(14, sha1Rsa, rsa.verifying, octets, new Set([1]))).toBe(true)
    // RSASSA-PSS-params that are empty mean SHA-1.
    const empty = digital(rsa.signing, '300d06092a864886f70d01010a3000', {
      kind: 'rsa-pss',
      hash: 'sha1',
      saltLength: 20,
    })
    expect(verifySignatureAuth(14, empty, rsa.verifying, octets, new Set([1]))).toBe(false)
  })

  it('refuses a hash that was not accepted', () => {
    const { data } = signed(p384, everyHash)
    expect(verifySignatureAuth(14, data, p384.verifying, octets, new Set([2]))).toBe(false)
    expect(verifySignatureAuth(14, data, p384.verifying, octets, new Set([3]))).toBe(true)
  })

  it('refuses an algorithm that names another than was used', () => {
    const { data } = signed(rsa, everyHash, 'pkcs1')
    const lie = Uint8Array.from(data)
    // sha256WithRSAEncryption → sha384WithRSAEncryption
    lie[13] = 0x0c
    expect(identifierOf(lie)).toBe('300d06092a864886f70d01010c0500')
    expect(verifySignatureAuth(14, lie, rsa.verifying, octets)).toBe(false)
    const mixed = digital(p256.signing, '300506032b6570', { kind: 'ecdsa', hash: 'sha256', encoding: 'der' })
    expect(verifySignatureAuth(14, mixed, p256.verifying, octets)).toBe(false)
  })

  it('refuses methods it does not know, also those whose data would be right', () => {
    const { data } = signed(p256, undefined)
    for (const method of [0, 1, 2, 3, 10, 11, 12, 13, 14, 15, 255]) {
      expect(verifySignatureAuth(method, data, p256.verifying, octets)).toBe(false)
    }
  })

  it('refuses what is cut short, whatever the place', () => {
    for (const [, pair] of all) {
      const { method, data } = signed(pair, everyHash)
      for (let length = 0; length < data.length; length += 1) {
        expect(verifySignatureAuth(method, data.subarray(0, length), pair.verifying, octets)).toBe(false)
      }
    }
  })
})

describe('SIGNATURE_HASH_ALGORITHMS', () => {
  it('announces SHA-2 and Identity, and reads what others announce', () => {
    expect(Buffer.from(encodeHashAlgorithms(signatureHashAlgorithms)).toString('hex')).toBe(
      '0002000300040005',
    )
    expect(decodeHashAlgorithms(Buffer.from('00010002ff00', 'hex'))).toEqual(new Set([1, 2, 0xff00]))
    expect(() => decodeHashAlgorithms(Buffer.from('000100', 'hex'))).toThrow('truncated')
  })
})
