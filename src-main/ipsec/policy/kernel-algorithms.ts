/** The Linux kernel's names of algorithms (its net/xfrm/xfrm_algo.c), as `ip xfrm` takes them, and ours. */
import type { EncryptionName, IntegrityName } from '../../../src-shared/algorithms.ts'

interface KernelCipher {
  readonly kernel: string
  readonly ours: EncryptionName
  /** Bytes that the cipher's key may have. */
  readonly keys: readonly number[]
  /** Bytes behind the key. */
  readonly salt: number
  /** Of a combined-mode cipher (`aead`), in bits; absent: `enc`. */
  readonly icvBits?: number
}

const aesKeys = [16, 24, 32] as const
/** RFC 2451 section 2.2: 40 to 448 bits, and 40 to 128 bits. */
const blowfishKeys = Array.from({ length: 52 }, (_, index) => 5 + index)
const castKeys = Array.from({ length: 12 }, (_, index) => 5 + index)

/** The first row of one of our names is what is written. */
export const kernelCiphers: readonly KernelCipher[] = [
  { kernel: 'ecb(cipher_null)', ours: 'null', keys: [0], salt: 0 },
  { kernel: 'cbc(des)', ours: 'des-cbc', keys: [8], salt: 0 },
  { kernel: 'cbc(des3_ede)', ours: '3des-cbc', keys: [24], salt: 0 },
  { kernel: 'cbc(cast5)', ours: 'cast-cbc', keys: castKeys, salt: 0 },
  { kernel: 'cbc(blowfish)', ours: 'blowfish-cbc', keys: blowfishKeys, salt: 0 },
  { kernel: 'cbc(aes)', ours: 'aes-cbc', keys: aesKeys, salt: 0 },
  { kernel: 'cbc(camellia)', ours: 'camellia-cbc', keys: aesKeys, salt: 0 },
  { kernel: 'rfc3686(ctr(aes))', ours: 'aes-ctr', keys: aesKeys, salt: 4 },
  { kernel: 'rfc4106(gcm(aes))', ours: 'aes-gcm-16', keys: aesKeys, salt: 4, icvBits: 128 },
  { kernel: 'rfc4106(gcm(aes))', ours: 'aes-gcm-12', keys: aesKeys, salt: 4, icvBits: 96 },
  { kernel: 'rfc4106(gcm(aes))', ours: 'aes-gcm-8', keys: aesKeys, salt: 4, icvBits: 64 },
  { kernel: 'rfc4309(ccm(aes))', ours: 'aes-ccm-16', keys: aesKeys, salt: 3, icvBits: 128 },
  { kernel: 'rfc4309(ccm(aes))', ours: 'aes-ccm-12', keys: aesKeys, salt: 3, icvBits: 96 },
  { kernel: 'rfc4309(ccm(aes))', ours: 'aes-ccm-8', keys: aesKeys, salt: 3, icvBits: 64 },
  { kernel: 'rfc4543(gcm(aes))', ours: 'null-aes-gmac', keys: aesKeys, salt: 4, icvBits: 128 },
  {
    kernel: 'rfc7539esp(chacha20,poly1305)',
    ours: 'chacha20-poly1305',
    keys: [32],
    salt: 4,
    icvBits: 128,
  },
]

interface KernelMac {
  readonly kernel: string
  readonly ours: IntegrityName
  /** Bytes of the key: the RFCs fix it, the kernel does not. */
  readonly keys: readonly number[]
  readonly icvBits: number
  /** What plain `auth` cuts to. The kernel's 96 bits for SHA-256 are of a draft that never became RFC 4868. */
  readonly defaultBits: number
}

export const kernelMacs: readonly KernelMac[] = [
  { kernel: 'hmac(md5)', ours: 'hmac-md5-96', keys: [16], icvBits: 96, defaultBits: 96 },
  { kernel: 'hmac(sha1)', ours: 'hmac-sha1-96', keys: [20], icvBits: 96, defaultBits: 96 },
  { kernel: 'hmac(sha256)', ours: 'hmac-sha256-128', keys: [32], icvBits: 128, defaultBits: 96 },
  { kernel: 'hmac(sha384)', ours: 'hmac-sha384-192', keys: [48], icvBits: 192, defaultBits: 192 },
  { kernel: 'hmac(sha512)', ours: 'hmac-sha512-256', keys: [64], icvBits: 256, defaultBits: 256 },
  { kernel: 'xcbc(aes)', ours: 'aes-xcbc-96', keys: [16], icvBits: 96, defaultBits: 96 },
  { kernel: 'cmac(aes)', ours: 'aes-cmac-96', keys: [16], icvBits: 96, defaultBits: 96 },
]

/** Short names that the kernel takes too. */
export const kernelAliases: ReadonlyMap<string, string> = new Map([
  ['des', 'cbc(des)'],
  ['des3_ede', 'cbc(des3_ede)'],
  ['cast5', 'cbc(cast5)'],
  ['blowfish', 'cbc(blowfish)'],
  ['aes', 'cbc(aes)'],
  ['camellia', 'cbc(camellia)'],
  ['cipher_null', 'ecb(cipher_null)'],
  ['md5', 'hmac(md5)'],
  ['sha1', 'hmac(sha1)'],
  ['sha256', 'hmac(sha256)'],
])
