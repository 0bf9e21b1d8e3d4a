/** PBMAC1 in PKCS#12 (RFC 9579): OpenSSL's file without a MAC, with one put together here by RFC 9579's ASN.1. */
import { createHmac, pbkdf2Sync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPkcs12 } from '../../src-main/pki/pkcs12.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/pkcs12.json', import.meta.url), 'utf8'),
) as Record<string, string>
const bare = Buffer.from(vectors['openssl-nomac'] ?? '', 'base64')

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts)
  const length = content.length
  const octets =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.from([tag, ...octets]), content])
}
const oid = (hex: string) => der(6, Buffer.from(hex, 'hex'))
const NULL = der(5)
const hmacIds = { sha1: '2a864886f70d0207', sha256: '2a864886f70d0209', sha512: '2a864886f70d020b' }
type Hash = keyof typeof hmacIds

/** The content of the file's `[0] EXPLICIT OCTET STRING`: what the MAC is over. */
function contentOf(file: Buffer): Buffer {
  // PFX SEQUENCE, version, ContentInfo SEQUENCE, data OID, [0], OCTET STRING: long lengths of two octets each.
  const at = file.indexOf(Buffer.from('06092a864886f70d010701', 'hex')) + 11
  return file.subarray(at + 8, at + 8 + file.readUInt16BE(at + 6))
}

interface Recipe {
  readonly prf?: Hash
  readonly mac?: Hash
  readonly keyLength?: number | undefined
  readonly iterations?: number
  readonly password?: string
}

function withPbmac1({
  prf = 'sha256',
  mac = 'sha256',
  iterations = 2048,
  password = 'geheim',
  ...more
}: Recipe) {
  const keyLength = 'keyLength' in more ? more.keyLength : 32
  const salt = Buffer.from('0102030405060708', 'hex')
  const key = pbkdf2Sync(password, salt, iterations, keyLength ?? 32, prf)
  const digest = createHmac(mac, key).update(contentOf(bare)).digest()
  const iterationBytes = Buffer.alloc(4)
  iterationBytes.writeUInt32BE(iterations)
  const kdf = der(
    0x30,
    oid('2a864886f70d01050c'),
    der(
      0x30,
      der(4, salt),
      der(2, iterations < 0x8000 ? iterationBytes.subarray(2) : iterationBytes),
      ...(keyLength === undefined ? [] : [der(2, Uint8Array.of(keyLength))]),
      der(0x30, oid(hmacIds[prf]), NULL),
    ),
  )
  const parameters = der(0x30, kdf, der(0x30, oid(hmacIds[mac]), NULL))
  const macData = der(
    0x30,
    der(0x30, der(0x30, oid('2a864886f70d01050e'), parameters), der(4, digest)),
    der(4, Buffer.from('NOT USED')),
    der(2, Uint8Array.of(1)),
  )
  const inner = bare.subarray(4)
  return der(0x30, inner, macData)
}

describe('RFC 9579 appendix A', () => {
  const { a1 } = JSON.parse(
    readFileSync(new URL('../vectors/pbmac1.json', import.meta.url), 'utf8'),
  ) as Record<string, string>
  const file = () => Buffer.from(a1 ?? '', 'base64')

  it('A.1 is opened', () => {
    const opened = open(file(), '1234')
    expect(opened.ok && [opened.value.key?.type, opened.value.certificates.length]).toEqual(['rsa', 1])
  })

  it('A.4, its iteration count one higher, is refused', () => {
    const changed = file()
    const at = changed.lastIndexOf(Buffer.from('02020800020120', 'hex'))
    changed.writeUInt8(1, at + 3)
    expect(open(changed, '1234')).toEqual({ ok: false, error: 'wrong-password' })
  })
})

const open = (file: Uint8Array, password = 'geheim') => readPkcs12(file, Buffer.from(password))

describe('PKCS#12 with PBMAC1', () => {
  it.each([
    ['sha256', 'sha256', 32],
    ['sha512', 'sha256', 32],
    ['sha512', 'sha512', 64],
    ['sha1', 'sha256', 20],
  ] as const)('is opened: PRF %s, MAC %s, %i bytes', (prf, mac, keyLength) => {
    const opened = open(withPbmac1({ prf, mac, keyLength }))
    expect(opened.ok && opened.value.key !== undefined).toBe(true)
  })

  it('finds out a wrong password by the MAC', () => {
    expect(open(withPbmac1({ password: 'another' }))).toEqual({ ok: false, error: 'wrong-password' })
  })

  it('finds out changed content', () => {
    const file = withPbmac1({})
    const at = file.indexOf(contentOf(bare)) + 200
    file[at] = (file[at] ?? 0) ^ 1
    expect(open(file)).toEqual({ ok: false, error: 'wrong-password' })
  })

  // RFC 9579 section 4: keyLength is mandatory; section 9: at least 20 bytes.
  it.each([undefined, 16, 19])('refuses a key length of %s', (keyLength) => {
    expect(open(withPbmac1({ keyLength }))).toEqual({ ok: false, error: 'malformed' })
  })

  it('does not count for hours', () => {
    const file = withPbmac1({ iterations: 0x8000 })
    const at = file.indexOf(Buffer.from('020400008000', 'hex'))
    expect(at).toBeGreaterThan(0)
    file.writeUInt32BE(0x7fffffff, at + 2)
    expect(open(file)).toEqual({ ok: false, error: 'too-many-iterations' })
  })
})
