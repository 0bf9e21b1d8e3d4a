/** node:crypto behind the fast data plane: every suite, on every machine; it works on the arena's bytes as on any others. */
import { createPacketCrypto } from '../../crypto/packet-crypto.ts'
import type { OpenProvider } from './provider.ts'

export const openNodeProvider: OpenProvider = () => ({
  name: 'node',
  description: `node:crypto (OpenSSL ${process.versions.openssl})`,
  crypto: createPacketCrypto(),
})
