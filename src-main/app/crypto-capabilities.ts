/** What this machine's crypto can do, found out by doing it once: a runtime's own library (BoringSSL, OpenSSL) may lack an algorithm. */
import { cipherKind } from '../../src-shared/algorithms.ts'
import type { EncryptionName, GroupName, IntegrityName, PrfName } from '../../src-shared/algorithms.ts'
import { macOf, prfOf } from '../ike/mac.ts'
import type { MacPorts } from '../ike/mac.ts'
import { encryptions } from '../ike/encryptions.ts'
import { integrities, keyLengths } from '../ike/suites.ts'
import type { Crypto, PacketCrypto } from '../ports.ts'

export interface CryptoCapabilities {
  /** In IKE's own messages and in ESP. */
  encryption(name: EncryptionName, keyBits: number): boolean
  integrity(name: IntegrityName): boolean
  prf(name: PrfName): boolean
  group(name: GroupName): boolean
}

export function cryptoCapabilities(
  crypto: Pick<Crypto, 'aead' | 'cbc' | 'ctr' | 'keyExchange'> & MacPorts,
  packetCrypto: PacketCrypto,
): CryptoCapabilities {
  const known = new Map<string, boolean>()
  const once = (what: string, attempt: () => void): boolean => {
    const found = known.get(what)
    if (found !== undefined) return found
    const can = succeeds(attempt)
    known.set(what, can)
    return can
  }
  return {
    encryption: (name, keyBits) =>
      once(`${name} ${keyBits}`, () => {
        sealOnce(crypto, name, keyBits)
        const { isCombined } = encryptions[name]
        packetCrypto
          .cipher({
            encryption: name,
            encryptionKey: new Uint8Array(keyLengths({ encryption: name, keyBits }).encryption),
            ...(isCombined ? {} : { integrity: 'hmac-sha256-128', integrityKey: new Uint8Array(32) }),
          })
          .destroy()
      }),
    integrity: (name) => once(name, () => macOf(crypto, integrities[name].mac)(new Uint8Array(16))),
    prf: (name) => once(name, () => prfOf(crypto, name)(new Uint8Array(16))),
    // A MODP group is arithmetic, which every library has; some take seconds to check its prime.
    group: (name) =>
      name.startsWith('modp') || once(name, () => crypto.keyExchange(name).initiate().discard()),
  }
}

/** As IKE's own messages use it; what never protects them is tried with packets alone. */
function sealOnce(crypto: Pick<Crypto, 'aead' | 'cbc' | 'ctr'>, name: EncryptionName, keyBits: number): void {
  const cipher = cipherKind(name)
  const { saltLength, ivLength } = encryptions[name]
  const key = new Uint8Array(keyBits / 8)
  switch (cipher.kind) {
    case 'aead':
      crypto
        .aead(cipher.name, key)
        .seal(new Uint8Array(saltLength + ivLength), new Uint8Array(0), new Uint8Array(16))
      break
    case 'cbc':
      crypto.cbc(cipher.name, key).encrypt(new Uint8Array(ivLength), new Uint8Array(16))
      break
    case 'ctr':
      crypto.ctr(cipher.name, key).crypt(new Uint8Array(16), new Uint8Array(16))
      break
    case 'null':
    case 'gmac':
      break
  }
}

function succeeds(attempt: () => void): boolean {
  try {
    attempt()
    return true
  } catch {
    // Whatever it says, it cannot be used.
    return false
  }
}
