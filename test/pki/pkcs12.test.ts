import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { derFromBer } from '../../src-main/pki/ber.ts'
import { parseCertificate, readCertificates } from '../../src-main/pki/certificate.ts'
import { readPublicKey } from '../../src-main/pki/public-key.ts'
import { readPkcs12 } from '../../src-main/pki/pkcs12.ts'
import { rc2CbcDecrypt } from '../../src-main/pki/rc2.ts'
import { DecodeError } from '../../src-main/wire/codec.ts'

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/pkcs12.json', import.meta.url), 'utf8'),
) as Record<string, string>
const fileOf = (name: string) => new Uint8Array(Buffer.from(vectors[name] ?? '', 'base64'))
const derOf = (name: string) => {
  const read = readCertificates(vectors[name] ?? '')
  if (!read.ok || !read.value[0]) throw new Error(name)
  return read.value[0]
}
const own = derOf('certificate')
const root = derOf('authority')
const open = (name: string, password = 'geheim') => readPkcs12(fileOf(name), Buffer.from(password))

describe('PKCS#12 files', () => {
  it.each([
    ['openssl-legacy-rc2-40', 'geheim'],
    ['openssl-rc2-128', 'geheim'],
    ['openssl-3des-sha1', 'geheim'],
    ['openssl-aes256', 'geheim'],
    ['openssl-aes128-sha512', 'geheim'],
    ['openssl-plain', 'geheim'],
    ['openssl-nomac', 'geheim'],
    ['openssl-empty-password', ''],
    ['openssl-unicode-password', 'Grüße 🔑'],
    ['nss-default', 'geheim'],
    ['java-default', 'geheim'],
  ])('of many makers are opened: %s', (name, password) => {
    const opened = open(name, password)
    if (!opened.ok) throw new Error(opened.error)
    const { key, certificates } = opened.value
    expect(Buffer.compare(certificates[0] ?? root, own)).toBe(0)
    // NSS and Java leave out the authority when they do not know it.
    expect(certificates.length).toBeGreaterThanOrEqual(1)
    const certificate = parseCertificate(own)
    const verifying = certificate.ok ? readPublicKey(certificate.value.spki) : certificate
    const data = Buffer.from('data')
    const scheme = { kind: 'ecdsa', hash: 'sha256', encoding: 'der' } as const
    const signature = key?.sign(scheme, data) ?? new Uint8Array(0)
    expect(verifying.ok && verifying.value.verify(scheme, data, signature)).toBe(true)
  })

  it('put the own certificate first and keep the authority', () => {
    const opened = open('openssl-aes256')
    expect(
      opened.ok &&
        opened.value.certificates.map(
          (der) => Buffer.compare(der, own) === 0 || Buffer.compare(der, root) === 0,
        ),
    ).toEqual([true, true])
  })

  it('may hold certificates alone', () => {
    const opened = open('openssl-no-key')
    expect(opened.ok && opened.value.key).toBeUndefined()
    expect(opened.ok && opened.value.certificates.length).toBe(2)
  })

  it.each([
    'openssl-aes256',
    'openssl-legacy-rc2-40',
    'openssl-plain',
    'java-default',
    'openssl-empty-password',
  ])('say that the password is wrong: %s', (name) => {
    for (const password of ['wrong', 'Geheim', 'geheim ']) {
      expect(open(name, password)).toEqual({ ok: false, error: 'wrong-password' })
    }
  })

  it('without a MAC say it too where they are encrypted', () => {
    expect(open('openssl-nomac', 'wrong')).toEqual({ ok: false, error: 'wrong-password' })
  })

  it('with RC4 are not supported, and say so', () => {
    expect(open('openssl-rc4')).toEqual({ ok: false, error: 'unsupported-encryption' })
  })

  it('that are none, or cut short, are malformed', () => {
    expect(readPkcs12(new Uint8Array(0), Buffer.from('x'))).toEqual({ ok: false, error: 'malformed' })
    expect(readPkcs12(own, Buffer.from('x'))).toEqual({ ok: false, error: 'malformed' })
    expect(readPkcs12(new Uint8Array(2_000_000), Buffer.from('x'))).toEqual({ ok: false, error: 'malformed' })
    const file = fileOf('openssl-aes256')
    for (let length = 0; length < file.length - 1; length += 97) {
      expect(readPkcs12(file.subarray(0, length), Buffer.from('geheim'))).toEqual({
        ok: false,
        error: 'malformed',
      })
    }
  })

  it('that were changed do not pass their MAC', () => {
    const file = fileOf('openssl-plain')
    const at = Buffer.from(file).indexOf('alice')
    file[at] = (file[at] ?? 0) ^ 1
    expect(readPkcs12(file, Buffer.from('geheim'))).toEqual({ ok: false, error: 'wrong-password' })
  })

  it('cannot make us count forever', () => {
    const file = fileOf('openssl-aes256')
    // The MAC's iterations stand last: 02 02 08 00 becomes a large number of as many bytes; PBKDF2's are within the MAC.
    const at = Buffer.from(file).lastIndexOf(Buffer.from('02020800', 'hex'))
    expect(at).toBe(file.length - 4)
    const longer = Buffer.concat([file.subarray(0, at), Buffer.from('02047fffffff', 'hex')])
    // All lengths around it grow by two.
    longer.writeUInt16BE(longer.readUInt16BE(2) + 2, 2)
    const mac = longer.lastIndexOf(Buffer.from('3041', 'hex'))
    longer.writeUInt8(0x43, mac + 1)
    expect(readPkcs12(longer, Buffer.from('geheim'))).toEqual({ ok: false, error: 'too-many-iterations' })
  })

  it('of any bytes end in a result', () => {
    const file = fileOf('openssl-nomac')
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const changed = file.slice()
          for (const [at, value] of changes) changed[at] = value
          expect(typeof readPkcs12(changed, Buffer.from('geheim')).ok).toBe('boolean')
        },
      ),
      { numRuns: 100 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !readPkcs12(bytes, bytes).ok))
  })
})

describe('RC2', () => {
  // RFC 2268 section 5: key, effective bits, plaintext, ciphertext.
  it.each([
    ['0000000000000000', 63, '0000000000000000', 'ebb773f993278eff'],
    ['ffffffffffffffff', 64, 'ffffffffffffffff', '278b27e42e2f0d49'],
    ['3000000000000000', 64, '1000000000000001', '30649edf9be7d2c2'],
    ['88', 64, '0000000000000000', '61a8a244adacccf0'],
    ['88bca90e90875a', 64, '0000000000000000', '6ccf4308974c267f'],
    ['88bca90e90875a7f0f79c384627bafb2', 64, '0000000000000000', '1a807d272bbe5db1'],
    ['88bca90e90875a7f0f79c384627bafb2', 128, '0000000000000000', '2269552ab0f85ca6'],
    [
      '88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e',
      129,
      '0000000000000000',
      '5b78d3a43dfff1f1',
    ],
  ])('gives the examples of RFC 2268: key %s, %i bits', (key, bits, plaintext, ciphertext) => {
    const found = rc2CbcDecrypt(
      Buffer.from(key, 'hex'),
      bits,
      new Uint8Array(8),
      Buffer.from(ciphertext, 'hex'),
    )
    expect(Buffer.from(found).toString('hex')).toBe(plaintext)
  })
})

describe('BER made into DER', () => {
  const convert = (hex: string) => Buffer.from(derFromBer(Buffer.from(hex, 'hex'))).toString('hex')

  it('has definite, shortest lengths and whole strings', () => {
    expect(convert('3080020103a0800402abcd00000000')).toBe('3009020103a0040402abcd')
    expect(convert('308103020103')).toBe('3003020103')
    expect(convert('30840000000302 0103'.replace(' ', ''))).toBe('3003020103')
    expect(convert('24800402abcd0401ef0000')).toBe('0403abcdef')
    expect(convert('240a24040402abcd0402ef00')).toBe('0404abcdef00')
    expect(convert('3003020103ffff')).toBe('3003020103')
  })

  it.each([
    '',
    '30',
    '3080',
    '30800201',
    '0480',
    '3f8101',
    '3085000000000302',
    '30830300',
    '3080'.repeat(40),
  ])('refuses %j by DecodeError', (hex) => {
    expect(() => convert(hex)).toThrow(DecodeError)
  })

  it('is idempotent and throws nothing but DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const der = derFromBer(bytes)
          expect(Buffer.compare(derFromBer(der), der)).toBe(0)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })
})
