/** What the firewall allows is a function of the connection's state: pure, total, and said nowhere else. */
import type { ConnectionState } from '../../src-shared/connection-state.ts'

export type FirewallPolicy =
  /** Everything may leave, as without Culvert. */
  | 'open'
  /** Nothing may. */
  | 'blocked'
  /** Nothing but the tunnel's own packets to the gateway. */
  | 'gateway'
  /** These, and everything through the tunnel. */
  | 'tunnel'

export interface KillSwitchView {
  /** The person wants it, or a block stands that nobody has released. */
  readonly on: boolean
  /** A block stands: made by this connection, or left by one that failed or was killed. */
  readonly standing: boolean
  /** An address of the gateway is known, and the port of ours that its packets leave from. */
  readonly wayKnown: boolean
}

/**
 * What a connection in this state wants of the firewall. Before the first address is known a machine stays as open, or as blocked,
 * as it was: it cannot be resolved in a block. What failed leaves the block in place; what the person ended opens it.
 */
export function policyFor(
  state: ConnectionState,
  { on, standing, wayKnown }: KillSwitchView,
): FirewallPolicy {
  if (!on) return 'open'
  const asItWas = standing ? 'blocked' : 'open'
  switch (state.kind) {
    case 'disconnected':
      return 'open'
    case 'failed':
      return asItWas
    case 'connecting':
      if (!wayKnown) return asItWas
      return state.phase === 'configuring' ? 'tunnel' : 'gateway'
    case 'connected':
    case 'reconnecting':
    // The Delete has still to leave, and what is in the tunnel.
    case 'disconnecting':
      return wayKnown ? 'tunnel' : asItWas
  }
}
