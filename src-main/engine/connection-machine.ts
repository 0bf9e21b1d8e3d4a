/** The one state machine of a connection: pure, total, and the only place that says what follows what. */
import type { ConnectingPhase, ConnectionState, ReconnectCause } from '../../src-shared/connection-state.ts'
import type { Failure } from '../../src-shared/errors.ts'

export type ConnectionEvent =
  | { readonly kind: 'dial' }
  | { readonly kind: 'phase'; readonly phase: ConnectingPhase }
  | { readonly kind: 'established' }
  /** What stood is gone; we try again by ourselves. */
  | { readonly kind: 'lost'; readonly cause: ReconnectCause }
  /** Another try begins. */
  | { readonly kind: 'retry' }
  | { readonly kind: 'give-up'; readonly failure: Failure }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'closed' }

/** What the connection is after the event. An event that has no meaning in a state leaves it as it is. */
export function transition(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  switch (event.kind) {
    case 'dial':
      return state.kind === 'disconnected' || state.kind === 'failed'
        ? { kind: 'connecting', phase: 'resolving' }
        : state
    case 'phase':
      return (state.kind === 'connecting' || state.kind === 'reconnecting') && state.phase !== event.phase
        ? { ...state, phase: event.phase }
        : state
    case 'established':
      return state.kind === 'connecting' || state.kind === 'reconnecting' ? { kind: 'connected' } : state
    case 'lost':
      return state.kind === 'connected' ? { kind: 'reconnecting', cause: event.cause, attempt: 1 } : state
    case 'retry':
      return state.kind === 'reconnecting'
        ? { kind: 'reconnecting', cause: state.cause, attempt: state.attempt + 1 }
        : state
    case 'give-up':
      // Also while disconnecting: what could not be put back has to be seen.
      return state.kind === 'disconnected' || state.kind === 'failed'
        ? state
        : { kind: 'failed', failure: event.failure }
    case 'disconnect':
      return state.kind === 'disconnected' || state.kind === 'failed' || state.kind === 'disconnecting'
        ? state
        : { kind: 'disconnecting' }
    case 'closed':
      return state.kind === 'failed' || state.kind === 'disconnected' ? state : { kind: 'disconnected' }
  }
}
