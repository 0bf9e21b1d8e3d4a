/** A private key on a token as a SigningKey: it signs there and never leaves it (OASIS PKCS #11 mechanisms, sections 2.1, 2.3). */
import { createHash } from 'node:crypto'
import type { HashName } from '../../../src-shared/algorithms.ts'
import type { KeyType, SignatureScheme, SigningKey } from '../../ports.ts'
import type { Mechanism, Module } from './module.ts'
import { ulongBytes } from './module.ts'

/** CKM_… */
const MechanismType = { RSA_PKCS: 0x1, RSA_PKCS_PSS: 0xd, ECDSA: 0x1041, EDDSA: 0x1057 } as const

interface HashRow {
  /** DigestInfo up to the hash (RFC 8017 section 9.2, note 1). */
  readonly prefix: string
  /** CKM_… of the hash and CKG_MGF1_… with it. */
  readonly type: number
  readonly mask: number
}

const hashes: Readonly<Record<HashName, HashRow | undefined>> = {
  md5: undefined,
  sha1: { prefix: '3021300906052b0e03021a05000414', type: 0x220, mask: 1 },
  sha256: { prefix: '3031300d060960864801650304020105000420', type: 0x250, mask: 2 },
  sha384: { prefix: '3041300d060960864801650304020205000430', type: 0x260, mask: 3 },
  sha512: { prefix: '3051300d060960864801650304020305000440', type: 0x270, mask: 4 },
}

const digest = (name: HashName, data: Uint8Array): Uint8Array => createHash(name).update(data).digest()

/** An INTEGER in DER, not negative (X.690 section 8.3). */
function derInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const short = Buffer.from(bytes.subarray(first === -1 ? bytes.length - 1 : first))
  const content = (short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short
  return Buffer.concat([Buffer.of(0x02, content.length), content])
}

/** ECDSA-Sig-Value (RFC 3279 section 2.2.3) of r and s side by side. */
export function ecdsaDer(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2
  const content = Buffer.concat([derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half))])
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length]
  return Uint8Array.from(Buffer.concat([Buffer.of(0x30, ...length), content]))
}

interface Work {
  readonly mechanism: Mechanism
  readonly data: Uint8Array
  readonly encode?: (signature: Uint8Array) => Uint8Array
}

/** What the token is asked for; undefined when the scheme is not one of this type of key. */
function workFor(type: KeyType, scheme: SignatureScheme, data: Uint8Array): Work | undefined {
  const isRsa = type === 'rsa'
  const isEcdsa = type.startsWith('ecdsa')
  switch (scheme.kind) {
    case 'rsa-pkcs1': {
      const row = hashes[scheme.hash]
      if (!isRsa || row === undefined) return undefined
      const info = Buffer.concat([Buffer.from(row.prefix, 'hex'), digest(scheme.hash, data)])
      return { mechanism: { type: MechanismType.RSA_PKCS }, data: info }
    }
    case 'rsa-pss': {
      const row = hashes[scheme.hash]
      if (!isRsa || row === undefined) return undefined
      // CK_RSA_PKCS_PSS_PARAMS: hashAlg, mgf, sLen.
      const parameter = ulongBytes(row.type, row.mask, scheme.saltLength)
      return { mechanism: { type: MechanismType.RSA_PKCS_PSS, parameter }, data: digest(scheme.hash, data) }
    }
    case 'ecdsa': {
      if (!isEcdsa) return undefined
      const mechanism = { type: MechanismType.ECDSA }
      const hashed = digest(scheme.hash, data)
      return { mechanism, data: hashed, ...(scheme.encoding === 'der' ? { encode: ecdsaDer } : {}) }
    }
    case 'ed25519':
      return type === 'ed25519' ? { mechanism: { type: MechanismType.EDDSA }, data } : undefined
    case 'rsa-pkcs1-unnamed':
      return isRsa ? { mechanism: { type: MechanismType.RSA_PKCS }, data } : undefined
    case 'ecdsa-prehashed':
      return isEcdsa ? { mechanism: { type: MechanismType.ECDSA }, data } : undefined
  }
}

/** Signing throws TypeError for a scheme of another type of key, TokenError when the token does not do it. */
export const tokenSigningKey = (module: Module, session: number, key: number, type: KeyType): SigningKey => ({
  type,
  sign(scheme, data) {
    const work = workFor(type, scheme, data)
    if (work === undefined) throw new TypeError(`a key of type ${type} makes no ${scheme.kind} signature`)
    const signature = module.sign(session, key, work.mechanism, work.data)
    return work.encode?.(signature) ?? signature
  },
})
