import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createVerifyingKey } from '../../src-main/host/crypto/signatures.ts'
import { loadSigningKey } from '../../src-main/pki/keys.ts'
import type { KeyType, SignatureScheme } from '../../src-main/ports.ts'

const password = Buffer.from('Grüße 🔑')
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const keys: Readonly<Record<KeyType, KeyObject>> = {
  rsa,
  'ecdsa-p256': ec('P-256'),
  'ecdsa-p384': ec('P-384'),
  'ecdsa-p521': ec('P-521'),
  ed25519: generateKeyPairSync('ed25519').privateKey,
}
const types: readonly KeyType[] = ['rsa', 'ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519']
const schemes: Readonly<Record<KeyType, SignatureScheme>> = {
  rsa: { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
  'ecdsa-p256': { kind: 'ecdsa', hash: 'sha256', encoding: 'der' },
  'ecdsa-p384': { kind: 'ecdsa', hash: 'sha256', encoding: 'der' },
  'ecdsa-p521': { kind: 'ecdsa', hash: 'sha256', encoding: 'der' },
  ed25519: { kind: 'ed25519' },
}

/** The key was read if it signs what its other half verifies. */
function expectLoaded(input: string | Uint8Array, type: KeyType, secret?: Uint8Array) {
  const loaded = loadSigningKey(input, secret)
  if (!loaded.ok) throw new Error(loaded.error)
  expect(loaded.value.type).toBe(type)
  const spki = createPublicKey(keys[type]).export({ type: 'spki', format: 'der' })
  const data = Buffer.from('data')
  const signature = loaded.value.sign(schemes[type], data)
  expect(createVerifyingKey(spki)?.verify(schemes[type], data, signature)).toBe(true)
}

describe('private keys', () => {
  it.each(types)('are read from PKCS#8: %s', (type) => {
    expectLoaded(keys[type].export({ type: 'pkcs8', format: 'pem' }), type)
    expectLoaded(keys[type].export({ type: 'pkcs8', format: 'der' }), type)
    expectLoaded(Buffer.from(keys[type].export({ type: 'pkcs8', format: 'pem' })), type)
  })

  it('are read from PKCS#1 and SEC 1', () => {
    expectLoaded(rsa.export({ type: 'pkcs1', format: 'pem' }), 'rsa')
    expectLoaded(rsa.export({ type: 'pkcs1', format: 'der' }), 'rsa')
    expectLoaded(keys['ecdsa-p384'].export({ type: 'sec1', format: 'pem' }), 'ecdsa-p384')
    expectLoaded(keys['ecdsa-p384'].export({ type: 'sec1', format: 'der' }), 'ecdsa-p384')
  })

  it('are found among other things', () => {
    const pem = keys.ed25519.export({ type: 'pkcs8', format: 'pem' }).toString()
    expectLoaded(
      `Bag Attributes\n    friendlyName: x - y\n${pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      'ed25519',
    )
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    expectLoaded(
      parameters + keys['ecdsa-p256'].export({ type: 'sec1', format: 'pem' }).toString(),
      'ecdsa-p256',
    )
  })

  const cipher = 'aes-256-cbc'
  const passphrase = password
  const encrypted: readonly (readonly [string, string | Uint8Array, KeyType])[] = [
    ['PKCS#8 in PEM', keys.rsa.export({ type: 'pkcs8', format: 'pem', cipher, passphrase }), 'rsa'],
    ['PKCS#8 in DER', keys.ed25519.export({ type: 'pkcs8', format: 'der', cipher, passphrase }), 'ed25519'],
    [
      'PKCS#8 with 3DES',
      keys.ed25519.export({ type: 'pkcs8', format: 'pem', cipher: 'des-ede3-cbc', passphrase }),
      'ed25519',
    ],
    [
      'PKCS#8 with AES-128',
      keys['ecdsa-p256'].export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase }),
      'ecdsa-p256',
    ],
    ["OpenSSL's old form, RSA", keys.rsa.export({ type: 'pkcs1', format: 'pem', cipher, passphrase }), 'rsa'],
    [
      "OpenSSL's old form, EC",
      keys['ecdsa-p521'].export({ type: 'sec1', format: 'pem', cipher, passphrase }),
      'ecdsa-p521',
    ],
  ]
  it.each(encrypted)('are opened by their password: %s', (_name, input, type) => {
    expectLoaded(input, type, password)
    expect(loadSigningKey(input)).toEqual({ ok: false, error: 'password-needed' })
    for (const wrong of ['', 'wrong', 'Gruesse']) {
      expect(loadSigningKey(input, Buffer.from(wrong))).toEqual({ ok: false, error: 'wrong-password' })
    }
  })

  it('need no password they do not ask for', () => {
    expectLoaded(keys.rsa.export({ type: 'pkcs8', format: 'pem' }), 'rsa', password)
  })

  it.each([
    ['Brainpool', ec('brainpoolP256r1')],
    ['secp256k1', ec('secp256k1')],
    ['Ed448', generateKeyPairSync('ed448').privateKey],
    ['X25519', generateKeyPairSync('x25519').privateKey],
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey],
    ['DSA', generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey],
  ])('of other types are not supported: %s', (_name, key) => {
    expect(loadSigningKey(key.export({ type: 'pkcs8', format: 'pem' }))).toEqual({
      ok: false,
      error: 'unsupported-key',
    })
  })

  it('that are none are malformed', () => {
    const publicKey = createPublicKey(rsa).export({ type: 'spki', format: 'pem' })
    const empty = '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----'
    for (const input of [
      '',
      'text',
      publicKey,
      empty,
      new Uint8Array(0),
      Buffer.from('300302', 'hex'),
      'x'.repeat(300_000),
    ]) {
      expect(loadSigningKey(input)).toEqual({ ok: false, error: 'malformed' })
    }
    const broken = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----'
    expect(loadSigningKey(broken, password)).toEqual({ ok: false, error: 'malformed' })
  })

  it('cannot make us count forever', () => {
    const der = keys.ed25519.export({ type: 'pkcs8', format: 'der', cipher, passphrase })
    // PBKDF2's count is 2048 in two bytes; 2^23 - 1 and more need more, so the salt gives up a byte.
    const at = der.indexOf(Buffer.from('02020800', 'hex'))
    const salt = der.subarray(at - 10, at)
    expect([...salt.subarray(0, 2)]).toEqual([4, 8])
    Buffer.concat([Buffer.of(4, 6), salt.subarray(2, 8), Buffer.from('02047fffffff', 'hex')]).copy(
      der,
      at - 10,
    )
    expect(loadSigningKey(der, password)).toEqual({ ok: false, error: 'too-many-iterations' })
  })

  it('of any bytes end in a result that tells nothing of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, isSequence) => {
        if (isSequence) bytes[0] = 0x30
        expect(loadSigningKey(bytes, password).ok).toBe(false)
      }),
    )
  })
})
