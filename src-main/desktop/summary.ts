/** All connections in one glance: what the tray's icon and its first line tell. Pure. */
import type { Library } from '../../src-shared/library.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { Words } from './words/en.ts'

/** The mark's states (assets/tray). */
export const markStates = ['off', 'connecting', 'connected', 'failed', 'blocked'] as const
export type MarkState = (typeof markStates)[number]

/** What is worst or most in motion wins: nobody may believe to be protected who is not. */
export function markOf(connections: readonly ConnectionStatus[]): MarkState {
  const states = connections.map(({ state }) => state.kind)
  if (connections.some(({ killSwitch }) => killSwitch === 'holding')) return 'blocked'
  if (states.some((kind) => kind === 'connecting' || kind === 'reconnecting' || kind === 'disconnecting'))
    return 'connecting'
  if (states.includes('connected')) return 'connected'
  return states.includes('failed') ? 'failed' : 'off'
}

/** The state in words. */
export function stateLine(connections: readonly ConnectionStatus[], { tray }: Words): string {
  const mark = markOf(connections)
  switch (mark) {
    case 'blocked':
      return tray.blocked
    case 'off':
      return tray.notConnected
    case 'connecting': {
      const moving = connections.find(({ state }) =>
        ['connecting', 'reconnecting', 'disconnecting'].includes(state.kind),
      )
      return moving === undefined ? tray.notConnected : movingLine(moving, tray)
    }
    case 'connected': {
      const standing = connections.filter(({ state }) => state.kind === 'connected')
      const [first] = standing
      return standing.length === 1 && first !== undefined
        ? tray.connected(first.profileName)
        : tray.connectedTo(standing.length)
    }
    case 'failed':
      return tray.failed(connections.find(({ state }) => state.kind === 'failed')?.profileName ?? '')
  }
}

function movingLine({ state, profileName }: ConnectionStatus, tray: Words['tray']): string {
  switch (state.kind) {
    case 'reconnecting':
      return tray.reconnecting(profileName)
    case 'disconnecting':
      return tray.disconnecting(profileName)
    case 'connecting':
    case 'connected':
    case 'disconnected':
    case 'failed':
      return tray.connecting(profileName)
  }
}

/** One entry of the tray's menu: what a click does to this profile. */
export interface Toggle {
  readonly profileId: string
  readonly name: string
  readonly does: 'connect' | 'cancel' | 'disconnect'
}

/** Profiles beyond this many are in the window. */
const MOST_TOGGLES = 10

/** What is connected first, then the profile used last, then the favourites in their order. */
export function togglesOf(connections: readonly ConnectionStatus[], { entries }: Library): readonly Toggle[] {
  const active = connections.filter(({ state }) => state.kind !== 'failed' && state.kind !== 'disconnected')
  const [last] = entries
    .filter(({ lastConnectedAt }) => lastConnectedAt !== undefined)
    .sort((a, b) => (b.lastConnectedAt ?? 0) - (a.lastConnectedAt ?? 0))
  const wanted = [
    ...active.map(({ profileId, profileName }) => ({ id: profileId, name: profileName })),
    ...(last === undefined ? [] : [last.profile]),
    ...entries.filter(({ favourite }) => favourite).map(({ profile }) => profile),
  ]
  const known = new Map(wanted.toReversed().map(({ id, name }) => [id, name]))
  const order = [...new Set(wanted.map(({ id }) => id))].slice(0, MOST_TOGGLES)
  return order.map((profileId) => {
    const kind = active.find((connection) => connection.profileId === profileId)?.state.kind
    const does = kind === undefined ? 'connect' : kind === 'connecting' ? 'cancel' : 'disconnect'
    return { profileId, name: known.get(profileId) ?? profileId, does }
  })
}

/** Inner bytes of all connections, both ways. */
export interface Carried {
  readonly at: number
  readonly inbound: number
  readonly outbound: number
}

export const carriedBy = (connections: readonly ConnectionStatus[], at: number): Carried => ({
  at,
  inbound: connections.reduce((sum, { traffic }) => sum + traffic.inbound.bytes, 0),
  outbound: connections.reduce((sum, { traffic }) => sum + traffic.outbound.bytes, 0),
})

/** The rate between two readings as text; undefined when they cannot be compared. */
export function rateLine(
  before: Carried,
  after: Carried,
  { tray, units }: Words,
  locale: string,
): string | undefined {
  const seconds = (after.at - before.at) / 1_000
  const down = after.inbound - before.inbound
  const up = after.outbound - before.outbound
  if (seconds <= 0 || down < 0 || up < 0) return undefined
  const text = (bytes: number): string => formatRate(bytes / seconds, units, locale)
  return tray.rate(text(down), text(up))
}

function formatRate(bytesPerSecond: number, units: readonly string[], locale: string): string {
  const step = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, bytesPerSecond)) / 3)),
  )
  const value = bytesPerSecond / 1_000 ** step
  const digits = step === 0 || value >= 10 ? 0 : 1
  return `${value.toLocaleString(locale, { maximumFractionDigits: digits })} ${units[step] ?? ''}`
}
