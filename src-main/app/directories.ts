/** Where Culvert keeps its things: the XDG base directories, so that users and namespaces with their own do not meet. */
import { lstatSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { VpnError } from '../../src-shared/errors.ts'

export interface Directories {
  /** Profiles. */
  readonly profiles: string
  /** Keys that are encrypted by themselves. */
  readonly keys: string
  /** Control sockets and the log: gone when the user logs out. */
  readonly runtime: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** XDG Base Directory Specification: a relative path is invalid and ignored. */
const base = (environment: Environment, name: string): string | undefined => {
  const value = environment[name]
  return value !== undefined && isAbsolute(value) ? value : undefined
}

/** The paths; nothing is made. */
export function directoriesFrom(environment: Environment): Directories {
  const home = base(environment, 'HOME') ?? homedir()
  const uid = process.getuid?.() ?? 0
  const config = base(environment, 'XDG_CONFIG_HOME') ?? join(home, '.config')
  const data = base(environment, 'XDG_DATA_HOME') ?? join(home, '.local', 'share')
  return {
    profiles: join(config, 'culvert', 'profiles'),
    keys: join(data, 'culvert', 'keys'),
    runtime: runtimeDirectory(environment, uid),
  }
}

/** Where authorities' signed answers are kept until they run out; may be emptied at any time. */
export function cacheDirectory(environment: Environment): string {
  const home = base(environment, 'HOME') ?? homedir()
  return join(base(environment, 'XDG_CACHE_HOME') ?? join(home, '.cache'), 'culvert', 'revocation')
}

function runtimeDirectory(environment: Environment, uid: number): string {
  const given = base(environment, 'XDG_RUNTIME_DIR')
  if (given !== undefined) return join(given, 'culvert')
  const usual = `/run/user/${uid}`
  return isOwn(usual, uid) ? join(usual, 'culvert') : join(tmpdir(), `culvert-${uid}`)
}

/** Whether it is a directory, not a link to one, and this user's. */
function isOwn(path: string, uid: number): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found !== undefined && found.isDirectory() && found.uid === uid
}

/**
 * Makes the runtime directory, or checks the one that is there: under /tmp anyone may have made it first.
 * Throws VpnError 'host-step-failed' when it belongs to another user or is open to others.
 */
export function ensureRuntimeDirectory(path: string): void {
  const refused = (problem: string, cause?: unknown) =>
    new VpnError('host-step-failed', { step: `the directory ${path} ${problem}` }, cause)
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw refused('cannot be made', error)
  }
  const found = lstatSync(path)
  const uid = process.getuid?.() ?? found.uid
  if (!found.isDirectory() || found.uid !== uid) throw refused('belongs to someone else')
  if ((found.mode & 0o077) !== 0) throw refused('is open to other users; make it private with `chmod 700`')
}
