/** A connection's state in words, for the terminal and the log. */
import type { ConnectingPhase, ConnectionState, ReconnectCause } from '../../src-shared/connection-state.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { Log } from '../ports.ts'

export const phaseWords: Readonly<Record<ConnectingPhase, string>> = {
  resolving: 'Finding the gateway',
  negotiating: 'Agreeing on encryption',
  authenticating: 'Proving identities',
  configuring: 'Setting up the tunnel',
}

export const causeWords: Readonly<Record<ReconnectCause, string>> = {
  unreachable: 'the gateway cannot be reached',
  'gateway-silent': 'the gateway fell silent',
  expired: 'the gateway gave no new keys in time',
  'gateway-closed': 'the gateway closed the connection',
  'network-changed': 'the network changed',
  'woke-up': 'this machine woke up',
  reauthentication: 'the gateway wants a new login',
}

/** One word or two for a state. */
export function stateWords(state: ConnectionState): string {
  switch (state.kind) {
    case 'disconnected':
      return 'not connected'
    case 'connecting':
      return `connecting: ${phaseWords[state.phase].toLowerCase()}`
    case 'connected':
      return 'connected'
    case 'reconnecting':
      return `reconnecting: ${causeWords[state.cause]}`
    case 'disconnecting':
      return 'disconnecting'
    case 'failed':
      return 'failed'
  }
}

/** What two statuses must differ in to be told apart: counters and ages do not count. */
export const stateKey = (state: ConnectionState): string => {
  switch (state.kind) {
    case 'connecting':
      return `connecting ${state.phase}`
    case 'reconnecting':
      return `reconnecting ${state.cause} ${state.attempt} ${state.phase ?? ''}`
    case 'failed':
      return `failed ${state.failure.code}`
    case 'disconnected':
    case 'connected':
    case 'disconnecting':
      return state.kind
  }
}

/** Tells the log of each state of a connection that is another than the one before, so that its way can be read there. */
export function stateLogger(log: Log): (status: ConnectionStatus) => void {
  let last = 'disconnected'
  return ({ state, profileName, gateway }) => {
    const key = stateKey(state)
    if (key === last) return
    last = key
    log(state.kind === 'failed' ? 'warn' : 'info', 'state', stateWords(state), {
      profile: profileName,
      ...(gateway === undefined ? {} : { gateway: gateway.address }),
      ...(state.kind === 'failed' ? { code: state.failure.code, ...state.failure.details } : {}),
    })
  }
}
