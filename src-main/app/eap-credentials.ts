/** A profile's EAP as the initiator can use it: who the server of the log-in must be, TLS with the user's certificate, questions for codes. */
import { VpnError } from '../../src-shared/errors.ts'
import type { EapAuthentication, LogInServer, Profile } from '../../src-shared/profile.ts'
import { keyObjectOf } from '../host/crypto/signatures.ts'
import { createTlsClient } from '../host/tls-client.ts'
import type { EapServerCheck } from '../ike/auth/eap/tls-tunnel.ts'
import { ANY_IDENTITY, formatIdentity, parseIdentity } from '../ike/identity.ts'
import type { EapCredential, InitiatorConfiguration } from '../ike/v2/initiator.ts'
import type { Certificate } from '../pki/certificate.ts'
import type { CheckRevocation } from '../pki/revocation.ts'
import { createTrust } from '../pki/trust.ts'
import type { SigningKey } from '../ports.ts'
import type { ProfileSecrets } from './secrets.ts'

export interface EapParts {
  readonly profile: Profile
  readonly secrets: ProfileSecrets
  readonly check: CheckRevocation | undefined
}

/** What a profile that does not say it gets: a captive network or a dead responder must not lock people out. */
export const DEFAULT_REVOCATION = 'when-reachable'

/** User name and password, perhaps within TLS. Rejects with VpnError 'profile-invalid'. */
export async function passwordCredential(
  parts: EapParts,
  authentication: EapAuthentication,
): Promise<EapCredential> {
  const { profile, secrets } = parts
  const { username, allow, inner, server } = authentication
  const isWithinTls = allow.some((method) => method === 'ttls' || method === 'peap')
  return {
    method: 'eap',
    username,
    identity: outerName(profile, authentication),
    password: () => secrets.fetch('password'),
    allow,
    askForCode: askForCode(parts),
    ...(inner === undefined ? {} : { inner }),
    ...(isWithinTls
      ? { tls: { open: () => createTlsClient({}), server: await serverCheck(parts, server) } }
      : {}),
  }
}

/** The user's certificate within EAP-TLS. Rejects with VpnError 'profile-invalid' also for a key that cannot leave its token. */
export async function certificateCredential(
  parts: EapParts,
  eap: { readonly identity?: string | undefined; readonly server?: LogInServer | undefined },
  own: { readonly key: SigningKey; readonly certificates: readonly Uint8Array[] },
  certificate: Certificate | undefined,
): Promise<EapCredential> {
  if (keyObjectOf(own.key) === undefined)
    throw new VpnError('profile-invalid', {
      where: 'local.authentication.eap',
      problem: 'the key lies on a token, which EAP-TLS cannot use',
    })
  const named = certificate === undefined ? undefined : nameIn(certificate)
  const username = eap.identity ?? named ?? 'user'
  return {
    method: 'eap',
    username,
    identity: eap.identity ?? (parts.profile.remote.eapOnly === true ? anonymous(username) : username),
    password: () => Promise.resolve(new Uint8Array(0)),
    allow: ['tls'],
    tls: { open: () => createTlsClient({ own }), server: await serverCheck(parts, eap.server) },
  }
}

/** The second round of a profile that has one. */
export async function secondRound(parts: EapParts): Promise<InitiatorConfiguration['then']> {
  const { then } = parts.profile.local
  if (then === undefined) return undefined
  const credential = await passwordCredential(parts, then.authentication)
  const text = then.identity ?? then.authentication.anonymousIdentity ?? then.authentication.username
  const identity = parseIdentity(text)
  if (identity === undefined)
    throw new VpnError('profile-invalid', {
      where: 'local.then.identity',
      problem: `not an identity: ${text}`,
    })
  return { identity, credential }
}

/** What is said of a user by name before TLS is there. */
export function outerName({ remote }: Profile, { anonymousIdentity, username }: EapAuthentication): string {
  // Where EAP is to prove the gateway, the name would be said to anybody (RFC 5998 section 6.2).
  return anonymousIdentity ?? (remote.eapOnly === true ? anonymous(username) : username)
}

/** RFC 7542 section 2.4: the realm leads to the server, the rest is nobody's business. */
const anonymous = (name: string): string => {
  const at = name.lastIndexOf('@')
  return at === -1 ? 'anonymous' : `anonymous${name.slice(at)}`
}

/** RFC 5216 section 5.2: the name that a server of log-ins knows a certificate by. */
const nameIn = ({ names, subjectDer }: Certificate): string =>
  names.email[0] ?? names.dns[0] ?? formatIdentity({ kind: 'dn', der: subjectDer })

/** Each code is asked for when it is needed, and is nowhere else. */
const askForCode =
  ({ profile, secrets }: EapParts): NonNullable<EapCredential['askForCode']> =>
  (text) =>
    secrets.fetch('one-time-code', text === '' ? undefined : `The gateway of ${profile.name} asks: ${text}`)

async function serverCheck(
  { profile, check }: EapParts,
  server: LogInServer | undefined,
): Promise<EapServerCheck> {
  const { authentication, identity: gateway } = profile.remote
  const text =
    server?.identity ??
    (gateway === undefined || gateway === ANY_IDENTITY ? profile.gateway.address : gateway)
  const identity = parseIdentity(text)
  if (identity === undefined)
    throw new VpnError('profile-invalid', {
      where: 'local.authentication.server.identity',
      problem: `not an identity: ${text}`,
    })
  const ofGateway = authentication.method === 'certificate' ? authentication : undefined
  // The gateway's pin is for its own key: another name or authority is another key.
  const isGateway = server?.identity === undefined && server?.authorities === undefined
  const pin = server?.pin ?? (isGateway ? ofGateway?.pin : undefined)
  return {
    identity,
    trust: await createTrust({
      authorities: server?.authorities ?? ofGateway?.authorities ?? [],
      ...(pin === undefined ? {} : { pin }),
      ...(check === undefined
        ? {}
        : { revocation: { mode: ofGateway?.revocation ?? DEFAULT_REVOCATION, check } }),
    }),
  }
}
