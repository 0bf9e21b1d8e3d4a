/** What the responder's side of a session needs to know: the ways in, what clients are given, and what they may reach. */
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import type { AssignedConfiguration } from '../child-sa.ts'
import type { ConfiguredProposal } from '../proposal-text.ts'
import type { ResponderPhase1 } from './configuration.ts'

export interface ResponderConfiguration extends Omit<ResponderPhase1, 'local' | 'remote'> {
  /** Whether aggressive mode is answered, which shows identities and lets a shared key be guessed. */
  readonly aggressive: boolean
  readonly espProposals: readonly ConfiguredProposal[]
  readonly espLifetimeSeconds: number
  /** What clients may reach. */
  readonly networks: readonly TrafficSelector[]
  /** Whether this is the user's password; takes as long for users who do not exist. */
  readonly passwordFits: (user: string, password: Uint8Array) => boolean
  /** Whether clients ask for their address, or have it pushed upon them. */
  readonly modeConfig: 'pull' | 'push'
}

/** What a client is given, with what gateways of Cisco's kind say besides. */
export interface GivenConfiguration extends AssignedConfiguration {
  readonly banner: string | undefined
}
