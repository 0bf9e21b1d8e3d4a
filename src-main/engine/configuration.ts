/** From what a profile says to what the initiator and the machine need. */
import type { Profile } from '../../src-shared/profile.ts'
import { millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { addressBits, formatAddress, parseAddress, parsePrefix } from '../ip/address.ts'
import { selectorFromAddress, selectorFromPrefix, selectorsToPrefixes } from '../ip/traffic-selector.ts'
import type { TrafficSelector } from '../ip/traffic-selector.ts'
import { parseIdentity } from '../ike/identity.ts'
import { defaultProposals, parseProposal } from '../ike/proposal-text.ts'
import type { AssignedConfiguration, ChildSa } from '../ike/child-sa.ts'
import type { InitiatorConfiguration } from '../ike/v2/initiator.ts'
import type { SessionTimes } from '../ike/v2/session-owner.ts'
import type { SaLifetime } from '../ipsec/data-plane.ts'
import type { Identity, TunnelConfiguration } from '../ports.ts'
import type { Credentials } from './credentials.ts'

export function initiatorConfiguration(
  profile: Profile,
  credentials: Credentials,
  ends: { readonly localAddress: string; readonly gatewayAddress: string },
): InitiatorConfiguration {
  return {
    proposals: {
      ike: proposals(profile.proposals.ike, 'ike'),
      esp: proposals(profile.proposals.esp, 'esp'),
    },
    localIdentity: localIdentity(profile, credentials, ends.localAddress),
    remoteIdentity: remoteIdentity(profile),
    local: credentials.local,
    remote: credentials.remote,
    ...(credentials.then === undefined ? {} : { then: credentials.then }),
    eapOnly: profile.remote.eapOnly ?? false,
    traffic: {
      local:
        profile.traffic.local.length > 0 ? selectors(profile.traffic.local) : [selectorOf(ends.localAddress)],
      remote: selectors(profile.traffic.remote),
    },
    virtualAddress: profile.virtualAddress,
    fragmentation: profile.fragmentation,
    initialContact: true,
    // The data plane speaks ESP in UDP only, so the gateway has to as well (RFC 7296 section 2.23).
    forceEncapsulation: true,
  }
}

function proposals(texts: readonly string[], kind: 'ike' | 'esp'): ReturnType<typeof defaultProposals> {
  if (texts.length === 0) return defaultProposals(kind)
  return texts.map((text) => {
    const parsed = parseProposal(kind, text)
    if (!parsed.ok)
      throw new VpnError('profile-invalid', { where: `proposals.${kind}`, problem: parsed.error })
    return parsed.value
  })
}

function localIdentity(profile: Profile, credentials: Credentials, localAddress: string): Identity {
  const text = profile.local.identity
  if (text === undefined) return credentials.localIdentity ?? identity(localAddress, 'local.identity')
  return identity(text, 'local.identity')
}

function remoteIdentity(profile: Profile): Identity | undefined {
  const text = profile.remote.identity ?? profile.gateway.address
  return text === '%any' ? undefined : identity(text, 'remote.identity')
}

function identity(text: string, where: string): Identity {
  const parsed = parseIdentity(text)
  if (parsed === undefined)
    throw new VpnError('profile-invalid', { where, problem: `not an identity: ${text}` })
  return parsed
}

const selectors = (prefixes: readonly string[]): readonly TrafficSelector[] =>
  prefixes.map((text) => {
    const prefix = parsePrefix(text)
    if (prefix === undefined)
      throw new VpnError('profile-invalid', { where: 'traffic', problem: `not a prefix: ${text}` })
    return selectorFromPrefix(prefix)
  })

function selectorOf(address: string): TrafficSelector {
  const parsed = parseAddress(address)
  if (parsed === undefined) throw new Error('our own address is not an address')
  return selectorFromAddress(parsed)
}

export const sessionTimes = (profile: Profile): SessionTimes => ({
  ikeRekey: millis(profile.lifetimes.ikeSeconds * 1000),
  childRekey: millis(profile.lifetimes.childSeconds * 1000),
  liveness: millis(profile.livenessSeconds * 1000),
})

/** Rekeying begins at nine tenths of what the profile allows. */
const softPart = 0.9

export function saLifetime(profile: Profile): SaLifetime {
  const { childBytes, childPackets } = profile.lifetimes
  return {
    ...(childBytes === undefined
      ? {}
      : { softBytes: Math.floor(childBytes * softPart), hardBytes: childBytes }),
    ...(childPackets === undefined
      ? {}
      : { softPackets: Math.floor(childPackets * softPart), hardPackets: childPackets }),
  }
}

export function tunnelConfiguration(
  profile: Profile,
  child: ChildSa,
  assigned: AssignedConfiguration,
  outside: { readonly gateway: string; readonly localPort: number },
  mtu: number,
): TunnelConfiguration {
  const routes = selectorsToPrefixes(child.remote).map(({ address, length }) => ({
    address: formatAddress(address),
    length,
  }))
  const families = new Set(assigned.addresses.map(({ address }) => address.includes(':')))
  const servers = profile.dns.servers.length > 0 ? profile.dns.servers : assigned.dnsServers
  const domains = [...profile.dns.domains, ...assigned.dnsDomains]
  return {
    mtu: Math.min(mtu, profile.mtu ?? mtu),
    addresses: assigned.addresses,
    // A family without an address of ours cannot be spoken inside.
    routes:
      families.size === 0 ? routes : routes.filter(({ address }) => families.has(address.includes(':'))),
    outside,
    ...(servers.length === 0 ? {} : { dns: { servers, domains } }),
    ...(assigned.addresses.length === 0 && profile.traffic.local.some(isNetwork) ? { forward: true } : {}),
  }
}

/** More than one address: other hosts, behind this one. */
function isNetwork(text: string): boolean {
  const prefix = parsePrefix(text)
  return prefix !== undefined && prefix.length < addressBits(prefix.address.family)
}
