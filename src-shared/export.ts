/** Profiles for other programs and machines, as the window asks for them. */

/** By the name that `culvert export --format` takes, in the order in which they are offered. */
export const exportFormats = [
  'culvert',
  'sswan',
  'mobileconfig',
  'nmconnection',
  'swanctl',
  'profilexml',
  'powershell',
  'link',
] as const
export type ExportFormat = (typeof exportFormats)[number]

export interface ExportFile {
  /** Without a directory, or below the main file's. */
  readonly name: string
  readonly text: string
}

/** A profile in another format, never with a secret in it. */
export type ExportedProfile =
  | {
      readonly kind: 'made'
      readonly file: ExportFile
      /** Certificates that the file names. */
      readonly beside: readonly ExportFile[]
      /** What the format does not hold: the field's path in the profile, and why. */
      readonly lost: readonly { readonly where: string; readonly problem: string }[]
    }
  /** The format cannot hold such a connection at all; why, as a sentence. */
  | { readonly kind: 'impossible'; readonly problem: string }

/** A profile with its secrets, under a password. */
export interface ExportedBundle {
  readonly file: ExportFile
  /** Places in the profile whose secrets are not kept here. */
  readonly missing: readonly string[]
}
