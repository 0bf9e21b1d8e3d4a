/** Chooses, suite by suite, the fastest provider that is there and that gave the right answers. */
import type { PacketArena } from 'tun-tap'
import type { PacketCrypto } from '../../../ports.ts'
import type { ProviderReport } from '../commands.ts'
import { openIpsecMb } from './ipsec-mb.ts'
import { openLibcrypto } from './libcrypto.ts'
import { openNodeProvider } from './node.ts'
import { examineProvider } from './self-test.ts'
import { serves } from './provider.ts'
import type { CryptoProvider, OpenProvider, ProviderName } from './provider.ts'

const providers: Readonly<Record<ProviderName, OpenProvider>> = {
  'ipsec-mb': openIpsecMb,
  libcrypto: openLibcrypto,
  node: openNodeProvider,
}

export interface ChosenCrypto {
  readonly crypto: PacketCrypto
  /** In the order of preference. */
  readonly reports: readonly ProviderReport[]
}

/** Opens and examines them in the order given. Throws when none is left. */
export function chooseCrypto(arena: PacketArena, names: readonly ProviderName[]): ChosenCrypto {
  const usable: CryptoProvider[] = []
  const reports = names.map((name): ProviderReport => {
    try {
      const provider = providers[name](arena)
      // node:crypto is what the others are measured by.
      if (name !== 'node') examineProvider(provider, arena)
      usable.push(provider)
      return { name, description: provider.description }
    } catch (error) {
      return { name, description: name, refused: error instanceof Error ? error.message : String(error) }
    }
  })
  if (usable.length === 0) throw new Error('no cipher provider can be used')
  return { crypto: bySuite(usable), reports }
}

const bySuite = (usable: readonly CryptoProvider[]): PacketCrypto => ({
  cipher(parameters) {
    const { encryption, encryptionKey, integrity } = parameters
    const salt = encryption === 'aes-cbc' ? 0 : 4
    const suite = {
      encryption,
      keyBits: (encryptionKey.length - salt) * 8,
      ...(integrity === undefined ? {} : { integrity }),
    }
    const provider = usable.find(({ name }) => serves(name, suite))
    if (provider === undefined) throw new TypeError(`no cipher provider serves ${encryption}`)
    return provider.crypto.cipher(parameters)
  },
})
