import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  privateEncrypt,
  publicDecrypt,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createSigningKey,
  createVerifyingKey,
  publicKeyType,
} from '../../../src-main/host/crypto/signatures.ts'
import type { KeyType, SignatureScheme } from '../../../src-main/ports.ts'
import { ascii, hex } from './bytes.ts'

const spkiOf = (key: KeyObject): Uint8Array =>
  Uint8Array.from(createPublicKey(key).export({ type: 'spki', format: 'der' }))

const keys: Readonly<Record<KeyType, KeyObject>> = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'ecdsa-p256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'ecdsa-p384': generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  'ecdsa-p521': generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey,
  ed25519: generateKeyPairSync('ed25519').privateKey,
}

const schemes: readonly SignatureScheme[] = [
  { kind: 'rsa-pkcs1', hash: 'sha1' },
  { kind: 'rsa-pkcs1', hash: 'sha256' },
  { kind: 'rsa-pss', hash: 'sha256', saltLength: 32 },
  { kind: 'rsa-pss', hash: 'sha512', saltLength: 64 },
  { kind: 'ecdsa', hash: 'sha256', encoding: 'der' },
  { kind: 'ecdsa', hash: 'sha384', encoding: 'raw' },
  { kind: 'ed25519' },
]

const keyKind = (type: KeyType): string => (type.startsWith('ecdsa') ? 'ecdsa' : type)
const schemeKind = (scheme: SignatureScheme): string => (scheme.kind.startsWith('rsa') ? 'rsa' : scheme.kind)

const data = ascii('what is signed')

describe.each(Object.entries(keys))('a key of type %s', (name, key) => {
  const signing = createSigningKey(key)
  const verifying = createVerifyingKey(spkiOf(key))
  if (signing === undefined || verifying === undefined) throw new Error('a good key refused')

  it('knows its type and length', () => {
    expect(signing.type).toBe(name)
    expect(verifying.type).toBe(name)
    expect(verifying.bits).toBe(name === 'rsa' ? 2048 : undefined)
  })

  it.each(schemes.map((scheme) => ({ scheme, title: JSON.stringify(scheme) })))(
    'signs and verifies with $title, or refuses',
    ({ scheme }) => {
      if (schemeKind(scheme) !== keyKind(signing.type)) {
        expect(() => signing.sign(scheme, data)).toThrow(TypeError)
        expect(verifying.verify(scheme, data, new Uint8Array(64))).toBe(false)
        return
      }
      const signature = signing.sign(scheme, data)
      expect(verifying.verify(scheme, data, signature)).toBe(true)
      expect(verifying.verify(scheme, ascii('something else'), signature)).toBe(false)
      const changed = signature.slice()
      changed.set([(changed.at(-1) ?? 0) ^ 1], changed.length - 1)
      expect(verifying.verify(scheme, data, changed)).toBe(false)
      for (const other of schemes) {
        if (other !== scheme) expect(verifying.verify(other, data, signature)).toBe(false)
      }
    },
  )

  it('never throws on a hostile signature', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...schemes),
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.constantFrom(new Uint8Array(), new Uint8Array(64), new Uint8Array(256).fill(0xff)),
          // DER of every shape: SEQUENCE of INTEGERs that lie about their lengths
          fc.uint8Array({ maxLength: 80 }).map((tail) => Uint8Array.of(0x30, 0x82, 0x02, 0x02, ...tail)),
        ),
        (scheme, signature) => !verifying.verify(scheme, data, signature),
      ),
      { numRuns: 150 },
    )
  })
})

describe('ECDSA', () => {
  it('gives r and s side by side, each as long as the curve, when asked for raw', () => {
    const lengths = (['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521'] as const).map(
      (type) =>
        createSigningKey(keys[type])?.sign({ kind: 'ecdsa', hash: 'sha256', encoding: 'raw' }, data).length,
    )
    expect(lengths).toEqual([64, 96, 132])
  })

  it('refuses zeros, in either form', () => {
    const verifying = createVerifyingKey(spkiOf(keys['ecdsa-p256']))
    // CVE-2022-21449
    expect(
      verifying?.verify({ kind: 'ecdsa', hash: 'sha256', encoding: 'raw' }, data, new Uint8Array(64)),
    ).toBe(false)
    expect(
      verifying?.verify({ kind: 'ecdsa', hash: 'sha256', encoding: 'der' }, data, hex('3006020100020100')),
    ).toBe(false)
  })
})

// CVE-2018-16151, CVE-2018-16152: what a lenient PKCS #1 v1.5 verifier would take.
describe('RSA PKCS #1 v1.5', () => {
  const prefix = hex('3031300d060960864801650304020105000420')
  const digest = createHash('sha256').update(data).digest()
  const scheme = { kind: 'rsa-pkcs1', hash: 'sha256' } as const
  const verifying = createVerifyingKey(spkiOf(keys.rsa))
  const sealed = (encoded: Uint8Array): Uint8Array =>
    privateEncrypt({ key: keys.rsa, padding: constants.RSA_NO_PADDING }, encoded)
  const encode = (padLength: number, info: Uint8Array, tail: Uint8Array, pad = 0xff): Uint8Array => {
    const message = new Uint8Array(256)
    message.set([0, 1])
    message.fill(pad, 2, 2 + padLength)
    message.set([0, ...info, ...tail].slice(0, 254 - padLength), 2 + padLength)
    return message
  }
  const info = Uint8Array.of(...prefix, ...digest)
  const padLength = 256 - 3 - info.length

  it('verifies the one right encoding', () => {
    expect(verifying?.verify(scheme, data, sealed(encode(padLength, info, new Uint8Array())))).toBe(true)
  })

  it.each([
    ['rubbish behind the digest', encode(8, info, new Uint8Array(200).fill(0x41))],
    ['too little padding', encode(padLength - 1, info, Uint8Array.of(0))],
    ['other bytes for padding', encode(padLength, info, new Uint8Array(), 0xfe)],
    [
      'parameters that are not NULL',
      encode(
        padLength - 2,
        Uint8Array.of(...hex('3033300f06096086480165030402010502414104 20'), ...digest),
        new Uint8Array(),
      ),
    ],
    [
      'no parameters at all',
      encode(
        padLength + 2,
        Uint8Array.of(...hex('302f300b0609608648016503040201 0420'), ...digest),
        new Uint8Array(),
      ),
    ],
    [
      'another hash',
      encode(
        padLength,
        Uint8Array.of(...hex('3031300d060960864801650304020205000420'), ...digest),
        new Uint8Array(),
      ),
    ],
  ])('refuses %s', (_what, encoded) => {
    expect(verifying?.verify(scheme, data, sealed(encoded))).toBe(false)
  })

  it('refuses a signature with zeros in front or cut off', () => {
    const signature = createSigningKey(keys.rsa)?.sign(scheme, data) ?? new Uint8Array()
    expect(publicDecrypt(keys.rsa, Buffer.from(signature))).toEqual(Buffer.from(info))
    expect(verifying?.verify(scheme, data, Uint8Array.of(0, ...signature))).toBe(false)
    expect(verifying?.verify(scheme, data, signature.slice(1))).toBe(false)
  })

  it('refuses MD5', () => {
    const md5 = { kind: 'rsa-pkcs1', hash: 'md5' } as const
    const signature = createSigningKey(keys.rsa)?.sign(md5, data) ?? new Uint8Array()
    expect(verifying?.verify(md5, data, signature)).toBe(false)
  })
})

describe('weak and unknown keys', () => {
  it('refuses RSA below 2048 bits, and exponents below 65537', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
    const smallExponent = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).privateKey
    for (const key of [short, smallExponent]) {
      expect(createSigningKey(key)).toBeUndefined()
      expect(createVerifyingKey(spkiOf(key))).toBeUndefined()
    }
  })

  // BoringSSL aborts the process on some of these, so OpenSSL must not see them either.
  it('does not even read the types that it does not know', () => {
    const others = [
      generateKeyPairSync('x25519').publicKey,
      generateKeyPairSync('ed448').publicKey,
      generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' }).publicKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey,
      generateKeyPairSync('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }).publicKey,
    ]
    for (const key of others) {
      const spki = Uint8Array.from(key.export({ type: 'spki', format: 'der' }))
      expect(publicKeyType(spki)).toBeUndefined()
      expect(createVerifyingKey(spki)).toBeUndefined()
    }
  })

  it('refuses a public key for signing', () => {
    expect(createSigningKey(createPublicKey(keys.rsa))).toBeUndefined()
  })

  it('throws on no bytes whatever', () => {
    for (const key of Object.values(keys)) {
      const spki = spkiOf(key)
      for (let length = 0; length < spki.length; length += 7) {
        expect(createVerifyingKey(spki.subarray(0, length))).toBeUndefined()
      }
      fc.assert(
        fc.property(fc.nat(spki.length - 1), fc.nat(255), (at, value) => {
          const changed = spki.slice()
          changed.set([value], at)
          createVerifyingKey(changed)
        }),
        { numRuns: 100 },
      )
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => createVerifyingKey(bytes) === undefined),
    )
  })
})
