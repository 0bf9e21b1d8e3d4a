/** What the readers of VPN payloads share: the payload, its name, and the certificates of the whole profile. */
import type { UserCertificate } from './description.ts'
import type { ProblemList } from './importer.ts'
import type { PlistFields } from './plist-fields.ts'

export interface Payloads {
  /** PEM of all certificate payloads. */
  readonly authorities: readonly string[]
  /** By PayloadUUID. */
  readonly certificates: ReadonlyMap<string, readonly string[]>
  readonly containers: Map<string, { readonly bytes: Uint8Array; readonly password: Uint8Array | undefined }>
}

export interface VpnPayload {
  readonly payload: PlistFields
  readonly name: string
  readonly uuid: string | undefined
  readonly known: Payloads
  readonly problems: ProblemList
}

/** The certificate that `PayloadCertificateUUID` names; undefined, and told, when it is not in the profile. */
export function linkedCertificate(
  fields: PlistFields,
  { known, problems }: VpnPayload,
): UserCertificate | undefined {
  const id = fields.text('PayloadCertificateUUID')
  const container = id === undefined ? undefined : known.containers.get(id)
  if (container === undefined) {
    problems.add(
      'error',
      fields.where('PayloadCertificateUUID'),
      'Your certificate and key are not in the profile',
      'Ask the administrator for a profile with a PKCS#12 payload.',
    )
    return undefined
  }
  const { bytes, password } = container
  return {
    certificates: [],
    key: {
      kind: 'pkcs12',
      bytes: bytes.slice(),
      encrypted: true,
      ...(password === undefined ? {} : { password: password.slice() }),
    },
  }
}
