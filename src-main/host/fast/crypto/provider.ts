/** What stands behind the fast data plane's ciphers: native libraries where there are any, node:crypto everywhere. */
import type { PacketArena } from 'tun-tap'
import type { EspSuite } from '../../../../src-shared/algorithms.ts'
import type { PacketCrypto } from '../../../ports.ts'

export const providerNames = ['ipsec-mb', 'libcrypto', 'node'] as const
export type ProviderName = (typeof providerNames)[number]

export type CipherSuite = Pick<EspSuite, 'encryption' | 'keyBits' | 'integrity'>

/** Which suites each serves. What Culvert recommends is the first three rows' business, the rest is node:crypto's. */
export function serves(name: ProviderName, { encryption, integrity }: CipherSuite): boolean {
  switch (name) {
    case 'ipsec-mb':
      return encryption === 'aes-gcm-16'
    case 'libcrypto':
      if (encryption === 'aes-cbc') return integrity?.startsWith('hmac-') ?? false
      return encryption === 'aes-gcm-16' || encryption === 'chacha20-poly1305'
    case 'node':
      return true
  }
}

/** A provider that is loaded. Its ciphers work on packets inside the arena it was opened for, and throw for others. */
export interface CryptoProvider {
  readonly name: ProviderName
  /** As the user sees it: library, version, the instructions it uses. */
  readonly description: string
  readonly crypto: Pick<PacketCrypto, 'cipher'>
}

/** Throws what says why it cannot be used here. */
export type OpenProvider = (arena: PacketArena) => CryptoProvider
