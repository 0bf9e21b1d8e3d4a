/** strongSwan's words for algorithms and ours. */
import type {
  EncryptionName,
  EspSuite,
  GroupName,
  IkeSuite,
  IntegrityName,
  PrfName,
} from '../../../src-shared/algorithms.ts'

const encryptions: Readonly<Record<string, EncryptionName>> = {
  DES_CBC: 'des-cbc',
  '3DES_CBC': '3des-cbc',
  CAST_CBC: 'cast-cbc',
  BLOWFISH_CBC: 'blowfish-cbc',
  NULL: 'null',
  AES_CTR: 'aes-ctr',
  AES_CCM_8: 'aes-ccm-8',
  AES_CCM_12: 'aes-ccm-12',
  AES_CCM_16: 'aes-ccm-16',
  AES_GCM_8: 'aes-gcm-8',
  AES_GCM_12: 'aes-gcm-12',
  CAMELLIA_CBC: 'camellia-cbc',
  CAMELLIA_CTR: 'camellia-ctr',
  CAMELLIA_CCM_8: 'camellia-ccm-8',
  CAMELLIA_CCM_12: 'camellia-ccm-12',
  CAMELLIA_CCM_16: 'camellia-ccm-16',
  AES_CBC: 'aes-cbc',
  AES_GCM_16: 'aes-gcm-16',
  CHACHA20_POLY1305: 'chacha20-poly1305',
}
const integrities: Readonly<Record<string, IntegrityName>> = {
  HMAC_MD5_96: 'hmac-md5-96',
  HMAC_SHA1_96: 'hmac-sha1-96',
  AES_XCBC_96: 'aes-xcbc-96',
  AES_CMAC_96: 'aes-cmac-96',
  HMAC_SHA2_256_128: 'hmac-sha256-128',
  HMAC_SHA2_384_192: 'hmac-sha384-192',
  HMAC_SHA2_512_256: 'hmac-sha512-256',
}
const prfs: Readonly<Record<string, PrfName>> = {
  PRF_HMAC_MD5: 'hmac-md5',
  PRF_HMAC_SHA1: 'hmac-sha1',
  PRF_AES128_XCBC: 'aes-xcbc-128',
  PRF_AES128_CMAC: 'aes-cmac-128',
  PRF_HMAC_SHA2_256: 'hmac-sha256',
  PRF_HMAC_SHA2_384: 'hmac-sha384',
  PRF_HMAC_SHA2_512: 'hmac-sha512',
}
const groups: Readonly<Record<string, GroupName>> = {
  MODP_768: 'modp768',
  MODP_1024: 'modp1024',
  MODP_1536: 'modp1536',
  MODP_2048: 'modp2048',
  MODP_3072: 'modp3072',
  MODP_4096: 'modp4096',
  MODP_6144: 'modp6144',
  MODP_8192: 'modp8192',
  ECP_192: 'ecp192',
  ECP_224: 'ecp224',
  ECP_224_BP: 'ecp224bp',
  ECP_256_BP: 'ecp256bp',
  ECP_384_BP: 'ecp384bp',
  ECP_512_BP: 'ecp512bp',
  CURVE_448: 'curve448',
  ECP_256: 'ecp256',
  ECP_384: 'ecp384',
  ECP_521: 'ecp521',
  CURVE_25519: 'curve25519',
}

const read = <Value>(table: Readonly<Record<string, Value>>, word: string): Value => {
  const found = table[word]
  if (found === undefined) throw new Error(`strongSwan chose ${word}, which has no name here`)
  return found
}

/** What `swanctl --list-sas --raw` says of an SA's algorithms; empty words are absent. */
export interface StrongswanSuite {
  readonly encryption: string
  readonly keyBits: string
  readonly integrity: string
  readonly prf: string
  readonly group: string
}

/** It names no length where there is only one. */
const fixedKeyBits: Readonly<Partial<Record<EncryptionName, number>>> = {
  'chacha20-poly1305': 256,
  '3des-cbc': 192,
  'des-cbc': 64,
  null: 0,
}

const protection = (suite: StrongswanSuite) => {
  const encryption = read(encryptions, suite.encryption)
  return {
    encryption,
    keyBits: fixedKeyBits[encryption] ?? Number(suite.keyBits),
    ...(suite.integrity === '' ? {} : { integrity: read(integrities, suite.integrity) }),
  }
}

export const ikeSuiteOf = (suite: StrongswanSuite): IkeSuite => ({
  ...protection(suite),
  prf: read(prfs, suite.prf),
  group: read(groups, suite.group),
})

export const espSuiteOf = (suite: StrongswanSuite, extendedSequenceNumbers: boolean): EspSuite => ({
  ...protection(suite),
  ...(suite.group === '' ? {} : { group: read(groups, suite.group) }),
  extendedSequenceNumbers,
})
