/** What stands behind the fast data plane's ciphers: native libraries where there are any, node:crypto everywhere. */
import type { PacketArena } from 'tun-tap'
import type { EspSuite } from '../../../../src-shared/algorithms.ts'
import type { PacketCrypto } from '../../../ports.ts'

export const providerNames = ['ipsec-mb', 'libcrypto', 'node'] as const
export type ProviderName = (typeof providerNames)[number]

/** A provider that is loaded. Its ciphers work on packets inside the arena it was opened for, and throw for others. */
export interface CryptoProvider {
  readonly name: ProviderName
  /** As the user sees it: library, version, the instructions it uses. */
  readonly description: string
  supports(suite: Pick<EspSuite, 'encryption' | 'keyBits' | 'integrity'>): boolean
  readonly crypto: PacketCrypto
}

/** Throws what says why it cannot be used here. */
export type OpenProvider = (arena: PacketArena) => CryptoProvider
