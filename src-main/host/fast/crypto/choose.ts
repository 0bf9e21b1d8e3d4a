/** Chooses, suite by suite, the fastest provider that is there and that gave the right answers. */
import type { PacketArena } from 'tun-tap'
import type { PacketCrypto } from '../../../ports.ts'
import type { ProviderReport } from '../commands.ts'
import { openIpsecMb } from './ipsec-mb.ts'
import { openLibcrypto } from './libcrypto.ts'
import { openNodeProvider } from './node.ts'
import { serves } from './provider.ts'
import type { CipherSuite, CryptoProvider, OpenProvider, ProviderName } from './provider.ts'
import { examineProvider } from './self-test.ts'

const providers: Readonly<Record<ProviderName, OpenProvider>> = {
  'ipsec-mb': openIpsecMb,
  libcrypto: openLibcrypto,
  node: openNodeProvider,
}

export interface ChosenCrypto {
  readonly crypto: Pick<PacketCrypto, 'cipher'>
  /** Of those that were wanted so far, in the order of preference. */
  readonly reports: () => readonly ProviderReport[]
  /** Opens all, wanted or not. */
  readonly openAll: () => void
}

/** What most connections agree on. */
const usual: CipherSuite = { encryption: 'aes-gcm-16', keyBits: 256 }

/**
 * Takes them in the order given. Each is opened and examined when a suite wants it for the first time; the first one for the
 * usual suite, at once. Throws when there is none for that.
 */
export function chooseCrypto(arena: PacketArena, names: readonly ProviderName[]): ChosenCrypto {
  const opened = new Map<
    ProviderName,
    { readonly provider?: CryptoProvider; readonly report: ProviderReport }
  >()

  const open = (name: ProviderName): CryptoProvider | undefined => {
    const known = opened.get(name)
    if (known !== undefined) return known.provider
    try {
      const provider = providers[name](arena)
      // node:crypto is what the others are measured by.
      if (name !== 'node') examineProvider(provider, arena)
      opened.set(name, { provider, report: { name, description: provider.description } })
      return provider
    } catch (error) {
      const refused = error instanceof Error ? error.message : String(error)
      opened.set(name, { report: { name, description: name, refused } })
      return undefined
    }
  }

  const providerFor = (suite: CipherSuite): CryptoProvider => {
    for (const name of names) {
      const provider = serves(name, suite) ? open(name) : undefined
      if (provider !== undefined) return provider
    }
    throw new TypeError(`no cipher provider serves ${suite.encryption}`)
  }

  providerFor(usual)
  return {
    crypto: {
      cipher(parameters) {
        const { encryption, encryptionKey, integrity } = parameters
        const salt = encryption === 'aes-gcm-16' || encryption === 'chacha20-poly1305' ? 4 : 0
        const keyBits = (encryptionKey.length - salt) * 8
        const suite = {
          encryption,
          keyBits,
          ...(integrity === undefined || integrity === 'none' ? {} : { integrity }),
        }
        return providerFor(suite).crypto.cipher(parameters)
      },
    },
    reports: () =>
      names.flatMap((name) => {
        const found = opened.get(name)
        return found === undefined ? [] : [found.report]
      }),
    openAll: () => names.forEach((name) => open(name)),
  }
}
