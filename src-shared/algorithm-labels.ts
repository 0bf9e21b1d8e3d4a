/** What people call the algorithms: where a proposal is made and where one that was agreed on is shown. */
import type { EncryptionName, GroupName, IntegrityName, PrfName } from './algorithms.ts'

/** How people call a cipher whose key has so many bits. */
export const encryptionLabels: Readonly<Record<EncryptionName, (keyBits: number) => string>> = {
  'aes-gcm-16': (keyBits) => `AES-${keyBits}-GCM`,
  'aes-gcm-12': (keyBits) => `AES-${keyBits}-GCM, 12-byte check`,
  'aes-gcm-8': (keyBits) => `AES-${keyBits}-GCM, 8-byte check`,
  'aes-ccm-16': (keyBits) => `AES-${keyBits}-CCM`,
  'aes-ccm-12': (keyBits) => `AES-${keyBits}-CCM, 12-byte check`,
  'aes-ccm-8': (keyBits) => `AES-${keyBits}-CCM, 8-byte check`,
  'chacha20-poly1305': () => 'ChaCha20-Poly1305',
  'aes-cbc': (keyBits) => `AES-${keyBits}-CBC`,
  'aes-ctr': (keyBits) => `AES-${keyBits}-CTR`,
  'camellia-cbc': (keyBits) => `Camellia-${keyBits}-CBC`,
  'camellia-ctr': (keyBits) => `Camellia-${keyBits}-CTR`,
  'camellia-ccm-16': (keyBits) => `Camellia-${keyBits}-CCM`,
  'camellia-ccm-12': (keyBits) => `Camellia-${keyBits}-CCM, 12-byte check`,
  'camellia-ccm-8': (keyBits) => `Camellia-${keyBits}-CCM, 8-byte check`,
  '3des-cbc': () => '3DES-CBC',
  'des-cbc': () => 'DES-CBC',
  'blowfish-cbc': (keyBits) => `Blowfish-${keyBits}-CBC`,
  'cast-cbc': () => 'CAST-128-CBC',
  'idea-cbc': () => 'IDEA-CBC',
  'rc5-cbc': () => 'RC5-CBC',
  'null-aes-gmac': (keyBits) => `AES-${keyBits}-GMAC (integrity without encryption)`,
  null: () => 'None (integrity without encryption)',
}

export const integrityLabels: Readonly<Record<IntegrityName, string>> = {
  'hmac-sha256-128': 'HMAC-SHA2-256-128',
  'hmac-sha384-192': 'HMAC-SHA2-384-192',
  'hmac-sha512-256': 'HMAC-SHA2-512-256',
  'hmac-sha1-96': 'HMAC-SHA1-96',
  'hmac-md5-96': 'HMAC-MD5-96',
  'aes-xcbc-96': 'AES-XCBC-96',
  'aes-cmac-96': 'AES-CMAC-96',
}

export const prfLabels: Readonly<Record<PrfName, string>> = {
  'hmac-sha256': 'HMAC-SHA2-256',
  'hmac-sha384': 'HMAC-SHA2-384',
  'hmac-sha512': 'HMAC-SHA2-512',
  'hmac-sha1': 'HMAC-SHA1',
  'hmac-md5': 'HMAC-MD5',
  'aes-xcbc-128': 'AES-XCBC-PRF-128',
  'aes-cmac-128': 'AES-CMAC-PRF-128',
}

export const groupLabels: Readonly<Record<GroupName, string>> = {
  curve25519: 'Curve25519',
  curve448: 'Curve448',
  ecp192: 'ECP-192',
  ecp224: 'ECP-224',
  ecp256: 'ECP-256',
  ecp384: 'ECP-384',
  ecp521: 'ECP-521',
  ecp224bp: 'Brainpool-224',
  ecp256bp: 'Brainpool-256',
  ecp384bp: 'Brainpool-384',
  ecp512bp: 'Brainpool-512',
  modp768: 'MODP-768',
  modp1024: 'MODP-1024',
  modp1536: 'MODP-1536',
  modp2048: 'MODP-2048',
  modp3072: 'MODP-3072',
  modp4096: 'MODP-4096',
  modp6144: 'MODP-6144',
  modp8192: 'MODP-8192',
}
