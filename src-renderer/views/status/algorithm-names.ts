/** What people call the algorithms an SA has agreed on. */
import type { EspSuite, IkeSuite, Protection } from '../../../src-shared/algorithms.ts'

// A name this table does not know yet is shown as it is: an algorithm must never be invisible.
const names: Readonly<Record<string, string>> = {
  'chacha20-poly1305': 'ChaCha20-Poly1305',
  'hmac-sha1-96': 'HMAC-SHA1-96',
  'hmac-sha256-128': 'HMAC-SHA2-256-128',
  'hmac-sha384-192': 'HMAC-SHA2-384-192',
  'hmac-sha512-256': 'HMAC-SHA2-512-256',
  'hmac-sha1': 'HMAC-SHA1',
  'hmac-sha256': 'HMAC-SHA2-256',
  'hmac-sha384': 'HMAC-SHA2-384',
  'hmac-sha512': 'HMAC-SHA2-512',
  curve25519: 'Curve25519',
  modp2048: 'MODP-2048',
  modp3072: 'MODP-3072',
  modp4096: 'MODP-4096',
  ecp256: 'ECP-256',
  ecp384: 'ECP-384',
  ecp521: 'ECP-521',
}

export const algorithmName = (name: string): string => names[name] ?? name.toUpperCase()

/** `AES-256-GCM`, `AES-128-CBC`, `ChaCha20-Poly1305`. */
export function encryptionName({ encryption, keyBits }: Protection): string {
  const [family, mode] = encryption.split('-')
  return family === 'aes' && mode !== undefined
    ? `AES-${keyBits}-${mode.toUpperCase()}`
    : algorithmName(encryption)
}

/** The suite in one line, the way an administrator would say it. */
export function suiteLine(suite: IkeSuite | EspSuite): string {
  return [
    encryptionName(suite),
    ...(suite.integrity === undefined ? [] : [algorithmName(suite.integrity)]),
    ...('prf' in suite ? [algorithmName(suite.prf)] : []),
    ...(suite.group === undefined ? [] : [algorithmName(suite.group)]),
  ].join(' · ')
}
