/** Finds the private key that belongs to a certificate of swanctl.conf: the file itself seldom says which it is. */
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { keyStanding } from './certificates.ts'
import type { ImportInput } from './importer.ts'
import type { NamedFile } from './swanctl-files.ts'
import { findFile } from './swanctl-files.ts'
import type { SecretEntry } from './swanctl-secrets.ts'

export interface FoundKey {
  readonly file: NamedFile
  readonly encrypted: boolean
  readonly entry: SecretEntry | undefined
}

/** The key that fits the certificate: among those the secrets name, then by the certificate's own file name. */
export function findKey(
  files: ImportInput['files'],
  secretEntries: readonly SecretEntry[],
  certificate: string,
  names: readonly string[],
): FoundKey | undefined {
  const candidates: FoundKey[] = []
  const named = secretEntries.filter((entry) => entry.kind === 'key' && entry.file !== undefined)
  for (const { name, entry } of [
    ...named.map((entry) => ({ name: entry.file ?? '', entry })),
    ...names.map((name) => ({ name, entry: undefined })),
  ]) {
    const file = findFile(files, 'key', name)
    const standing = file.ok ? keyStanding(file.value.bytes) : undefined
    if (file.ok && standing?.kind === 'key')
      candidates.push({ file: file.value, encrypted: standing.encrypted, entry })
  }
  const x509 = new X509Certificate(certificate)
  const fits = candidates.find(({ file, entry }) => fitsCertificate(x509, file.bytes, entry))
  // One that could not be opened may still be it: its passphrase is asked for later.
  return fits ?? candidates.find(({ encrypted, entry }) => encrypted && entry?.bytes() === undefined)
}

function fitsCertificate(
  certificate: X509Certificate,
  bytes: Uint8Array,
  entry: SecretEntry | undefined,
): boolean {
  const passphrase = entry?.bytes()
  const isPem = Buffer.from(bytes).includes('-----BEGIN ')
  for (const type of isPem ? ([undefined] as const) : (['pkcs8', 'pkcs1', 'sec1'] as const)) {
    try {
      const key = createPrivateKey({
        key: Buffer.from(bytes),
        format: isPem ? 'pem' : 'der',
        ...(type === undefined ? {} : { type }),
        ...(passphrase === undefined ? {} : { passphrase: Buffer.from(passphrase) }),
      })
      if (certificate.checkPrivateKey(key)) return true
    } catch {
      // Not a key of this form, or a wrong passphrase: the caller tells that no key was found.
    }
  }
  return false
}
