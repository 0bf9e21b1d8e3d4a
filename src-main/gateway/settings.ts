/** From what the gateway's file says to what the responder and the machine need. */
import { millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { parsePrefix } from '../ip/address.ts'
import type { IpPrefix } from '../ip/address.ts'
import { selectorFromPrefix } from '../ip/traffic-selector.ts'
import { equalIdentities, parseIdentity } from '../ike/identity.ts'
import { defaultProposals, parseProposal } from '../ike/proposal-text.ts'
import type { ConfiguredProposal } from '../ike/proposal-text.ts'
import type { ClientCredentials, GatewayCredential, ResponderConfiguration } from '../ike/v2/responder.ts'
import type { SessionTimes } from '../ike/v2/session-owner.ts'
import type { DecryptionKey, EncryptionKey, Identity, Trust } from '../ports.ts'
import type { GatewayProfile } from './gateway-profile.ts'
import type { Users } from './users.ts'

/** What was read from the files that the profile names. */
export interface GatewayCredentials {
  readonly own: GatewayCredential
  readonly users: Users
  /** Of the clients' authorities. */
  readonly trust: Trust | undefined
  /** For IKEv1's authentication by public-key encryption. */
  readonly encryption?: {
    readonly own: DecryptionKey
    readonly clients: readonly { readonly identity: Identity; readonly key: EncryptionKey }[]
  }
}

export const invalid = (where: string, problem: string): VpnError =>
  new VpnError('profile-invalid', { where, problem })

export function responderConfiguration(
  profile: GatewayProfile,
  { own, users, trust }: GatewayCredentials,
): ResponderConfiguration {
  const { authLifetimeSeconds } = profile
  return {
    proposals: { ike: proposals(profile.proposals.ike, 'ike'), esp: proposals(profile.proposals.esp, 'esp') },
    localIdentity: identityIn('identity', profile.identity),
    local: own,
    clients: clientCredentials(profile, users, trust),
    networks: profile.networks.map((text) => selectorFromPrefix(prefixIn('networks', text))),
    fragmentation: profile.fragmentation,
    // The data plane speaks ESP in UDP only, so the clients have to as well (RFC 7296 section 2.23).
    forceEncapsulation: true,
    authLifetime: authLifetimeSeconds === undefined ? undefined : millis(authLifetimeSeconds * 1000),
  }
}

function clientCredentials(
  { clients }: GatewayProfile,
  users: Users,
  trust: Trust | undefined,
): ClientCredentials {
  const admitted = (clients.certificate?.identities ?? []).map((text) =>
    identityIn('clients.certificate.identities', text),
  )
  return {
    ...(clients.psk.length === 0 ? {} : { psk: users.psk }),
    ...(trust === undefined
      ? {}
      : {
          signature: {
            trust,
            admits: (identity: Identity) =>
              admitted.length === 0 || admitted.some((one) => equalIdentities(one, identity)),
          },
        }),
    ...(clients.eap === undefined ? {} : { eap: { methods: clients.eap.methods, password: users.password } }),
  }
}

export function proposals(texts: readonly string[], kind: 'ike' | 'esp'): readonly ConfiguredProposal[] {
  if (texts.length === 0) return defaultProposals(kind)
  return texts.map((text) => {
    const parsed = parseProposal(kind, text)
    if (!parsed.ok) throw invalid(`proposals.${kind}`, parsed.error)
    return parsed.value
  })
}

export function identityIn(where: string, text: string): Identity {
  const identity = parseIdentity(text)
  if (identity === undefined) throw invalid(where, `not an identity: ${text}`)
  return identity
}

export function prefixIn(where: string, text: string): IpPrefix {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw invalid(where, `not a network: ${text}`)
  return prefix
}

export const gatewaySessionTimes = (profile: GatewayProfile): SessionTimes => ({
  ikeRekey: millis(profile.lifetimes.ikeSeconds * 1000),
  childRekey: millis(profile.lifetimes.childSeconds * 1000),
  liveness: millis(profile.livenessSeconds * 1000),
})
