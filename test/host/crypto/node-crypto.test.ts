import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { createRandom } from '../../../src-main/host/crypto/random.ts'
import { ascii, hex, toHex } from './bytes.ts'

const crypto = createCrypto()

describe('hashes', () => {
  // FIPS 180-4 examples; RFC 1321 appendix A.5
  it.each([
    ['md5', '900150983cd24fb0d6963f7d28e17f72'],
    ['sha1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['sha256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'sha384',
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    ],
    [
      'sha512',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    ],
  ] as const)('gives %s of "abc", in parts as in one', (name, digest) => {
    expect(toHex(crypto.hash(name, ascii('abc')))).toBe(digest)
    expect(toHex(crypto.hash(name, ascii('a'), ascii(''), ascii('bc')))).toBe(digest)
  })

  it('gives arrays whose slice is a copy', () => {
    const digest = crypto.hash('sha256', ascii('abc'))
    digest.slice().fill(0)
    expect(toHex(digest)).toMatch(/^ba7816bf/)
  })
})

describe('HMAC', () => {
  const firstKey = hex('0b'.repeat(20))
  const longKey = hex('aa'.repeat(131))
  const longText = ascii('Test Using Larger Than Block-Size Key - Hash Key First')
  // RFC 2202 section 3, RFC 4231 sections 4.2, 4.3 and 4.7
  it.each([
    ['sha1', firstKey, ascii('Hi There'), 'b617318655057264e28bc0b6fb378c8ef146be00'],
    [
      'sha1',
      ascii('Jefe'),
      ascii('what do ya want for nothing?'),
      'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    ],
    [
      'sha256',
      firstKey,
      ascii('Hi There'),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      'sha256',
      ascii('Jefe'),
      ascii('what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    ['sha256', longKey, longText, '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54'],
    [
      'sha384',
      firstKey,
      ascii('Hi There'),
      'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6',
    ],
    [
      'sha384',
      ascii('Jefe'),
      ascii('what do ya want for nothing?'),
      'af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649',
    ],
    [
      'sha512',
      firstKey,
      ascii('Hi There'),
      '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
    ],
    [
      'sha512',
      longKey,
      longText,
      '80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598',
    ],
  ] as const)('with %s agrees with its RFC', (name, key, text, mac) => {
    expect(toHex(crypto.hmac(name, key, text))).toBe(mac)
    expect(toHex(crypto.hmac(name, key, text.subarray(0, 3), text.subarray(3)))).toBe(mac)
  })
})

describe('AES-GCM', () => {
  const key = 'feffe9928665731c6d6a8f9467308308'
  const nonce = hex('cafebabefacedbaddecaf888')
  const associated = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2')
  const plaintext =
    hex(`d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525
    b16aedf5aa0de657ba637b39`)
  // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4, 10 and 16
  it.each([
    [
      128,
      key,
      `42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091`,
      '5bc94fbc3221a5db94fae95ae7121a47',
    ],
    [
      192,
      key + key.slice(0, 16),
      `3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710`,
      '2519498e80f1478f37ba55bd6d27618c',
    ],
    [
      256,
      key + key,
      `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662`,
      '76fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ])('with %i bits agrees with its specification', (_bits, keyText, ciphertext, tag) => {
    const aead = crypto.aead('aes-gcm-16', hex(keyText))
    expect(toHex(aead.seal(nonce, associated, plaintext))).toBe(ciphertext + tag)
    expect(aead.open(nonce, associated, hex(ciphertext + tag))).toEqual(plaintext)
  })
})

describe('ChaCha20-Poly1305', () => {
  it('agrees with RFC 8439 section 2.8.2', () => {
    const aead = crypto.aead(
      'chacha20-poly1305',
      hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
    )
    const nonce = hex('070000004041424344454647')
    const associated = hex('50515253c0c1c2c3c4c5c6c7')
    const text = ascii(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const sealed = `d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b
      1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
      3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691`
    expect(aead.seal(nonce, associated, text)).toEqual(hex(sealed))
    expect(aead.open(nonce, associated, hex(sealed))).toEqual(text)
  })
})

describe.each(['aes-gcm-16', 'chacha20-poly1305'] as const)('%s', (name) => {
  const aead = crypto.aead(name, new Uint8Array(32).fill(7))
  const nonce = new Uint8Array(12)
  const associated = ascii('associated')
  const sealed = aead.seal(nonce, associated, ascii('text'))

  it('opens nothing that was changed anywhere', () => {
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = sealed.slice()
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(aead.open(nonce, associated, changed)).toBeUndefined()
    }
    expect(aead.open(nonce, ascii('associateD'), sealed)).toBeUndefined()
    expect(aead.open(Uint8Array.from(nonce).fill(1), associated, sealed)).toBeUndefined()
  })

  it('opens nothing that is cut short', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      expect(aead.open(nonce, associated, sealed.subarray(0, length))).toBeUndefined()
    }
  })

  it('seals nothing at all to a tag', () => {
    const tag = aead.seal(nonce, associated, new Uint8Array())
    expect(tag).toHaveLength(16)
    expect(aead.open(nonce, associated, tag)).toEqual(new Uint8Array())
  })
})

describe('AES-CBC', () => {
  const iv = hex('000102030405060708090a0b0c0d0e0f')
  const plaintext = hex(`6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51
    30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710`)
  // NIST SP 800-38A, F.2.1, F.2.3 and F.2.5
  it.each([
    [
      '2b7e151628aed2a6abf7158809cf4f3c',
      '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
    ],
    [
      '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
      '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd',
    ],
    [
      '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
      'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b',
    ],
  ])('agrees with NIST under %s', (key, ciphertext) => {
    const cbc = crypto.cbc('aes-cbc', hex(key))
    expect(toHex(cbc.encrypt(iv, plaintext))).toBe(ciphertext)
    expect(cbc.decrypt(iv, hex(ciphertext))).toEqual(plaintext)
  })

  it('agrees with RFC 3602 section 4, case 1', () => {
    const cbc = crypto.cbc('aes-cbc', hex('06a9214036b8a15b512e03d534120006'))
    const vector = hex('3dafba429d9eb430b422da802c9fac41')
    expect(toHex(cbc.encrypt(vector, ascii('Single block msg')))).toBe('e353779c1079aeb82708942dbe77181a')
  })

  it('refuses what is no whole block', () => {
    const cbc = crypto.cbc('aes-cbc', new Uint8Array(16))
    expect(() => cbc.encrypt(iv, new Uint8Array(15))).toThrow(RangeError)
    expect(() => cbc.decrypt(iv, new Uint8Array(17))).toThrow(RangeError)
  })
})

describe('what MSCHAPv2 needs', () => {
  // RFC 1320 appendix A.5
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('gives MD4 of "%s"', (text, digest) => {
    expect(toHex(crypto.md4(ascii(text)))).toBe(digest)
  })

  it('gives the password hash of RFC 2759 section 9.2', () => {
    const password = Uint8Array.from(Buffer.from('clientPass', 'utf16le'))
    expect(toHex(crypto.md4(password))).toBe('44ebba8d5312b8d611474411f56989ae')
  })

  it('encrypts one block with DES', () => {
    // FIPS 81 table B1; the rest: RFC 2759 section 9.2's last third, key 0xAE89 0000 0000 00 with parity
    expect(toHex(crypto.desEncryptBlock(hex('0123456789abcdef'), ascii('Now is t')))).toBe('3fa40e8a984d4815')
    expect(() => crypto.desEncryptBlock(new Uint8Array(7), new Uint8Array(8))).toThrow(RangeError)
  })
})

describe('equal', () => {
  it('compares content and length', () => {
    expect(crypto.equal(hex('0102'), hex('0102'))).toBe(true)
    expect(crypto.equal(hex('0102'), hex('0103'))).toBe(false)
    expect(crypto.equal(hex('0102'), hex('010200'))).toBe(false)
    expect(crypto.equal(new Uint8Array(), new Uint8Array())).toBe(true)
  })
})

describe('random', () => {
  it('gives fresh bytes of the length asked for, in memory of their own', () => {
    const random = createRandom()
    const first = random.bytes(32)
    expect(first).toHaveLength(32)
    expect(first.buffer.byteLength).toBe(32)
    expect(random.bytes(32)).not.toEqual(first)
    expect(random.bytes(0)).toHaveLength(0)
  })
})
