/** What every exporter takes and gives: a profile in; a file, what lies beside it, and what the format cannot hold out. No secret ever. */
import type { Profile } from '../../../src-shared/profile.ts'
import type { Result } from '../../../src-shared/result.ts'

export interface LostField {
  /** The field's path in the profile. */
  readonly where: string
  readonly problem: string
}

export interface ExportedFile {
  /** Relative to the main file's directory. */
  readonly name: string
  readonly text: string
}

export interface Exported {
  readonly text: string
  /** Certificates that the main file names. */
  readonly beside: readonly ExportedFile[]
  readonly lost: readonly LostField[]
}

export interface Exporter {
  /** For people. */
  readonly label: string
  /** With its dot; added to the profile's name. */
  readonly extension: string
  /** Fails with a sentence when the format cannot hold such a connection at all. */
  write(profile: Profile): Result<Exported, string>
}
