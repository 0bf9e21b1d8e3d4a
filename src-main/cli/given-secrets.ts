/** The secrets that `up` is given in files or on standard input, in place of what the profile says of them. */
import { resolve } from 'node:path'
import type { Question } from '../../src-shared/status.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Secret } from '../../src-shared/secret.ts'
import { firstLineOnly, readSecretFile } from '../app/secrets.ts'
import type { Log } from '../ports.ts'
import { withReferences } from '../profiles/references.ts'
import type { Cli } from './context.ts'

export interface SecretOptions {
  readonly passwordFile?: string
  readonly p12PasswordFile?: string
  readonly pskFile?: string
}

/** Kinds of secrets that can be given in a file. */
export type Given = 'password' | 'key-password' | 'psk'

export interface GivenSecrets {
  readonly kinds: ReadonlySet<Given>
  /** A copy of the answer, when it is given. */
  answerTo(kind: Question['kind']): Secret | undefined
  wipe(): void
}

const STDIN_LIMIT = 4096

/** Reads the files that the options name; `-` is standard input, for one of them. Throws VpnError 'usage' or 'secret-missing'. */
export async function readGivenSecrets(cli: Cli, options: SecretOptions, log: Log): Promise<GivenSecrets> {
  const files: readonly (readonly [Given, string | undefined])[] = [
    ['password', options.passwordFile],
    ['key-password', options.p12PasswordFile],
    ['psk', options.pskFile],
  ]
  if (files.filter(([, file]) => file === '-').length > 1) {
    throw new VpnError('usage', {
      problem: 'Standard input can give one secret only; put the others in files.',
    })
  }
  const secrets = new Map<Given, Secret>()
  for (const [kind, file] of files) {
    if (file === undefined) continue
    secrets.set(kind, file === '-' ? await fromStdin(cli) : await readSecretFile(resolve(file), kind, log))
  }
  return {
    kinds: new Set(secrets.keys()),
    answerTo(kind) {
      // A one-time code is never the password: it is asked for (a password sent in its place has been stored as one elsewhere).
      if (kind === 'one-time-code') return undefined
      return secrets.get(kind === 'p12-password' ? 'key-password' : kind)?.copy()
    },
    wipe() {
      for (const secret of secrets.values()) secret.wipe()
      secrets.clear()
    },
  }
}

/** The profile that asks for what is given, wherever it says that the secret is. */
export const overrideReferences = (profile: Profile, given: ReadonlySet<Given>): Profile =>
  withReferences(profile, (reference, where) => {
    const kind = kindAt(where)
    return kind !== undefined && given.has(kind) ? { from: 'prompt' } : reference
  })

function kindAt(where: string): Given | undefined {
  if (where.endsWith('.password')) return 'password'
  if (where.endsWith('.keyPassword')) return 'key-password'
  return where.endsWith('.secret') ? 'psk' : undefined
}

async function fromStdin(cli: Cli): Promise<Secret> {
  const bytes = await cli.readStdin(STDIN_LIMIT)
  const line = bytes === undefined ? undefined : firstLineOnly(bytes)
  if (line !== undefined) return line
  throw new VpnError('secret-missing', {
    what: 'The secret from standard input',
    advice: 'Write it as one line, and nothing else.',
  })
}
