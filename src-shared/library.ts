/** The person's profiles as a list they arrange, and what an import would bring. */
import type { Profile } from './profile.ts'

/** How a secret of a profile is had when it is needed. */
export type SecretPlace = 'kept' | 'asked' | 'file'

export interface LibraryEntry {
  readonly profile: Profile
  /** Absent: at the top. */
  readonly folder?: string
  readonly favourite: boolean
  readonly secrets: Readonly<Partial<Record<SecretKind, SecretPlace>>>
  /** When it last connected, milliseconds since 1970. */
  readonly lastConnectedAt?: number
}

export type SecretKind = 'psk' | 'gateway-psk' | 'password' | 'key' | 'key-password'

/** The slice `library`, in the person's order. */
export interface Library {
  readonly entries: readonly LibraryEntry[]
  readonly folders: readonly string[]
  /** Files that could not be read as profiles: name and why. */
  readonly unreadable: readonly { readonly file: string; readonly problem: string }[]
  /** Whether there is a safe place for secrets; when not, why, in a sentence, and they are asked for each time. */
  readonly keepsSecrets: { readonly yes: true } | { readonly yes: false; readonly reason: string }
}

export interface FieldProblem {
  /** The field's path with dots: `gateway.address`, `proposals.ike.0`. */
  readonly field: string
  readonly problem: string
}

export interface ImportProblem {
  readonly level: 'error' | 'warning' | 'note'
  readonly where: string
  readonly problem: string
  readonly advice: string
}

/** What would be made of the given files; nothing is stored yet. */
export interface ImportPreview {
  readonly id: number
  readonly files: readonly {
    readonly name: string
    /** `strongSwan profile (.sswan)`; absent: not recognised. */
    readonly format?: string
    /** It is protected as a whole: preview it again with its password. */
    readonly needsPassword?: boolean
    readonly problems: readonly ImportProblem[]
  }[]
  readonly profiles: readonly {
    readonly profile: Profile
    readonly file: string
    /** A profile of this id is there and would be replaced. */
    readonly replaces: boolean
    /** Secrets the file brought. */
    readonly brings: readonly SecretKind[]
    /** Secrets that will be asked for at the first connection. */
    readonly missing: readonly SecretKind[]
  }[]
}
