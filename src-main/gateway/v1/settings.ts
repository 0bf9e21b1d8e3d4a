/** From what the gateway's file says to what the responder of version 1 needs. */
import { equalIdentities } from '../../ike/identity.ts'
import type { Way } from '../../ike/v1/configuration.ts'
import type { ResponderConfiguration } from '../../ike/v1/responder.ts'
import { prefixFirst, formatAddress } from '../../ip/address.ts'
import { selectorFromPrefix } from '../../ip/traffic-selector.ts'
import type { Crypto, Identity } from '../../ports.ts'
import type { GatewayProfile } from '../gateway-profile.ts'
import type { GatewayCredentials } from '../settings.ts'
import { identityIn, invalid, prefixIn, proposals } from '../settings.ts'
import type { Users } from '../users.ts'

export function responderV1(
  profile: GatewayProfile,
  credentials: GatewayCredentials,
  crypto: Pick<Crypto, 'hash' | 'equal'>,
): ResponderConfiguration {
  const { ikev1, lifetimes } = profile
  const { users } = credentials
  return {
    proposals: proposals(profile.proposals.ike, 'ike'),
    lifetimeSeconds: lifetimes.ikeSeconds,
    localIdentity: identityIn('identity', profile.identity),
    // The data plane speaks ESP in UDP only, so the clients have to as well.
    forceEncapsulation: true,
    ways: waysIn(profile, credentials),
    admits: (identity, way, keyOf) => admits(profile, credentials, crypto, { identity, way, keyOf }),
    aggressive: ikev1.aggressive,
    espProposals: proposals(profile.proposals.esp, 'esp'),
    espLifetimeSeconds: lifetimes.childSeconds,
    networks: profile.networks.map((text) => selectorFromPrefix(prefixIn('networks', text))),
    passwordFits: (user, password) => passwordFits(users, crypto, user, password),
    modeConfig: ikev1.modeConfig,
  }
}

/** A way in that needs XAUTH is not open without it. */
function waysIn(
  { clients, ikev1 }: GatewayProfile,
  { own, users, trust, encryption }: GatewayCredentials,
): readonly Way[] {
  const after = new Set(ikev1.xauth?.after ?? [])
  const ways: Way[] = []
  if (own.method === 'signature') {
    const { key, certificates } = own
    if (key.type === 'ed25519') throw invalid('authentication', 'IKEv1 has no signatures with Ed25519 keys')
    if (after.size > (after.has('psk') ? 1 : 0) && key.type !== 'rsa')
      throw invalid('ikev1.xauth.after', 'XAUTH goes with RSA certificates alone')
    if (trust !== undefined) {
      const credential = { method: 'signature', key, certificates, trust } as const
      ways.push({ credential, xauth: after.has('certificate') })
    }
    if (after.has('hybrid'))
      ways.push({ credential: { method: 'hybrid', side: 'gateway', key, certificates }, xauth: true })
  }
  if (clients.psk.length > 0) {
    const secret = (peer: Identity | undefined): Promise<Uint8Array | undefined> =>
      Promise.resolve(peer === undefined ? undefined : users.psk(peer))
    ways.push({ credential: { method: 'psk', secret }, xauth: after.has('psk') })
  }
  for (const method of encryption === undefined ? [] : (ikev1.encryption?.methods ?? []))
    ways.push(...sealedWay(encryption, method === 'revised'))
  if (ways.length === 0) throw invalid('versions', 'no way in is open to version 1')
  return ways
}

/** Who is nobody's client is answered under the first client's key: it cannot be told before the end. */
function sealedWay(encryption: GatewayCredentials['encryption'], revised: boolean): readonly Way[] {
  const [first] = encryption?.clients ?? []
  if (encryption === undefined || first === undefined) return []
  const { own, clients } = encryption
  const peerKey = (peer: Identity | undefined) =>
    (clients.find(({ identity }) => peer !== undefined && equalIdentities(identity, peer)) ?? first).key
  return [{ credential: { method: 'encryption', revised, own, peerKey }, xauth: false }]
}

interface Claim {
  readonly identity: Identity
  readonly way: Way
  readonly keyOf: Identity
}

function admits(
  { clients }: GatewayProfile,
  { users, encryption }: Pick<GatewayCredentials, 'users' | 'encryption'>,
  crypto: Pick<Crypto, 'equal'>,
  { identity, way, keyOf }: Claim,
): boolean {
  switch (way.credential.method) {
    case 'psk': {
      // In main mode the key is found by the address: whoever has a key of their own must have shown that one.
      const [own, shown] = [users.psk(identity), users.psk(keyOf)]
      return own !== undefined && shown !== undefined && crypto.equal(own, shown)
    }
    case 'signature': {
      const admitted = clients.certificate?.identities ?? []
      return (
        admitted.length === 0 ||
        admitted.some((text) => equalIdentities(identityIn('clients.certificate.identities', text), identity))
      )
    }
    case 'encryption':
      return encryption?.clients.some((client) => equalIdentities(client.identity, identity)) === true
    case 'hybrid':
      return true
  }
}

/** Compares hashes, so that neither length nor existence shows in the time that it takes. */
function passwordFits(
  users: Users,
  crypto: Pick<Crypto, 'hash' | 'equal'>,
  user: string,
  password: Uint8Array,
): boolean {
  const known = users.xauthPassword(user)
  const same = crypto.equal(crypto.hash('sha256', password), crypto.hash('sha256', known ?? new Uint8Array()))
  return same && known !== undefined && known.length > 0
}

/** The networks that clients of Cisco's kind are told to send here; none when everything is to come. */
export function splitInclude({ ikev1, networks }: GatewayProfile): readonly {
  readonly address: string
  readonly length: number
}[] {
  const prefixes = networks.map((text) => prefixIn('networks', text))
  if (!ikev1.splitInclude || prefixes.some(({ length }) => length === 0)) return []
  return prefixes.map((prefix) => ({ address: formatAddress(prefixFirst(prefix)), length: prefix.length }))
}
