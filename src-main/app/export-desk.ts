/** A profile for other programs and machines: as text without secrets, or with them under a password. */
import type { ExportFormat, ExportedBundle, ExportedProfile } from '../../src-shared/export.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { exportProfile, exporters } from '../profiles/export/export-profile.ts'
import { fileStem } from '../profiles/export/file-stem.ts'
import type { ProfileStore } from '../profiles/store.ts'
import type { CertificateStore } from './certificate-store.ts'
import { bundleOf } from './export-bundle.ts'
import { withKeptCertificates } from './kept-certificates.ts'
import type { SecretStore } from './secret-store.ts'

export interface ExportDesk {
  /** Rejects with VpnError 'profile-not-found' and 'profile-invalid'. */
  write(profileId: string, format: ExportFormat): Promise<ExportedProfile>
  /** `password`: UTF-8; stays the caller's. Rejects as `write`, and with 'usage' for one that protects nothing. */
  seal(profileId: string, password: Uint8Array): Promise<ExportedBundle>
}

export interface ExportDeskParts {
  readonly profiles: ProfileStore
  readonly secretStore: Pick<SecretStore, 'fetch'>
  readonly certificates: Pick<CertificateStore, 'get'>
}

/** Shorter ones are guessed from the file alone. */
export const SHORTEST_PASSWORD = 8

export function createExportDesk({ profiles, secretStore, certificates }: ExportDeskParts): ExportDesk {
  /** What is kept here alone goes along. */
  const find = async (id: string): Promise<Profile> =>
    withKeptCertificates(await profiles.find(id), (certificateId) => certificates.get(certificateId))

  return {
    async write(profileId, format) {
      const profile = await find(profileId)
      const exported = exportProfile(profile, format)
      if (!exported.ok) return { kind: 'impossible', problem: exported.error }
      const { text, beside, lost } = exported.value
      const name = `${fileStem(profile.name)}${exporters[format].extension}`
      return { kind: 'made', file: { name, text }, beside, lost }
    },
    async seal(profileId, password) {
      if (password.length < SHORTEST_PASSWORD) {
        throw new VpnError('usage', {
          problem: `The password needs ${SHORTEST_PASSWORD} characters at least.`,
        })
      }
      const profile = await find(profileId)
      const baseDirectory = profiles.directory
      const { text, missing } = await bundleOf({ profile, secretStore, baseDirectory }, password)
      return { file: { name: `${fileStem(profile.name)}.culvert.json`, text }, missing }
    },
  }
}
