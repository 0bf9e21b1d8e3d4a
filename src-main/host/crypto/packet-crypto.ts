/**
 * ESP's ciphers over node:crypto, working in place on a packet slot. Node makes an object and an output buffer a packet; nothing
 * else is allocated here but views.
 */
import { cipherKind } from '../../../src-shared/algorithms.ts'
import type { IntegrityName } from '../../../src-shared/algorithms.ts'
import type { PacketCrypto } from '../../ports.ts'
import { checkValue, createPacketIntegrity, noCheckValue } from './integrity.ts'
import type { CheckValue } from './integrity.ts'
import { authenticated, bareCbc, bareCtr, bareNull } from './packet-authenticated.ts'
import { combined, gmac } from './packet-combined.ts'

export const createPacketCrypto = (): PacketCrypto => ({
  integrity: ({ integrity, key }) => createPacketIntegrity(integrity, key),
  cipher: ({ encryption, encryptionKey, integrity, integrityKey }) => {
    const cipher = cipherKind(encryption)
    const beside = (): CheckValue => {
      if (integrity === 'none') return noCheckValue
      if (integrity === undefined || integrityKey === undefined)
        throw new TypeError(`${encryption} needs an integrity algorithm`)
      return checkValue(integrity, integrityKey)
    }
    switch (cipher.kind) {
      case 'aead':
        assertAlone(encryption, integrity)
        return combined(cipher.name, encryptionKey)
      case 'gmac':
        assertAlone(encryption, integrity)
        return gmac(encryptionKey)
      case 'cbc':
        return authenticated(bareCbc(cipher.name, encryptionKey), beside())
      case 'ctr':
        return authenticated(bareCtr(cipher.name, encryptionKey), beside())
      case 'null':
        // RFC 4303 section 3.2: not both at once.
        if (integrity === 'none') throw new TypeError('neither encryption nor integrity')
        return authenticated(bareNull, beside())
    }
  },
})

/** RFC 4106 section 6, RFC 7634 section 2: no other integrity beside it. */
function assertAlone(encryption: string, integrity: IntegrityName | 'none' | undefined): void {
  if (integrity !== undefined) throw new TypeError(`${encryption} takes no integrity algorithm`)
}
