/**
 * What a front end may ask and see. One boundary type, carried by a socket (terminal), by contextBridge (desktop) or called
 * directly (tests). Secrets go one way: in.
 */
import type { KeptCertificate } from './certificates.ts'
import type { Failure } from './errors.ts'
import type { ExchangeMessage } from './exchange-message.ts'
import type { ExportFormat, ExportedBundle, ExportedProfile } from './export.ts'
import type { FieldProblem, ImportPreview, Library, SecretKind } from './library.ts'
import type { NetworkReport } from './network-report.ts'
import type { Profile } from './profile.ts'
import type { ProposalKind, ProposalMeaning, SuiteCatalogue } from './proposal-choice.ts'
import type { Result } from './result.ts'
import type { Settings } from './settings.ts'
import type { ConnectionStatus } from './status.ts'

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  readonly area: string
  readonly message: string
  readonly fields?: Readonly<Record<string, string | number | boolean>>
}

/** The demo office: a gateway, an office behind it and a client in network namespaces of their own on this machine. */
export type DemoState =
  | { readonly kind: 'stopped' }
  /** This machine denies what it needs; `advice` says what to do. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly advice: string }
  | { readonly kind: 'starting'; readonly step: string }
  /** Its connection stands among `connections` under this id; `page` is what the office's web server answered. */
  | { readonly kind: 'running'; readonly profileId: string; readonly page?: string; readonly pingMs?: number }

/** What this program and machine are; for the settings' foot and reports. */
export interface About {
  readonly version: string
  readonly runtime: string
  readonly machine: string
  /** The helper with the rights to set up the network: there, or what is missing. */
  readonly helper: 'ready' | 'asks-permission' | 'missing'
  /** The data plane's kind and crypto provider, and why not a faster one. */
  readonly dataPlane: string
  readonly keyring: 'available' | 'locked' | 'none'
  readonly keyExportPath?: string
}

/** A bug or trouble that no connection owns, caught once in the main process. */
export interface Notice {
  readonly id: number
  readonly at: number
  readonly failure: Failure
}

/** Name of a command → its arguments and its result: those of whatever carries connections, a terminal or the app. */
export interface ConnectionCommands {
  connect: { arguments: { readonly profileId: string }; result: undefined }
  disconnect: { arguments: { readonly profileId?: string }; result: undefined }
  answer: { arguments: { readonly id: number; readonly secret: string }; result: undefined }
  decline: { arguments: { readonly id: number }; result: undefined }
}

/** What the desktop app can do besides. */
export interface Commands extends ConnectionCommands {
  /** Every problem of what is being edited; empty when it can be saved. `draft` is a profile as far as it has been filled in. */
  checkProfile: { arguments: { readonly draft: unknown }; result: readonly FieldProblem[] }
  /** Saves a new or changed profile; `secrets` go to the keyring, or are refused where there is none. */
  saveProfile: {
    arguments: {
      readonly profile: Profile
      readonly secrets: readonly { readonly kind: SecretKind; readonly secret: string }[]
    }
    result: undefined
  }
  duplicateProfile: { arguments: { readonly profileId: string }; result: { readonly profileId: string } }
  /** They can be brought back by `restoreProfiles` until the app ends. */
  deleteProfiles: { arguments: { readonly profileIds: readonly string[] }; result: undefined }
  restoreProfiles: { arguments: { readonly profileIds: readonly string[] }; result: undefined }
  /** The whole order; entries that are not named keep theirs, at the end. */
  arrangeProfiles: {
    arguments: {
      readonly entries: readonly {
        readonly profileId: string
        readonly folder?: string
        readonly favourite: boolean
      }[]
    }
    result: undefined
  }
  forgetSecrets: { arguments: { readonly profileId: string }; result: undefined }

  previewImport: {
    arguments: {
      readonly files: readonly { readonly name: string; readonly base64: string }[]
      /** Where the files leave it open. */
      readonly username?: string
      /** Of files that are protected as a whole. */
      readonly password?: string
    }
    result: ImportPreview
  }
  /** Reads the files of a preview once more, with what they lacked; the earlier preview is discarded. */
  previewAgain: {
    arguments: { readonly id: number; readonly username?: string; readonly password?: string }
    result: ImportPreview
  }
  /** Keeps the chosen profiles of a preview; gives their ids. */
  keepImport: {
    arguments: { readonly id: number; readonly profileIds: readonly string[] }
    result: { readonly profileIds: readonly string[] }
  }
  discardImport: { arguments: { readonly id: number }; result: undefined }

  /** In another program's format or Culvert's own, without its secrets; nothing is written to a disk here. */
  exportProfile: {
    arguments: { readonly profileId: string; readonly format: ExportFormat }
    result: ExportedProfile
  }
  /** With its secrets, under this password. */
  exportBundle: {
    arguments: { readonly profileId: string; readonly password: string }
    result: ExportedBundle
  }

  /**
   * Keeps what is in the files: a certificate with its key, or trusted ones. Fails with 'secret-missing' when a password is needed
   * or wrong, and with 'usage' and the reason `unprotected-key` when a key needs `protectWith`, as there is no keyring.
   */
  addCertificates: {
    arguments: {
      readonly files: readonly { readonly name: string; readonly base64: string }[]
      /** What opens the files. */
      readonly password?: string
      /** What shall protect a key that has no password. */
      readonly protectWith?: string
    }
    result: { readonly certificateIds: readonly string[] }
  }
  /** With its private key. Fails while a profile uses it. */
  removeCertificate: { arguments: { readonly certificateId: string }; result: undefined }

  readProposal: {
    arguments: { readonly kind: ProposalKind; readonly text: string }
    result:
      | { readonly valid: true; readonly meaning: ProposalMeaning }
      | { readonly valid: false; readonly problem: string }
  }

  changeSettings: { arguments: Partial<Settings>; result: undefined }
  startDemo: { arguments: Record<string, never>; result: undefined }
  stopDemo: { arguments: Record<string, never>; result: undefined }
  /** Looks at this machine and, for a profile, asks its gateway whether it answers from here; takes up to ten seconds. */
  checkNetwork: { arguments: { readonly profileId?: string }; result: NetworkReport }
  /** The log, the machine and the profiles without anything secret or personal that is not needed, as text. */
  makeReport: { arguments: Record<string, never>; result: { readonly text: string } }
  /** Forgets the messages seen so far. */
  clearExchanges: { arguments: Record<string, never>; result: undefined }
  dismissNotice: { arguments: { readonly id: number }; result: undefined }
  /** Lets everything out again that the kill switch holds, until the next connection. */
  releaseKillSwitch: { arguments: Record<string, never>; result: undefined }
}

/** Name of a slice → its whole value; a snapshot first, then each new value. */
export interface ConnectionSlices {
  connections: readonly ConnectionStatus[]
  log: readonly LogLine[]
  /** The newest last; at most 500. */
  exchanges: readonly ExchangeMessage[]
}

export interface Slices extends ConnectionSlices {
  library: Library
  /** By name; those that profiles refer to, or may. */
  certificates: readonly KeptCertificate[]
  settings: Settings
  suites: SuiteCatalogue
  demo: DemoState
  /** An import that came from outside the window: an opened file, a link. */
  incomingImport: ImportPreview | null
  about: About
  notices: readonly Notice[]
}

/** A table of commands: what a Bridge is over. */
export type CommandTable<Names> = { readonly [Name in keyof Names]: { arguments: unknown; result: unknown } }

export interface BridgeOver<C extends CommandTable<C>, S> {
  call<Name extends keyof C>(
    name: Name,
    argument: C[Name]['arguments'],
  ): Promise<Result<C[Name]['result'], Failure>>
  snapshot<Name extends keyof S>(name: Name): Promise<S[Name]>
  /** Gives the way to stop listening. */
  subscribe<Name extends keyof S>(name: Name, listener: (value: S[Name]) => void): () => void
  close(): void
}

/** Between the app and its window. */
export type Bridge = BridgeOver<Commands, Slices>

/** Between processes that carry connections: terminals, the app. */
export type ConnectionBridge = BridgeOver<ConnectionCommands, ConnectionSlices>
