/** What makes an ISAKMP SA's conversations: its cipher, their first IVs, and how their first messages prove genuine. */
import type { Crypto } from '../../ports.ts'
import type { IsakmpSa } from './configuration.ts'
import { isGenuine } from './hashes.ts'
import { phase2Iv, prfOf } from './keys.ts'
import type { Protection } from './peer.ts'

export function protectionOf(crypto: Crypto, sa: IsakmpSa): Protection {
  const prf = prfOf(crypto, sa.suite.hash)
  return {
    cipher: sa.cipher,
    ivOf: (id) => phase2Iv(crypto, sa.suite, sa.lastBlock, id),
    isGenuine: (message) => isGenuine(crypto, prf, sa.keys.a, message),
  }
}
