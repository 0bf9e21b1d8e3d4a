/** A profile with its secrets, under a password (profiles/bundle.ts). */
import { randomUUID } from 'node:crypto'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Profile, SecretReference } from '../../src-shared/profile.ts'
import { keyStanding } from '../profiles/import/certificates.ts'
import { sealBundle } from '../profiles/bundle.ts'
import type { BundledSecret } from '../profiles/bundle.ts'
import { withReferences } from '../profiles/references.ts'
import { readLimited } from '../profiles/store.ts'
import type { SecretStore } from './secret-store.ts'

export interface BundleParts {
  readonly profile: Profile
  readonly secretStore: Pick<SecretStore, 'fetch'>
  /** What relative paths of secret files start from. */
  readonly baseDirectory: string
}

const SECRET_LIMIT = 262_144

const kindAt = (where: string, value: Uint8Array): BundledSecret['kind'] => {
  if (where.endsWith('.password')) return 'password'
  if (where.endsWith('.keyPassword')) return 'key-password'
  if (where.endsWith('.key')) return keyStanding(value)?.kind ?? 'key'
  return 'psk'
}

/** The bundle's text, and the places whose secrets are not kept on this machine. The password (UTF-8) stays the caller's. */
export async function bundleOf(
  { profile, secretStore, baseDirectory }: BundleParts,
  password: Uint8Array,
): Promise<{ readonly text: string; readonly missing: readonly string[] }> {
  const references = new Map<string, SecretReference>()
  withReferences(profile, (reference, where) => {
    references.set(where, reference)
    return reference
  })
  const secrets: BundledSecret[] = []
  const replaced = new Map<string, SecretReference>()
  const missing: string[] = []
  for (const [where, reference] of references) {
    const value = await read(reference, { profile, secretStore, baseDirectory })
    if (value === undefined) {
      if (reference.from !== 'prompt') missing.push(where)
      continue
    }
    const kind = kindAt(where, value)
    const id = randomUUID()
    secrets.push({ id, profileId: profile.id, kind, encrypted: isProtected(kind, value), value })
    replaced.set(where, { from: 'store', id })
  }
  const bundled = withReferences(profile, (_, where) => replaced.get(where) ?? { from: 'prompt' })
  const text = sealBundle([bundled], secrets, password)
  for (const { value } of secrets) value.fill(0)
  return { text, missing }
}

const isProtected = (kind: BundledSecret['kind'], value: Uint8Array): boolean =>
  (kind === 'key' || kind === 'pkcs12') && keyStanding(value)?.encrypted === true

async function read(
  reference: SecretReference,
  { profile, secretStore, baseDirectory }: BundleParts,
): Promise<Uint8Array | undefined> {
  switch (reference.from) {
    case 'prompt':
      return undefined
    case 'store': {
      const secret = await secretStore.fetch(profile.id, reference.id)
      const bytes = secret?.reveal().slice()
      secret?.wipe()
      return bytes
    }
    case 'file': {
      const { path } = reference
      const expanded = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
      const found = await readLimited(
        isAbsolute(expanded) ? expanded : join(baseDirectory, expanded),
        SECRET_LIMIT,
      )
      return found.ok ? withoutLineEnd(found.value) : undefined
    }
  }
}

/** Passwords and shared keys are files of one line; keys keep theirs. */
function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  if (keyStanding(bytes) !== undefined) return bytes
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d)
  return end < 0 ? bytes : bytes.slice(0, end)
}
