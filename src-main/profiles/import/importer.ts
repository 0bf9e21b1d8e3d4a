/**
 * What every importer takes and gives. An importer reads one format: bytes in; profiles, secrets and problems out. It opens no
 * file, runs nothing and never throws for what a file says.
 */
import type { Profile } from '../../../src-shared/profile.ts'
import type { Secret } from '../../../src-shared/secret.ts'
import type { PlistValue } from './plist.ts'
import type { XmlElement } from './xml.ts'

export interface ImportInput {
  /** For messages and default names: the file's name without its directory. */
  readonly name: string
  readonly bytes: Uint8Array
  /** Files that the imported one may name, by their relative name; a Map will do. Absent: none are read. */
  readonly files?: {
    get(name: string): Uint8Array | undefined
    /** The names of all of them, where a folder or an archive was given as a whole. */
    keys?(): Iterable<string>
  }
  /** The user name where the file leaves it open. */
  readonly username?: string
  /** What opens a file that is protected as a whole, in UTF-8; the caller wipes it. */
  readonly password?: Uint8Array
}

/**
 * `error`: something needed was lost; look before connecting (or no profile came of it). `warning`: it works, but otherwise or less safely than the file says.
 * `note`: ignored without consequence.
 */
export type ProblemLevel = 'error' | 'warning' | 'note'

export interface ImportProblem {
  readonly level: ProblemLevel
  /** The place: a key's path and, where there are lines, `line 12`. */
  readonly where: string
  readonly problem: string
  readonly advice: string
}

/** A secret that came with a file. The profile refers to it as `{ from: 'store', id }`; what becomes of it, app/import-profiles.ts decides. */
export interface ImportedSecret {
  readonly id: string
  readonly profileId: string
  readonly kind: 'password' | 'psk' | 'key' | 'pkcs12' | 'key-password'
  /** Keys alone: whether the bytes protect themselves, so that they may lie on a disk as they came. PKCS#12 is presumed to. */
  readonly encrypted: boolean
  /** The relative name under which `files` gave it. */
  readonly origin?: string
  readonly value: Secret
}

export interface ImportResult {
  /** The file is protected by a password that was not given, or was wrong. */
  readonly needsPassword?: boolean
  readonly profiles: readonly Profile[]
  readonly secrets: readonly ImportedSecret[]
  readonly problems: readonly ImportProblem[]
}

export interface Importer {
  /** The format's name for people: `strongSwan profile (.sswan)`. */
  readonly format: string
  /** Whether the content, never the file's name, is of this format. */
  recognises(content: ImportContent): boolean
  read(input: ImportInput, content: ImportContent): ImportResult
}

/** The bytes as far as they can be read without knowing the format. */
export interface ImportContent {
  readonly text: string
  /** The JSON value, when the text is JSON. */
  readonly json: unknown
  /** The outermost element, when the text is XML. */
  readonly xml?: XmlElement
  /** The value of an Apple property list, in XML or binary (then there is no text). */
  readonly plist?: PlistValue
}

/** Gathers problems while a file is read. */
export interface ProblemList {
  readonly problems: readonly ImportProblem[]
  add(level: ProblemLevel, where: string, problem: string, advice: string): void
}

/** Most problems of one file that are kept: a person reads ten, a hostile file makes a million. */
const PROBLEM_LIMIT = 200

export function problemList(): ProblemList {
  const problems: ImportProblem[] = []
  return {
    problems,
    add(level, where, problem, advice) {
      if (problems.length < PROBLEM_LIMIT) problems.push({ level, where, problem, advice })
    },
  }
}
