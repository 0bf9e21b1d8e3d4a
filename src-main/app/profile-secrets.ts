/** The secrets of stored profiles: which ones a profile has, where each is, and how they are kept, copied and forgotten. */
import { randomUUID } from 'node:crypto'
import { keptCertificateId } from '../../src-shared/certificates.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { SecretKind, SecretPlace } from '../../src-shared/library.ts'
import type { Profile, SecretReference } from '../../src-shared/profile.ts'
import { Secret } from '../../src-shared/secret.ts'
import { readPkcs12 } from '../pki/pkcs12.ts'
import { keyStanding } from '../profiles/import/certificates.ts'
import { withReferences } from '../profiles/references.ts'
import { sharedByBoth } from './credentials.ts'
import type { SecretStore } from './secret-store.ts'
import { referenceOf } from './secrets.ts'

/** The secrets that this profile's ways of authentication need. */
export function secretKindsOf({ local, remote }: Profile): readonly SecretKind[] {
  const ours = (): readonly SecretKind[] => {
    switch (local.authentication.method) {
      case 'psk':
        return ['psk']
      case 'eap':
        return ['password']
      case 'certificate':
        return ['key', 'key-password']
    }
  }
  const second = local.then === undefined ? [] : (['password'] as const)
  return [...ours(), ...second, ...(remote.authentication.method === 'psk' ? (['gateway-psk'] as const) : [])]
}

const places: Readonly<Record<SecretReference['from'], SecretPlace>> = {
  store: 'kept',
  prompt: 'asked',
  file: 'file',
}

export const secretPlacesOf = (profile: Profile): Readonly<Partial<Record<SecretKind, SecretPlace>>> =>
  Object.fromEntries(secretKindsOf(profile).map((kind) => [kind, places[referenceOf(profile, kind).from]]))

/** Where `withReferences` finds each kind. */
const paths: Readonly<Record<SecretKind, readonly string[]>> = {
  psk: ['local.authentication.secret'],
  'gateway-psk': ['remote.authentication.secret'],
  password: ['local.authentication.password', 'local.then.authentication.password'],
  key: ['local.authentication.key'],
  'key-password': ['local.authentication.keyPassword'],
}

const purposes: Readonly<Record<SecretKind, string>> = {
  psk: 'pre-shared key',
  'gateway-psk': "gateway's pre-shared key",
  password: 'password',
  key: 'private key',
  'key-password': 'passphrase of the private key',
}

export const secretLabel = (kind: SecretKind, profileName: string): string =>
  `Culvert: ${purposes[kind]} for ${profileName}`

const withReference = (profile: Profile, kind: SecretKind, reference: SecretReference): Profile =>
  withReferences(profile, (old, where) => (paths[kind].includes(where) ? reference : old))

export interface GivenSecret {
  readonly kind: SecretKind
  /** Of a key: PEM text, or the base64 of a PKCS#12 file. */
  readonly secret: string
}

/**
 * Keeps the given secrets and gives the profile that refers to them. Rejects with VpnError 'usage' when one does not belong to the
 * profile or nothing safe takes it; `reason` then says why there is no such place.
 */
export async function keepSecrets(
  profile: Profile,
  given: readonly GivenSecret[],
  store: SecretStore,
  reason: string,
): Promise<Profile> {
  const kinds = secretKindsOf(profile)
  let kept = profile
  for (const { kind, secret } of given) {
    if (!kinds.includes(kind))
      throw new VpnError('usage', { problem: `This profile has no ${purposes[kind]}.` })
    const old = referenceOf(kept, kind)
    const reference: SecretReference = {
      from: 'store',
      id: old.from === 'store' && keptCertificateId(old.id) === undefined ? old.id : randomUUID(),
    }
    const isShared = kind === 'psk' && sharedByBoth(kept)
    await keepOne(profile, reference.id, { kind, secret }, store, reason)
    kept = withReference(kept, kind, reference)
    if (isShared && !given.some((other) => other.kind === 'gateway-psk'))
      kept = withReference(kept, 'gateway-psk', reference)
  }
  return kept
}

async function keepOne(
  profile: Profile,
  id: string,
  { kind, secret }: GivenSecret,
  store: SecretStore,
  reason: string,
): Promise<void> {
  const isBinary = kind === 'key' && !secret.includes('-----BEGIN ')
  const value = new Secret(Uint8Array.from(Buffer.from(secret, isBinary ? 'base64' : 'utf8')))
  try {
    const encrypted = kind === 'key' && isEncryptedKey(value)
    const label = secretLabel(kind, profile.name)
    const kept = await store.keep({ id, profileId: profile.id, label, encrypted, value })
    if (kept === 'not-kept') throw new VpnError('usage', { problem: `It cannot be kept safely. ${reason}` })
  } finally {
    value.wipe()
  }
}

/** Whether the key protects itself. A PKCS#12 file always says that it does; with the empty password, it protects nothing. */
function isEncryptedKey(value: Secret): boolean {
  const standing = keyStanding(value.reveal())
  if (standing === undefined)
    throw new VpnError('usage', { problem: 'This is no private key or PKCS#12 file.' })
  return standing.kind === 'pkcs12' ? !readPkcs12(value.reveal(), new Uint8Array(0)).ok : standing.encrypted
}

const storeIdsOf = (profile: Profile): ReadonlyMap<string, SecretKind> =>
  new Map(
    secretKindsOf(profile).flatMap((kind): [string, SecretKind][] => {
      const reference = referenceOf(profile, kind)
      // A kept certificate's key is not the profile's to copy or to forget.
      return reference.from === 'store' && keptCertificateId(reference.id) === undefined
        ? [[reference.id, kind]]
        : []
    }),
  )

/** Forgets what the earlier profile had kept and the new one no longer refers to. */
export async function dropUnused(before: Profile, after: Profile, store: SecretStore): Promise<void> {
  const used = storeIdsOf(after)
  for (const id of storeIdsOf(before).keys()) if (!used.has(id)) await store.drop(before.id, id)
}

/** A copy of the profile under another id, with secrets of its own; what cannot be copied is asked for. */
export async function copySecrets(from: Profile, to: Profile, store: SecretStore): Promise<Profile> {
  const copies = new Map<string, SecretReference>()
  for (const [id, kind] of storeIdsOf(from)) {
    const copy = { profileId: to.id, id: randomUUID(), label: secretLabel(kind, to.name) }
    const done = await store.copy({ profileId: from.id, id }, copy)
    copies.set(id, done ? { from: 'store', id: copy.id } : { from: 'prompt' })
  }
  return withReferences(to, (reference) =>
    reference.from === 'store' && keptCertificateId(reference.id) === undefined
      ? (copies.get(reference.id) ?? { from: 'prompt' })
      : reference,
  )
}

/** Forgets what the person can type again: passwords, shared keys, passphrases. A private key stays until the profile goes. */
export async function forgetTyped(profile: Profile, store: SecretStore): Promise<Profile> {
  let left = profile
  for (const [id, kind] of storeIdsOf(profile)) {
    if (kind === 'key') continue
    await store.drop(profile.id, id)
    left = withReferences(left, (reference) =>
      reference.from === 'store' && reference.id === id ? { from: 'prompt' } : reference,
    )
  }
  return left
}
