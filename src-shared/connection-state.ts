import type { Failure } from './errors.ts'

export type ConnectingPhase = 'resolving' | 'negotiating' | 'authenticating' | 'configuring'

/** Why a connection that stood is being made anew. */
export type ReconnectCause =
  | 'unreachable'
  | 'gateway-silent'
  | 'gateway-closed'
  | 'expired'
  | 'network-changed'
  | 'woke-up'
  | 'reauthentication'

/** The one state of a connection; engine/connection.ts owns its transitions, everyone else mirrors it. */
export type ConnectionState =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'connecting'; readonly phase: ConnectingPhase }
  | { readonly kind: 'connected' }
  | {
      readonly kind: 'reconnecting'
      readonly cause: ReconnectCause
      readonly attempt: number
      readonly phase?: ConnectingPhase
    }
  | { readonly kind: 'disconnecting' }
  | { readonly kind: 'failed'; readonly failure: Failure }
