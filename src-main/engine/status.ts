/** What a connection shows of itself: a snapshot without secrets. */
import type { EpochMillis, Millis, SaId } from '../../src-shared/brands.ts'
import type { ConnectionState } from '../../src-shared/connection-state.ts'
import type {
  ChildSaStatus,
  ConnectionStatus,
  IkeSaStatus,
  KillSwitchState,
} from '../../src-shared/status.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { formatIdentity } from '../ike/identity.ts'
import type { ChildSa } from '../ike/child-sa.ts'
import { formatSelector } from '../ip/traffic-selector.ts'
import type { DataPlane, SaStatistics } from '../ipsec/data-plane.ts'
import { policiesInForce } from './policies.ts'
import type { TrafficMeter } from './traffic.ts'
import type { Tunnel } from './tunnel.ts'

export interface StatusSources {
  readonly profile: Profile
  readonly state: ConnectionState
  readonly since: EpochMillis | undefined
  readonly tunnels: readonly Tunnel[]
  readonly current: Tunnel | undefined
  readonly plane: DataPlane
  readonly interfaceName: string | undefined
  readonly mtu: number | undefined
  readonly ikeDrops: ReadonlyMap<string, number>
  readonly traffic: TrafficMeter
  readonly killSwitch?: KillSwitchState
  readonly now: Millis
}

export function connectionStatus(sources: StatusSources): ConnectionStatus {
  const { profile, current, since, interfaceName, mtu } = sources
  const statistics = sources.plane.statistics()
  const sas = new Map(statistics.sas.map((sa) => [sa.id, sa]))
  const assigned = current?.established?.assigned
  const drops = new Map(sources.ikeDrops)
  for (const [reason, count] of Object.entries(statistics.drops))
    drops.set(reason, (drops.get(reason) ?? 0) + count)
  return {
    profileId: profile.id,
    profileName: profile.name,
    state: sources.state,
    virtualAddresses: assigned?.addresses.map(({ address }) => address) ?? [],
    dns: {
      servers: profile.dns.servers.length > 0 ? profile.dns.servers : (assigned?.dnsServers ?? []),
      domains: [...profile.dns.domains, ...(assigned?.dnsDomains ?? [])],
    },
    ikeSas: sources.tunnels.flatMap((tunnel) => ikeSaStatus(tunnel, sas, sources.now)),
    traffic: sources.traffic.total(statistics.sas),
    drops: Object.fromEntries(drops),
    dataPlane: sources.plane.description,
    ...(current === undefined ? {} : { gateway: { name: profile.gateway.address, ...current.endpoint } }),
    ...(since === undefined ? {} : { since }),
    ...(interfaceName === undefined ? {} : { interfaceName }),
    ...(mtu === undefined ? {} : { mtu }),
    policies: policiesInForce(sources),
    ...(sources.killSwitch === undefined ? {} : { killSwitch: sources.killSwitch }),
  }
}

type Statistics = ReadonlyMap<SaId, SaStatistics>

function ikeSaStatus(tunnel: Tunnel, sas: Statistics, now: Millis): readonly IkeSaStatus[] {
  const { session, established } = tunnel
  const { sa } = session
  if (sa === undefined || established === undefined) return []
  const rekeyAt = session.ikeRekeyAt
  return [
    {
      initiatorSpi: spiText(sa.initiatorSpi),
      responderSpi: spiText(sa.responderSpi),
      suite: sa.suite,
      localIdentity: formatIdentity(established.identities.local),
      remoteIdentity: formatIdentity(established.identities.remote),
      ageMs: now - sa.createdAt,
      ...(rekeyAt === undefined ? {} : { rekeyInMs: Math.max(0, rekeyAt - now) }),
      ...(sa.weaknesses === undefined || sa.weaknesses.length === 0 ? {} : { weaknesses: sa.weaknesses }),
      childSas: session.children.map((child) => childSaStatus(tunnel, child, sas, now)),
    },
  ]
}

const spiText = (spi: bigint): string => spi.toString(16).padStart(16, '0')

function childSaStatus(tunnel: Tunnel, child: ChildSa, sas: Statistics, now: Millis): ChildSaStatus {
  const ids = tunnel.childSas.idsOf(child)
  const counted = (id: SaId | undefined): ChildSaStatus['inbound'] => {
    const sa = id === undefined ? undefined : sas.get(id)
    return { packets: sa?.packets ?? 0, bytes: sa?.bytes ?? 0, highestSequence: sa?.highestSequence ?? 0 }
  }
  const rekeyAt = tunnel.session.childRekeyAt(child)
  const replayWindow = ids === undefined ? undefined : sas.get(ids.inbound)?.replayWindow
  return {
    inboundSpi: child.inboundSpi,
    outboundSpi: child.outboundSpi,
    suite: child.suite,
    mode: 'tunnel',
    encapsulation: 'udp',
    localSelectors: child.local.map(formatSelector),
    remoteSelectors: child.remote.map(formatSelector),
    ageMs: now - child.createdAt,
    ...(rekeyAt === undefined ? {} : { rekeyInMs: Math.max(0, rekeyAt - now) }),
    expiresInMs: Math.max(0, tunnel.session.childExpiresAt(child) - now),
    inbound: counted(ids?.inbound),
    outbound: counted(ids?.outbound),
    ...(replayWindow === undefined ? {} : { replayWindow }),
  }
}
