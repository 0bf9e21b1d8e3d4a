/** Certificates of profiles that end soon or have ended: the user's own, and those that are trusted. */
import { keptCertificateId, validityAt } from '../../src-shared/certificates.ts'
import type { KeptCertificate, Validity } from '../../src-shared/certificates.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { certificateOf } from './certificate-files.ts'

export interface DueCertificate {
  readonly name: string
  readonly notBefore: number
  readonly notAfter: number
  readonly validity: Exclude<Validity, 'valid'>
}

/** Those of the profile that are not simply valid. `kept`: what the profile may refer to. Files are not opened for it. */
export function dueCertificates(
  { local, remote }: Profile,
  kept: readonly KeptCertificate[],
  at: number,
): readonly DueCertificate[] {
  const own =
    local.authentication.method === 'certificate'
      ? [
          ...local.authentication.certificates.slice(0, 1),
          ...(local.authentication.key.from === 'store' ? [local.authentication.key.id] : []),
        ]
      : []
  const trusted = remote.authentication.method === 'certificate' ? remote.authentication.authorities : []
  return [...own, ...trusted].flatMap((text) => {
    const id = keptCertificateId(text)
    const read = id === undefined && text.includes('-----BEGIN') ? certificateOf(text) : undefined
    const found = read === undefined ? kept.find((one) => one.id === id) : { ...read, name: read.subject }
    if (found === undefined) return []
    const { name, notBefore, notAfter } = found
    const validity = validityAt(found, at)
    return validity === 'valid' ? [] : [{ name, notBefore, notAfter, validity }]
  })
}
