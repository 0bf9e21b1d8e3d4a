/** Certificates that are labels, keys that are real: what IKE does with a Trust, without X.509. */
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { fail, ok } from '../../src-shared/result.ts'
import type { SigningKey, Trust, VerifyingKey } from '../../src-main/ports.ts'
import { formatIdentity } from '../../src-main/ike/identity.ts'

export interface FakeCertificate {
  readonly certificate: Uint8Array
  readonly key: SigningKey
}

export interface FakePki {
  /** A certificate that names this identity, padded to so many bytes. */
  issue(identity: string, size?: number): FakeCertificate
  /** Believes what was issued here. */
  readonly trust: Trust
}

const authority = new Uint8Array(20).fill(0xca)

export function createFakePki(): FakePki {
  const issued = new Map<string, VerifyingKey>()
  return {
    issue(identity, size = 64) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519')
      const label = identity.padEnd(size, ' ')
      issued.set(label, {
        type: 'ed25519',
        verify: (scheme, data, signature) =>
          scheme.kind === 'ed25519' && verify(null, data, publicKey, signature),
      })
      return {
        certificate: Uint8Array.from(Buffer.from(label)),
        key: { type: 'ed25519', sign: (_scheme, data) => Uint8Array.from(sign(null, data, privateKey)) },
      }
    },
    trust: {
      verify({ certificates, identity }) {
        const label = Buffer.from(certificates[0] ?? new Uint8Array()).toString()
        const key = issued.get(label)
        if (key === undefined) return Promise.resolve(fail({ code: 'certificate-untrusted', details: {} }))
        if (label.trim() !== formatIdentity(identity))
          return Promise.resolve(fail({ code: 'certificate-wrong-name', details: {} }))
        return Promise.resolve(ok({ key, subject: label.trim() }))
      },
      authorityKeyHashes: () => [authority],
    },
  }
}
