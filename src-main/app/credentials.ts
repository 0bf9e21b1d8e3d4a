/** Makes of a profile's authentication what the initiator can use: keys loaded, authorities read, secrets fetched when needed. */
import { VpnError } from '../../src-shared/errors.ts'
import type { LocalAuthentication, Profile } from '../../src-shared/profile.ts'
import type { Credentials } from '../engine/credentials.ts'
import type { LocalCredential, RemoteCredential } from '../ike/v2/initiator.ts'
import { parseIdentity } from '../ike/identity.ts'
import { defaultIdentity, parseCertificate, readCertificates } from '../pki/certificate.ts'
import type { TokenFailure } from '../host/pkcs11/token.ts'
import { loadSigningKey } from '../pki/keys.ts'
import { readPkcs12 } from '../pki/pkcs12.ts'
import { readPublicKey } from '../pki/public-key.ts'
import type { CheckRevocation } from '../pki/revocation.ts'
import { createTrust } from '../pki/trust.ts'
import type { Identity, SigningKey } from '../ports.ts'
import {
  certificateCredential,
  DEFAULT_REVOCATION,
  outerName,
  passwordCredential,
  secondRound,
} from './eap-credentials.ts'
import type { EapParts } from './eap-credentials.ts'
import type { ProfileSecrets, SecretKind } from './secrets.ts'

/**
 * `checkRevocation`: absent, nobody is asked whether the gateway's certificate is revoked.
 * Rejects with VpnError 'profile-invalid', 'secret-missing' or 'cancelled'.
 */
export async function loadCredentials(
  profile: Profile,
  secrets: ProfileSecrets,
  checkRevocation?: CheckRevocation,
): Promise<Credentials> {
  await readAhead(profile, secrets)
  const { credential, identity, close } = await localCredential({ profile, secrets, check: checkRevocation })
  const then = await secondRound({ profile, secrets, check: checkRevocation })
  return {
    local: credential,
    localIdentity: identity,
    ...(then === undefined ? {} : { then }),
    remote: await remoteCredential(profile, secrets, checkRevocation),
    close() {
      secrets.wipe()
      close?.()
    },
  }
}

/**
 * Passwords and shared keys are read, or asked for, before the first message: a file that is missing is told at once, and the
 * gateway, which forgets a half-open IKE SA within half a minute, does not wait for a person to type.
 */
async function readAhead(profile: Profile, secrets: ProfileSecrets): Promise<void> {
  const { local, remote } = profile
  const kinds: SecretKind[] = []
  if (local.authentication.method === 'psk') kinds.push('psk')
  if (local.authentication.method === 'eap' || local.then !== undefined) kinds.push('password')
  if (remote.authentication.method === 'psk' && !sharedByBoth(profile)) kinds.push('gateway-psk')
  for (const kind of kinds) {
    const copy = await secrets.fetch(kind)
    copy.fill(0)
  }
}

interface Local {
  readonly credential: LocalCredential
  readonly identity: Identity | undefined
  /** Gives back what holds the key. */
  readonly close?: () => void
}

async function localCredential(parts: EapParts): Promise<Local> {
  const { profile, secrets } = parts
  const { authentication } = profile.local
  switch (authentication.method) {
    case 'psk':
      return { credential: { method: 'psk', secret: () => secrets.fetch('psk') }, identity: undefined }
    case 'eap':
      return {
        credential: await passwordCredential(parts, authentication),
        identity: parseIdentity(outerName(profile, authentication)),
      }
    case 'certificate': {
      const { key, certificates, ...held } = await loadKey(authentication, secrets)
      const read = certificates[0] === undefined ? undefined : parseCertificate(certificates[0])
      const own = read?.ok === true ? read.value : undefined
      const identity = own === undefined ? undefined : defaultIdentity(own)
      if (authentication.eap === undefined)
        return { credential: { method: 'signature', key, certificates }, identity, ...held }
      const credential = await certificateCredential(parts, authentication.eap, { key, certificates }, own)
      // What EAP proves the gateway by comes later: nobody is named before (RFC 5998).
      return {
        ...held,
        credential,
        identity: profile.remote.eapOnly === true ? parseIdentity(credential.identity ?? '') : identity,
      }
    }
  }
}

interface LoadedKey {
  readonly key: SigningKey
  readonly certificates: readonly Uint8Array[]
  readonly close?: () => void
}

type OwnCertificate = Extract<LocalAuthentication, { readonly method: 'certificate' }>

async function loadKey(
  { certificates: certificateTexts, key }: OwnCertificate,
  secrets: ProfileSecrets,
): Promise<LoadedKey> {
  if (key.from === 'file' && key.path.startsWith('pkcs11:'))
    return openToken(key.path, certificateTexts, secrets)
  const bytes = await secrets.fetch('key')
  try {
    if (certificateTexts.length === 0) return await openPkcs12(bytes, secrets)
    return { key: await openKey(bytes, secrets), certificates: certificatesOf(certificateTexts) }
  } finally {
    bytes.fill(0)
  }
}

const certificatesOf = (texts: readonly string[]): readonly Uint8Array[] =>
  texts.flatMap((text) => {
    const read = readCertificates(text)
    if (!read.ok) throw invalid(`the certificate cannot be read: ${read.error}`)
    return read.value
  })

const tokenWords: Readonly<Record<TokenFailure, string>> = {
  'not-found': 'no token that is plugged in holds this certificate',
  'wrong-pin': 'the token does not take this PIN',
  'pin-locked': 'the PIN is locked; its administrator can unlock it',
  'no-key': 'the token holds the certificate and not its key',
  'unsupported-key': 'its key is of a type that is not supported, or too weak',
  refused: 'the token refused it',
}

/** A key on a smart card, by its URI (RFC 7512); the PIN is the key's password. The certificates of the profile go behind its own. */
async function openToken(uri: string, texts: readonly string[], secrets: ProfileSecrets): Promise<LoadedKey> {
  const { openTokenKey, parseTokenUri } = await import('../host/pkcs11/token.ts')
  const query = parseTokenUri(uri)
  if (!query.ok) throw invalid(query.error)
  const pin = await secrets.fetch('key-password')
  const opened = openTokenKey(query.value, pin, (der) => {
    const certificate = parseCertificate(der)
    const key = certificate.ok ? readPublicKey(certificate.value.spki) : undefined
    return key?.ok === true ? key.value.type : undefined
  })
  pin.fill(0)
  if (!opened.ok) {
    secrets.refused()
    throw invalid(tokenWords[opened.error])
  }
  const { key, certificates, close } = opened.value
  const own = new Set(certificates.map((der) => Buffer.from(der).toString('base64')))
  const others = certificatesOf(texts).filter((der) => !own.has(Buffer.from(der).toString('base64')))
  return { key, certificates: [...certificates, ...others], close }
}

async function openPkcs12(bytes: Uint8Array, secrets: ProfileSecrets): Promise<LoadedKey> {
  const password = await secrets.fetch('key-password')
  const opened = readPkcs12(bytes, password)
  password.fill(0)
  if (!opened.ok) {
    secrets.refused()
    throw invalid(`the certificate file cannot be opened: ${opened.error.replaceAll('-', ' ')}`)
  }
  const { key, certificates } = opened.value
  if (key === undefined) throw invalid('the certificate file holds no private key')
  return { key, certificates }
}

async function openKey(bytes: Uint8Array, secrets: ProfileSecrets): Promise<SigningKey> {
  const plain = loadSigningKey(bytes)
  if (plain.ok) return plain.value
  if (plain.error !== 'password-needed')
    throw invalid(`the private key cannot be used: ${plain.error.replaceAll('-', ' ')}`)
  const password = await secrets.fetch('key-password')
  const opened = loadSigningKey(bytes, password)
  password.fill(0)
  if (opened.ok) return opened.value
  secrets.refused()
  throw invalid(`the private key cannot be opened: ${opened.error.replaceAll('-', ' ')}`)
}

async function remoteCredential(
  profile: Profile,
  secrets: ProfileSecrets,
  check: CheckRevocation | undefined,
): Promise<RemoteCredential> {
  const { authentication } = profile.remote
  switch (authentication.method) {
    case 'psk':
      return { method: 'psk', secret: () => secrets.fetch(sharedByBoth(profile) ? 'psk' : 'gateway-psk') }
    case 'certificate':
      return {
        method: 'signature',
        trust: await createTrust({
          authorities: authentication.authorities,
          ...(authentication.pin === undefined ? {} : { pin: authentication.pin }),
          ...(check === undefined
            ? {}
            : { revocation: { mode: authentication.revocation ?? DEFAULT_REVOCATION, check } }),
        }),
      }
  }
}

/** One key proves both sides, as it mostly is: nobody is asked for it twice. */
export function sharedByBoth({ local, remote }: Profile): boolean {
  if (local.authentication.method !== 'psk' || remote.authentication.method !== 'psk') return false
  return JSON.stringify(local.authentication.secret) === JSON.stringify(remote.authentication.secret)
}

const invalid = (problem: string): VpnError =>
  new VpnError('profile-invalid', { where: 'local.authentication', problem })
