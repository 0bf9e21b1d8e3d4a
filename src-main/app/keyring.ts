/** The desktop's keyring (Secret Service) through libsecret's `secret-tool`: secrets go by its standard input and output, never by argv. */
import { Secret } from '../../src-shared/secret.ts'

export interface Keyring {
  /** False when the keyring is not there, is locked, or refuses. */
  keep(profileId: string, id: string, label: string, value: Secret): Promise<boolean>
  fetch(profileId: string, id: string): Promise<Secret | undefined>
  /** Forgets one secret. */
  drop(profileId: string, id: string): Promise<void>
  /** Forgets all secrets of a profile. */
  forget(profileId: string): Promise<void>
}

/** Runs a program without a shell; rejects when it cannot start or its exit status is not 0. */
export type RunProgram = (
  argv: readonly string[],
  options: { readonly input?: string; readonly timeoutMs: number },
) => Promise<{ readonly stdout: string }>

/** Unlocking may need the person. */
const TIMEOUT_MS = 60_000

const attributes = (profileId: string, id?: string): readonly string[] => [
  'application',
  'culvert',
  'profile',
  profileId,
  ...(id === undefined ? [] : ['secret', id]),
]

/** The keyring, when this session has one: without a session bus there is nobody to ask. */
export function createKeyring(
  run: RunProgram,
  environment: Readonly<Record<string, string | undefined>>,
): Keyring | undefined {
  if ((environment['DBUS_SESSION_BUS_ADDRESS'] ?? '') === '') return undefined
  const tool = async (...argv: readonly string[]): Promise<string | undefined> => {
    try {
      return (await run(['secret-tool', ...argv], { timeoutMs: TIMEOUT_MS })).stdout
    } catch {
      // Not installed, locked, or nothing found: secret-tool tells them apart by words alone.
      return undefined
    }
  }
  return {
    async keep(profileId, id, label, value) {
      try {
        // Base64, because the tool reads and writes text; strings cannot be wiped, and this one is short-lived.
        await run(['secret-tool', 'store', `--label=${label}`, ...attributes(profileId, id)], {
          input: Buffer.from(value.reveal()).toString('base64'),
          timeoutMs: TIMEOUT_MS,
        })
        return true
      } catch {
        return false
      }
    },
    async fetch(profileId, id) {
      const found = (await tool('lookup', ...attributes(profileId, id)))?.trim()
      return found === undefined || found === ''
        ? undefined
        : new Secret(Uint8Array.from(Buffer.from(found, 'base64')))
    },
    async drop(profileId, id) {
      await tool('clear', ...attributes(profileId, id))
    },
    async forget(profileId) {
      await tool('clear', ...attributes(profileId))
    },
  }
}
