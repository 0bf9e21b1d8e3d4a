/**
 * The two proofs of phase 1 (RFC 2409 section 5): each end shows that it knows the shared key or owns the private key, over a
 * hash that covers everything said. One strategy for each way; the exchanges do not know which one they run.
 */
import type { HashName } from '../../../src-shared/algorithms.ts'
import type { EpochMillis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { formatIdentity } from '../identity.ts'
import type { Crypto, Identity, KeyType, SignatureScheme, SigningKey, Trust } from '../../ports.ts'
import { AuthenticationMethod } from './code-points.ts'
import type { Phase1Credential, Sealing } from './configuration.ts'
import type { Nonces, Prf } from './keys.ts'
import { skeyid } from './keys.ts'
import type { Message } from './message.ts'
import { payloadOf, payloadsOf } from './message.ts'
import type { Payload } from './payloads.ts'

/** X.509 certificate for signatures (RFC 2408 section 3.9). */
const X509_SIGNATURE = 4

/** RFC 2408 section 3.10: of any authority. */
const certificateWanted: readonly Payload[] = [
  { type: 'certificate-request', encoding: X509_SIGNATURE, data: new Uint8Array() },
]

/** How one end proves itself. */
export type Proof = 'hash' | 'signature'

/** What SKEYID is made of, one way or the other. */
export interface Said {
  readonly prf: Prf
  readonly hash: HashName
  readonly nonces: Nonces
  readonly sharedSecret: Uint8Array
  /** CKY-I | CKY-R. */
  readonly cookies: Uint8Array
}

export interface Authenticator {
  /** What we offer as the Authentication Method attribute, the preferred first. */
  readonly methods: readonly number[]
  readonly ours: Proof
  readonly theirs: Proof
  /** Nonces and identities go sealed with public keys, and prove the ends by being opened. */
  readonly sealing: Sealing | undefined
  /** SKEYID; rejects with VpnError 'authentication-refused' when we share nothing with this peer. */
  skeyid(said: Said, peer: Identity | undefined): Promise<Uint8Array>
  /** What asks the other end for its certificate, where it has to show one. */
  readonly request: readonly Payload[]
  /** What goes beside the ID payload to prove us. */
  prove(hash: Uint8Array): readonly Payload[]
  /** Rejects with the VpnError that says why the other end is not who it says. */
  verify(message: Message, hash: Uint8Array, identity: Identity): Promise<void>
}

/** By the type of a key: the method number (RFC 2409 appendix A, RFC 4754) and how HASH_I or HASH_R is signed. */
const signatures: Partial<
  Readonly<Record<KeyType, { readonly method: number; readonly scheme: SignatureScheme }>>
> = {
  // RFC 2409 section 5.1: the hash is encrypted with the private key as PKCS #1 has it, with no identifier of the hash before it.
  rsa: { method: AuthenticationMethod.RSA_SIGNATURE, scheme: { kind: 'rsa-pkcs1-unnamed' } },
  // RFC 4754 section 5: the hash that is signed is the one of phase 1; r and s stand side by side.
  'ecdsa-p256': { method: AuthenticationMethod.ECDSA_256, scheme: { kind: 'ecdsa-prehashed' } },
  'ecdsa-p384': { method: AuthenticationMethod.ECDSA_384, scheme: { kind: 'ecdsa-prehashed' } },
  'ecdsa-p521': { method: AuthenticationMethod.ECDSA_521, scheme: { kind: 'ecdsa-prehashed' } },
}

function signatureOf(type: KeyType): { readonly method: number; readonly scheme: SignatureScheme } {
  const row = signatures[type]
  if (row === undefined)
    throw new VpnError('certificate-unsuitable', { reason: `IKEv1 has no signatures with ${type} keys` })
  return row
}

const encryptionMethod = ({ revised }: Sealing): number =>
  revised ? AuthenticationMethod.RSA_REVISED_ENCRYPTION : AuthenticationMethod.RSA_ENCRYPTION

/** The number of a method as it is when XAUTH follows, seen from the client (draft-ietf-ipsec-isakmp-xauth-06 section 7.2). */
const withXauth = (method: number): number => {
  switch (method) {
    case AuthenticationMethod.PSK:
      return AuthenticationMethod.XAUTH_INIT_PSK
    case AuthenticationMethod.RSA_SIGNATURE:
      return AuthenticationMethod.XAUTH_INIT_RSA
    case AuthenticationMethod.RSA_ENCRYPTION:
      return AuthenticationMethod.XAUTH_INIT_RSA_ENCRYPTION
    case AuthenticationMethod.RSA_REVISED_ENCRYPTION:
      return AuthenticationMethod.XAUTH_INIT_RSA_REVISED
  }
  throw new VpnError('profile-invalid', { problem: 'XAUTH goes with a pre-shared key or RSA certificates' })
}

/** Throws VpnError 'gateway-not-authenticated' when the message does not hold this HASH_I or HASH_R. */
export function checkHash(crypto: Pick<Crypto, 'equal'>, message: Message, hash: Uint8Array): void {
  const proof = payloadOf(message, 'hash')
  if (proof === undefined || !crypto.equal(proof.data, hash))
    throw new VpnError('gateway-not-authenticated', { reason: 'its proof does not fit the key' })
}

export interface AuthenticatorParts {
  readonly crypto: Pick<Crypto, 'equal' | 'hash'>
  readonly credential: Phase1Credential
  readonly xauth: boolean
  readonly role: 'gateway' | 'client'
  readonly now: () => EpochMillis
}

export function createAuthenticator(parts: AuthenticatorParts): Authenticator {
  const { crypto, credential, xauth } = parts
  const proveByHash = (hash: Uint8Array): readonly Payload[] => [{ type: 'hash', data: hash }]
  const verifyHash = async (message: Message, hash: Uint8Array): Promise<void> => {
    await Promise.resolve()
    checkHash(crypto, message, hash)
  }
  const bySignatures = ({ prf, nonces, sharedSecret }: Said): Promise<Uint8Array> =>
    Promise.resolve(skeyid.signatures(prf, nonces, sharedSecret))
  switch (credential.method) {
    case 'psk':
      return {
        methods: [xauth ? withXauth(AuthenticationMethod.PSK) : AuthenticationMethod.PSK],
        ours: 'hash',
        theirs: 'hash',
        request: [],
        sealing: undefined,
        async skeyid({ prf, nonces }, peer) {
          const secret = await credential.secret(peer)
          if (secret === undefined) throw new VpnError('authentication-refused')
          return skeyid.preSharedKey(prf, secret, nonces)
        },
        prove: proveByHash,
        verify: verifyHash,
      }
    case 'signature': {
      const { method } = signatureOf(credential.key.type)
      return {
        methods: [xauth ? withXauth(method) : method],
        ours: 'signature',
        theirs: 'signature',
        request: certificateWanted,
        sealing: undefined,
        skeyid: bySignatures,
        prove: (hash) => signed(credential.key, credential.certificates, hash),
        verify: (message, hash, identity) =>
          verifySignature(parts, credential.trust, message, hash, identity),
      }
    }
    case 'encryption':
      return {
        methods: [xauth ? withXauth(encryptionMethod(credential)) : encryptionMethod(credential)],
        ours: 'hash',
        theirs: 'hash',
        request: [],
        sealing: credential,
        skeyid: ({ prf, hash, nonces, cookies }) =>
          Promise.resolve(skeyid.publicKeyEncryption(prf, parts.crypto, hash, nonces, cookies)),
        prove: proveByHash,
        verify: verifyHash,
      }
    case 'hybrid':
      return credential.side === 'client'
        ? {
            methods: [AuthenticationMethod.HYBRID_INIT_RSA],
            ours: 'hash',
            theirs: 'signature',
            request: certificateWanted,
            sealing: undefined,
            skeyid: bySignatures,
            prove: proveByHash,
            verify: (message, hash, identity) =>
              verifySignature(parts, credential.trust, message, hash, identity),
          }
        : {
            methods: [AuthenticationMethod.HYBRID_INIT_RSA],
            ours: 'signature',
            theirs: 'hash',
            request: [],
            sealing: undefined,
            skeyid: bySignatures,
            prove: (hash) => signed(credential.key, credential.certificates, hash),
            verify: verifyHash,
          }
  }
}

const signed = (
  key: SigningKey,
  certificates: readonly Uint8Array[],
  hash: Uint8Array,
): readonly Payload[] => [
  ...certificates.map((data): Payload => ({ type: 'certificate', encoding: X509_SIGNATURE, data })),
  { type: 'signature', data: key.sign(signatureOf(key.type).scheme, hash) },
]

async function verifySignature(
  { role, now }: AuthenticatorParts,
  trust: Trust,
  message: Message,
  hash: Uint8Array,
  identity: Identity,
): Promise<void> {
  const proof = payloadOf(message, 'signature')
  const certificates = payloadsOf(message, 'certificate')
    .filter(({ encoding }) => encoding === X509_SIGNATURE)
    .map(({ data }) => data)
  if (proof === undefined) throw new VpnError('gateway-not-authenticated', { reason: 'it sent no signature' })
  const verdict = await trust.verify({
    certificates,
    identity,
    role: role === 'gateway' ? 'client' : 'gateway',
    at: now(),
  })
  if (!verdict.ok) throw new VpnError(verdict.error.code, verdict.error.details)
  const { key, subject } = verdict.value
  if (!key.verify(signatureOf(key.type).scheme, hash, proof.data))
    throw new VpnError('gateway-not-authenticated', {
      reason: `its signature does not fit its certificate ${subject} (${formatIdentity(identity)})`,
    })
}
