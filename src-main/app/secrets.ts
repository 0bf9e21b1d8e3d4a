/** Finds the secrets of one connection where its profile says they are, asks for what is nowhere, and wipes all at the end. */
import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Question } from '../../src-shared/status.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { EapAuthentication, Profile, SecretReference } from '../../src-shared/profile.ts'
import { Secret } from '../../src-shared/secret.ts'
import type { Log } from '../ports.ts'
import { fileProblem, readLimited } from '../profiles/store.ts'
import type { SecretStore } from './secret-store.ts'

/** What a connection may need: `psk` proves the user, `gateway-psk` the gateway; `key` is a private key's or PKCS#12 file's bytes. */
export type SecretKind = 'psk' | 'gateway-psk' | 'password' | 'key' | 'key-password' | 'one-time-code'

/** Something to be asked, without the number it gets when it is put to the person. */
export type QuestionText = Omit<Question, 'id'>

/** Puts a question to the person. Rejects with VpnError 'secret-missing' when nobody can answer, 'cancelled' when they would not. */
export type Ask = (question: QuestionText) => Promise<Secret>

export interface ProfileSecrets {
  /**
   * The bytes, a copy that the caller wipes. Asked for at most once a connection; a one-time code each time.
   * Rejects with VpnError 'secret-missing', 'profile-invalid' (a file that cannot be read) or 'cancelled'.
   */
  fetch(kind: SecretKind, text?: string): Promise<Uint8Array>
  /** Drops what the gateway did not accept, so that it is asked for anew. */
  refused(): void
  wipe(): void
}

export interface SecretSources {
  readonly store: SecretStore
  readonly ask: Ask
  readonly log: Log
  /** What relative paths of secret files start from. */
  readonly baseDirectory: string
}

/** Bytes; a password or key phrase in a file is one line, so that no other kind of file can be sent by mistake. */
const SECRET_FILE_LIMIT = 4096
const KEY_FILE_LIMIT = 262_144

export function secretsOf(
  profile: Profile,
  { store, ask, log, baseDirectory }: SecretSources,
): ProfileSecrets {
  const held = new Map<SecretKind, Secret>()
  const pending = new Map<SecretKind, Promise<Secret>>()

  async function find(kind: SecretKind, text: string | undefined): Promise<Secret> {
    const reference = referenceOf(profile, kind)
    switch (reference.from) {
      case 'file':
        return readSecretFile(absolutePath(reference.path, baseDirectory), kind, log)
      case 'store': {
        const stored = await store.fetch(profile.id, reference.id)
        return stored ?? askFor(kind, text)
      }
      case 'prompt':
        return askFor(kind, text)
    }
  }

  function askFor(kind: SecretKind, text: string | undefined): Promise<Secret> {
    const question = questionFor(kind, profile, text)
    if (question === undefined) {
      return Promise.reject(
        new VpnError('secret-missing', {
          what: `The private key of ${profile.name}`,
          advice: 'Import the profile again together with its key, or name the key file in the profile.',
        }),
      )
    }
    return ask(question)
  }

  return {
    async fetch(kind, text) {
      if (kind === 'one-time-code') {
        const code = await find(kind, text)
        const bytes = code.reveal().slice()
        code.wipe()
        return bytes
      }
      const known = held.get(kind)
      if (known !== undefined) return known.reveal().slice()
      // Two exchanges may want the same secret at once: the person is asked once.
      const asked = pending.get(kind) ?? find(kind, text)
      pending.set(kind, asked)
      try {
        const secret = await asked
        held.set(kind, secret)
        return secret.reveal().slice()
      } finally {
        pending.delete(kind)
      }
    },
    refused() {
      for (const secret of held.values()) secret.wipe()
      held.clear()
    },
    wipe() {
      for (const secret of held.values()) secret.wipe()
      held.clear()
    },
  }
}

/** Where the profile says that the secret is; what it does not speak of is asked for. */
export function referenceOf(profile: Profile, kind: SecretKind): SecretReference {
  const local = profile.local.authentication
  const remote = profile.remote.authentication
  switch (kind) {
    case 'psk':
      return local.method === 'psk' ? local.secret : { from: 'prompt' }
    case 'gateway-psk':
      return remote.method === 'psk' ? remote.secret : { from: 'prompt' }
    case 'password':
      return eapOf(profile)?.password ?? { from: 'prompt' }
    case 'key':
      if (local.method === 'certificate') return local.key
      return profile.ikev1.encryption?.key ?? { from: 'prompt' }
    case 'key-password':
      return local.method === 'certificate' ? local.keyPassword : { from: 'prompt' }
    case 'one-time-code':
      return { from: 'prompt' }
  }
}

/** The user name and password that a profile has, in its first round or its second. */
export function eapOf({ local }: Profile): EapAuthentication | undefined {
  return local.authentication.method === 'eap' ? local.authentication : local.then?.authentication
}

/** Undefined for a private key: nobody can type one. */
function questionFor(kind: SecretKind, profile: Profile, text: string | undefined): QuestionText | undefined {
  const local = profile.local.authentication
  const eap = eapOf(profile)
  const user = eap === undefined ? '' : ` of ${eap.username}`
  switch (kind) {
    case 'psk':
    case 'gateway-psk':
      return { kind: 'psk', text: text ?? `Pre-shared key for ${profile.name}` }
    case 'password':
      return { kind: 'password', text: text ?? `Password${user} for ${profile.name}` }
    case 'key-password': {
      const isContainer = local.method === 'certificate' && local.certificates.length === 0
      return isContainer
        ? { kind: 'p12-password', text: text ?? `Password of the certificate file for ${profile.name}` }
        : { kind: 'key-password', text: text ?? `Passphrase of the private key for ${profile.name}` }
    }
    case 'one-time-code':
      return { kind: 'one-time-code', text: text ?? `One-time code${user} for ${profile.name}` }
    case 'key':
      return undefined
  }
}

const absolutePath = (path: string, baseDirectory: string): string => {
  if (path.startsWith('~/')) return join(homedir(), path.slice(2))
  return isAbsolute(path) ? path : join(baseDirectory, path)
}

/** Reads a secret from a file; one line unless it is a key. Warns when other users can read it. */
export async function readSecretFile(path: string, kind: SecretKind, log: Log): Promise<Secret> {
  const problem = (text: string) =>
    new VpnError('secret-missing', {
      what: `What is in the file ${path}`,
      advice: `That file cannot be used: ${text}.`,
    })
  const content = await readLimited(path, kind === 'key' ? KEY_FILE_LIMIT : SECRET_FILE_LIMIT)
  if (!content.ok) throw problem(content.error)
  await warnIfOpen(path, log)
  if (kind === 'key') return new Secret(content.value)
  const line = firstLineOnly(content.value)
  if (line === undefined) throw problem('it must hold one line and nothing else')
  return line
}

/** The line without its end; undefined when there is none or more than one. Wipes what it was given. */
export function firstLineOnly(bytes: Uint8Array): Secret | undefined {
  let length = bytes.length
  if (length > 0 && bytes[length - 1] === 0x0a) length--
  if (length > 0 && bytes[length - 1] === 0x0d) length--
  const line = bytes.slice(0, length)
  bytes.fill(0)
  return length === 0 || line.includes(0x0a) ? undefined : new Secret(line)
}

async function warnIfOpen(path: string, log: Log): Promise<void> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) {
      log('warn', 'secrets', 'Other users can read a secret file; make it private with chmod 600', { path })
    }
  } catch (error) {
    log('warn', 'secrets', 'A secret file was read and is gone now', { path, problem: fileProblem(error) })
  }
}
