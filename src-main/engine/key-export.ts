/**
 * The session keys in the form of Wireshark's own tables, for whoever debugs a connection: `ikev2_decryption_table` (one line an
 * IKE SA) and `esp_sa` (one line a direction of a Child SA). Off unless the person turned it on; then whoever has the files and
 * a recording reads everything.
 */
import type { EncryptionName, EspSuite, IkeSuite, IntegrityName } from '../../src-shared/algorithms.ts'
import type { EspSpi } from '../../src-shared/brands.ts'
import type { ChildKeys, ChildSa, DirectionKeys, Effect } from '../ike/child-sa.ts'
import type { IkeSa } from '../ike/v2/ike-sa.ts'
import type { KeyFiles, Log, OpenKeyFiles } from '../ports.ts'
import { toHex } from '../wire/text.ts'

// ---------------------------------------------------------------- IKEv2 decryption table

/** Undefined: Wireshark has no such cipher for IKEv2. */
function ikeCipher({ encryption, keyBits }: IkeSuite): string | undefined {
  switch (encryption) {
    case 'aes-gcm-8':
      return `AES-GCM-${keyBits} with 8 octet ICV [RFC5282]`
    case 'aes-gcm-12':
      return `AES-GCM-${keyBits} with 12 octet ICV [RFC5282]`
    case 'aes-gcm-16':
      return `AES-GCM-${keyBits} with 16 octet ICV [RFC5282]`
    case 'aes-ccm-8':
      return `AES-CCM-${keyBits} with 8 octet ICV [RFC5282]`
    case 'aes-ccm-12':
      return `AES-CCM-${keyBits} with 12 octet ICV [RFC5282]`
    case 'aes-ccm-16':
      return `AES-CCM-${keyBits} with 16 octet ICV [RFC5282]`
    case 'aes-ctr':
      return `AES-CTR-${keyBits} [RFC5930]`
    case 'aes-cbc':
      return `AES-CBC-${keyBits} [RFC3602]`
    case '3des-cbc':
      return '3DES [RFC2451]'
    case 'chacha20-poly1305':
    case 'camellia-cbc':
    case 'camellia-ctr':
    case 'camellia-ccm-8':
    case 'camellia-ccm-12':
    case 'camellia-ccm-16':
    case 'des-cbc':
    case 'blowfish-cbc':
    case 'cast-cbc':
    case 'idea-cbc':
    case 'rc5-cbc':
    case 'null':
    case 'null-aes-gmac':
      return undefined
  }
}

const ikeIntegrities: Readonly<Record<IntegrityName, string>> = {
  'hmac-md5-96': 'HMAC_MD5_96 [RFC2403]',
  'hmac-sha1-96': 'HMAC_SHA1_96 [RFC2404]',
  'hmac-sha256-128': 'HMAC_SHA2_256_128 [RFC4868]',
  'hmac-sha384-192': 'HMAC_SHA2_384_192 [RFC4868]',
  'hmac-sha512-256': 'HMAC_SHA2_512_256 [RFC4868]',
  'aes-xcbc-96': 'ANY 96-bits of Authentication [No Checking]',
  'aes-cmac-96': 'ANY 96-bits of Authentication [No Checking]',
}

const spiText = (spi: bigint): string => spi.toString(16).padStart(16, '0')

/** SPIs, SK_ei, SK_er, cipher, SK_ai, SK_ar, integrity. Undefined for a suite that Wireshark cannot decrypt. */
export function ikeTableLine({
  initiatorSpi,
  responderSpi,
  suite,
  keys,
}: Pick<IkeSa, 'initiatorSpi' | 'responderSpi' | 'suite' | 'keys'>): string | undefined {
  const cipher = ikeCipher(suite)
  if (cipher === undefined) return undefined
  const integrity = suite.integrity === undefined ? 'NONE [RFC4306]' : ikeIntegrities[suite.integrity]
  const hex = (key: Uint8Array | undefined): string => (key === undefined ? '' : toHex(key))
  return [
    spiText(initiatorSpi),
    spiText(responderSpi),
    hex(keys.ei),
    hex(keys.er),
    `"${cipher}"`,
    hex(keys.ai),
    hex(keys.ar),
    `"${integrity}"`,
  ].join(',')
}

// ---------------------------------------------------------------- ESP SAs

/** Without a row: Wireshark has no such cipher for ESP. */
const espCiphers: Partial<Readonly<Record<EncryptionName, string>>> = {
  null: 'NULL',
  'des-cbc': 'DES-CBC [RFC2405]',
  '3des-cbc': 'TripleDES-CBC [RFC2451]',
  'blowfish-cbc': 'BLOWFISH-CBC [RFC2451]',
  'cast-cbc': 'CAST5-CBC [RFC2144]',
  'aes-cbc': 'AES-CBC [RFC3602]',
  'aes-ctr': 'AES-CTR [RFC3686]',
  'aes-gcm-8': 'AES-GCM with 8 octet ICV [RFC4106]',
  'aes-gcm-12': 'AES-GCM with 12 octet ICV [RFC4106]',
  'aes-gcm-16': 'AES-GCM with 16 octet ICV [RFC4106]',
  'chacha20-poly1305': 'ChaCha20 with Poly1305 [RFC7634]',
}

const espIntegrities: Readonly<Record<IntegrityName, string>> = {
  'hmac-md5-96': 'HMAC-MD5-96 [RFC2403]',
  'hmac-sha1-96': 'HMAC-SHA-1-96 [RFC2404]',
  'hmac-sha256-128': 'HMAC-SHA-256-128 [RFC4868]',
  'hmac-sha384-192': 'HMAC-SHA-384-192 [RFC4868]',
  'hmac-sha512-256': 'HMAC-SHA-512-256 [RFC4868]',
  'aes-xcbc-96': 'ANY 96 bit authentication [no checking]',
  'aes-cmac-96': 'ANY 96 bit authentication [no checking]',
}

/**
 * Family, source, destination, SPI, cipher with its key (salt behind it), integrity with its key, length of sequence numbers.
 * Addresses are left open: a NAT changes them, and the SPI says enough. The last two fields are of newer versions, which take the
 * usual for absent ones.
 */
function espTableLine(family: 4 | 6, spi: EspSpi, suite: EspSuite, keys: DirectionKeys): readonly string[] {
  const { encryptionKey, integrityKey } = keys
  const cipher = espCiphers[suite.encryption]
  if (cipher === undefined) return []
  const fields = [
    `IPv${family}`,
    '*',
    '*',
    `0x${spi.toString(16).padStart(8, '0')}`,
    cipher,
    `0x${toHex(encryptionKey)}`,
    suite.integrity === undefined ? 'NULL' : espIntegrities[suite.integrity],
    integrityKey === undefined ? '' : `0x${toHex(integrityKey)}`,
    ...(suite.extendedSequenceNumbers ? ['64-bit', '0'] : []),
  ]
  return [fields.map((field) => `"${field}"`).join(',')]
}

/** Both directions of a Child SA; none for a suite that Wireshark cannot decrypt. `family` is that of the addresses outside. */
export const espTableLines = (family: 4 | 6, child: ChildSa, keys: ChildKeys): readonly string[] => [
  ...espTableLine(family, child.outboundSpi, child.suite, keys.outbound),
  ...espTableLine(family, child.inboundSpi, child.suite, keys.inbound),
]

// ---------------------------------------------------------------- switch

export class KeyExport {
  readonly #open: OpenKeyFiles | undefined
  readonly #log: Log
  #files: KeyFiles | undefined

  constructor(ports: { readonly openKeyFiles?: OpenKeyFiles; readonly log: Log }) {
    this.#open = ports.openKeyFiles
    this.#log = ports.log
  }

  /** Into this directory from now on; undefined: no longer. What was written stays there, it is the person's. */
  set(directory: string | undefined): void {
    this.#files = undefined
    const open = this.#open
    if (directory === undefined || open === undefined) return
    this.#attempt(() => {
      this.#files = open(directory)
      this.#log('warn', 'keys', 'session keys are written down: whoever reads them can read the traffic', {
        directory,
      })
    })
  }

  ikeSa(sa: IkeSa): void {
    const files = this.#files
    if (files === undefined) return
    const line = ikeTableLine(sa)
    const fields = { spi: spiText(sa.initiatorSpi) }
    if (line === undefined) {
      this.#log('warn', 'keys', 'Wireshark cannot decrypt this IKE SA', fields)
      return
    }
    this.#attempt(() => files.append('ikev2_decryption_table', line))
    this.#log('warn', 'keys', "an IKE SA's keys were written down", fields)
  }

  /** What is about to happen to a Child SA; its keys are copied when it is installed. */
  effect(effect: Effect, outerAddress: string): void {
    const files = this.#files
    if (files === undefined) return
    switch (effect.kind) {
      case 'install':
      case 'install-inbound-first':
        this.#attempt(() => {
          const family = outerAddress.includes(':') ? 6 : 4
          for (const line of espTableLines(family, effect.child, effect.keys)) files.append('esp_sa', line)
        })
        return
      case 'switch-outbound':
      case 'remove':
        return
    }
  }

  /** A disk that is full is no reason to end a connection. */
  #attempt(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.#log('warn', 'keys', 'session keys cannot be written', {
        reason: error instanceof Error ? error.message : String(error),
      })
    }
  }
}
