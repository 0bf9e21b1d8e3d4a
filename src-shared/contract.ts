/**
 * What a front end may ask and see. One boundary type, carried by a socket (terminal), by contextBridge (desktop) or called
 * directly (tests). Secrets go one way: in.
 */
import type { EspSuite, IkeSuite } from './algorithms.ts'
import type { ConnectionState } from './connection-state.ts'
import type { Failure } from './errors.ts'
import type { Result } from './result.ts'

export interface ChildSaStatus {
  readonly inboundSpi: number
  readonly outboundSpi: number
  readonly suite: EspSuite
  readonly mode: 'tunnel' | 'transport'
  readonly encapsulation: 'udp' | 'none'
  readonly localSelectors: readonly string[]
  readonly remoteSelectors: readonly string[]
  readonly ageMs: number
  /** Absent when we never rekey it ourselves. */
  readonly rekeyInMs?: number
  readonly inbound: { readonly packets: number; readonly bytes: number; readonly highestSequence: number }
  readonly outbound: { readonly packets: number; readonly bytes: number; readonly highestSequence: number }
}

export interface IkeSaStatus {
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly suite: IkeSuite
  readonly localIdentity: string
  readonly remoteIdentity: string
  readonly ageMs: number
  readonly rekeyInMs?: number
  readonly childSas: readonly ChildSaStatus[]
}

export interface Traffic {
  readonly inbound: { readonly packets: number; readonly bytes: number }
  readonly outbound: { readonly packets: number; readonly bytes: number }
}

/** The slice `connection`: one for each profile that is not disconnected. */
export interface ConnectionStatus {
  readonly profileId: string
  readonly profileName: string
  readonly state: ConnectionState
  readonly gateway?: { readonly name: string; readonly address: string; readonly port: number }
  readonly since?: number
  readonly virtualAddresses: readonly string[]
  readonly dns: { readonly servers: readonly string[]; readonly domains: readonly string[] }
  readonly interfaceName?: string
  readonly mtu?: number
  readonly dataPlane?: string
  readonly ikeSas: readonly IkeSaStatus[]
  /** Inner packets since the connection began, through all its SAs; only ever grows. */
  readonly traffic: Traffic
  /** Why packets and datagrams were dropped, by reason; only reasons that occurred. */
  readonly drops: Readonly<Record<string, number>>
  readonly question?: Question
}

/** Something only the person can answer; the answer is the command `answer`. */
export interface Question {
  readonly id: number
  readonly kind: 'password' | 'psk' | 'p12-password' | 'key-password' | 'one-time-code'
  readonly text: string
}

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  readonly area: string
  readonly message: string
  readonly fields?: Readonly<Record<string, string | number | boolean>>
}

/** Name of a command → its arguments and its result. */
export interface Commands {
  connect: { arguments: { readonly profileId: string }; result: undefined }
  disconnect: { arguments: { readonly profileId?: string }; result: undefined }
  answer: { arguments: { readonly id: number; readonly secret: string }; result: undefined }
}

/** Name of a slice → its whole value; a snapshot first, then each new value. */
export interface Slices {
  connections: readonly ConnectionStatus[]
  log: readonly LogLine[]
}

export interface Bridge {
  call<Name extends keyof Commands>(
    name: Name,
    argument: Commands[Name]['arguments'],
  ): Promise<Result<Commands[Name]['result'], Failure>>
  snapshot<Name extends keyof Slices>(name: Name): Promise<Slices[Name]>
  /** Gives the way to stop listening. */
  subscribe<Name extends keyof Slices>(name: Name, listener: (value: Slices[Name]) => void): () => void
  close(): void
}
