/** IKEv1 behind the tunnel's session: its configuration from the profile, its SAs in the form that is shown. */
import type { HashName, IkeSuite, PrfName } from '../../src-shared/algorithms.ts'
import { millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { IkeWeakness } from '../../src-shared/status.ts'
import type { IsakmpSa, SessionConfiguration, UserCredential } from '../ike/v1/configuration.ts'
import type { SessionOwner } from '../ike/v1/session.ts'
import { Session } from '../ike/v1/session.ts'
import type { ConfiguredProposal } from '../ike/proposal-text.ts'
import { initiatorConfiguration } from './configuration.ts'
import type { Credentials } from './credentials.ts'
import type { IkeSaView, IkeSession } from './ike-session.ts'
import { GUESSABLE_BITS, guessBits } from './psk-strength.ts'

export function createIkeV1(owner: SessionOwner, profile: Profile): IkeSession {
  const session = new Session(owner, { liveness: millis(profile.livenessSeconds * 1000) })
  const weaknesses = new Set<IkeWeakness>()
  return {
    async dial({ credentials, initialContact, local, remote, moveToNatPort }) {
      const ends = { localAddress: local.address, gatewayAddress: remote.address }
      const configuration = {
        ...sessionConfiguration(profile, credentials, ends),
        credential: measured(phase1Credential(credentials), profile, weaknesses),
        initialContact,
      }
      const { child, assigned, identities, nat, banner } = await session.initiate(configuration, {
        local,
        remote,
        moveToNatPort,
      })
      if (banner !== undefined) owner.ports.log('info', 'ike', 'the gateway says', { banner })
      const everything = { ...child, remote: session.children.flatMap((one) => one.remote) }
      return {
        child: everything,
        assigned: assigned ?? { addresses: [], dnsServers: [], dnsDomains: [], subnets: [] },
        identities,
        nat,
      }
    },
    get sa() {
      return session.sa === undefined ? undefined : { ...viewOf(session.sa), weaknesses: [...weaknesses] }
    },
    get children() {
      return session.children
    },
    get ikeRekeyAt() {
      return session.ikeRekeyAt
    },
    childRekeyAt: (child) => session.childRekeyAt(child),
    childExpiresAt: (child) => millis(child.createdAt + profile.lifetimes.childSeconds * 1000),
    owns: (header) => session.owns(header),
    receive: (datagram) => session.receive(datagram),
    firstInbound: () => session.firstInbound(),
    rekeyChildOf: (spi) => session.rekeyChildOf(spi),
    deleteChildOf: (spi) => session.deleteChildOf(spi),
    rekeyIkeSa: () => session.rekeyIkeSa(),
    probe: () => session.probe(),
    resend: () => session.resend(),
    close: () => session.close(),
    abandon: () => session.abandon(),
  }
}

/** RFC 2409 section 4: the prf is the HMAC of the hash. */
const prfs: Readonly<Record<HashName, PrfName>> = {
  md5: 'hmac-md5',
  sha1: 'hmac-sha1',
  sha256: 'hmac-sha256',
  sha384: 'hmac-sha384',
  sha512: 'hmac-sha512',
}

/** A suite of phase 1 as it is shown. */
export const shownSuite = ({ encryption, keyBits, hash, group }: IsakmpSa['suite']): IkeSuite => ({
  encryption,
  keyBits,
  prf: prfs[hash],
  group,
})

const viewOf = ({ initiatorSpi, responderSpi, suite, createdAt }: IsakmpSa): IkeSaView => ({
  initiatorSpi,
  responderSpi,
  suite: shownSuite(suite),
  createdAt,
})

/** What a person typed as one IKEv2 user and password is XAUTH here (docs/profile.md). */
function sessionConfiguration(
  profile: Profile,
  credentials: Credentials,
  ends: { readonly localAddress: string; readonly gatewayAddress: string },
): Omit<SessionConfiguration, 'credential'> {
  const {
    proposals,
    localIdentity,
    remoteIdentity,
    traffic,
    virtualAddress,
    initialContact,
    forceEncapsulation,
  } = initiatorConfiguration(profile, credentials, ends)
  return {
    mode: profile.ikev1.mode,
    proposals: profile.proposals.ike.length > 0 ? proposals.ike : proposals.ike.filter(isClassic),
    espProposals: profile.proposals.esp.length > 0 ? proposals.esp : proposals.esp.filter(isClassic),
    lifetimeSeconds: profile.lifetimes.ikeSeconds,
    espLifetimeSeconds: profile.lifetimes.childSeconds,
    user: userOf(credentials),
    localIdentity,
    remoteIdentity,
    virtualAddress,
    traffic,
    initialContact,
    forceEncapsulation,
  }
}

/** Who logs in by XAUTH: the user of the only round, or of the second, behind a certificate or a shared key of one's own. */
function userOf({ local, then }: Credentials): UserCredential | undefined {
  const user = local.method === 'eap' ? local : then?.credential
  if (user === undefined) return undefined
  const { username, password, askForCode } = user
  return {
    username,
    answer: ({ kind, text }) =>
      kind === 'password' || askForCode === undefined ? password() : askForCode(text ?? ''),
  }
}

/** The same; what is weak about a shared key is found when it is used. */
function measured(
  credential: SessionConfiguration['credential'],
  { ikev1 }: Profile,
  weaknesses: Set<IkeWeakness>,
): SessionConfiguration['credential'] {
  if (credential.method !== 'psk') return credential
  if (ikev1.mode === 'aggressive') weaknesses.add('aggressive-psk')
  return {
    method: 'psk',
    async secret(peer) {
      const secret = await credential.secret(peer)
      if (secret !== undefined && guessBits(secret) < GUESSABLE_BITS) weaknesses.add('guessable-psk')
      return secret
    },
  }
}

/** IKEv1 has no combined modes in phase 1, and gateways that speak it seldom have them in phase 2. */
const isClassic = ({ integrities }: ConfiguredProposal): boolean => integrities.length > 0

function phase1Credential({ local, remote, encryption }: Credentials): SessionConfiguration['credential'] {
  if (encryption !== undefined) {
    const { revised, own, gateway } = encryption
    return { method: 'encryption', revised, own, peerKey: () => gateway }
  }
  if (remote.method === 'psk') {
    if (local.method === 'signature')
      throw unsuitable('a certificate of yours and a shared key of the gateway')
    return { method: 'psk', secret: () => remote.secret() }
  }
  switch (local.method) {
    case 'signature':
      return { method: 'signature', key: local.key, certificates: local.certificates, trust: remote.trust }
    case 'eap':
      return { method: 'hybrid', side: 'client', trust: remote.trust }
    case 'psk':
      throw unsuitable("a shared key of yours and the gateway's certificate")
  }
}

const unsuitable = (what: string): VpnError =>
  new VpnError('profile-invalid', { where: 'local.authentication', problem: `IKEv1 does not know ${what}` })
