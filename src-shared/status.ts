/** What a connection shows of itself, live: plain data without secrets. */
import type { EspSuite, IkeSuite } from './algorithms.ts'
import type { ConnectionState } from './connection-state.ts'

export interface FlowStatus {
  readonly packets: number
  readonly bytes: number
  readonly highestSequence: number
}

/** The anti-replay window (RFC 4303 section 3.4.3) as it stands: its right edge is the highest authenticated number. */
export interface ReplayWindowStatus {
  /** Packets. */
  readonly size: number
  /** One character a packet, the newest first: `1` seen, `0` not yet; at most the first 256 of the window. */
  readonly seen: string
}

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
  /** When it stops even if rekeying never succeeds. */
  readonly expiresInMs?: number
  readonly inbound: FlowStatus
  readonly outbound: FlowStatus
  readonly replayWindow?: ReplayWindowStatus
}

/**
 * What is weak about how the ends were proven, by the profile's choice. `aggressive-psk`: whoever listened, or asked, can try keys
 * at home. `guessable-psk`: so can whoever pretends to be the gateway, and the key will not stand it for long.
 */
export type IkeWeakness = 'aggressive-psk' | 'guessable-psk'

export interface IkeSaStatus {
  readonly weaknesses?: readonly IkeWeakness[]
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

/** An entry of the security policy database in force (RFC 4301 section 4.4.1), in the order in which it is asked. */
export interface PolicyStatus {
  readonly direction: 'outbound' | 'inbound'
  readonly action: 'protect' | 'bypass' | 'discard'
  readonly local: string
  readonly remote: string
  /** `any`, `tcp`, `udp 53`, … */
  readonly protocol: string
  /** The SPI that protects it, where the action is `protect`. */
  readonly spi?: number
  /** In plain words: why this entry is there. */
  readonly reason: string
}

/** What leaves this machine outside the tunnel: `off`: everything may; `armed`: the tunnel stands, all else is blocked; `holding`: no tunnel and nothing may leave. */
export type KillSwitchState = 'off' | 'armed' | 'holding'

/** A security association with keys by hand (RFC 4301 section 4.5.1): one direction. */
export interface ManualSaStatus {
  readonly direction: 'inbound' | 'outbound'
  readonly protocol: 'esp' | 'ah'
  readonly mode: 'tunnel' | 'transport'
  readonly spi: number
  readonly source: string
  readonly destination: string
  readonly requestId?: number
  /** `aes-cbc 128, hmac-sha1-96`. */
  readonly algorithms: string
  readonly encapsulation: 'udp' | 'none'
  readonly extendedSequenceNumbers: boolean
  readonly flow: FlowStatus
  /** Absent where replays are not looked for. */
  readonly replayWindow?: ReplayWindowStatus
  readonly drops: Readonly<Record<string, number>>
  /** Why it passes nothing any more. */
  readonly stopped?: string
}

/** Something only the person can answer; the answer is the command `answer`. */
export interface Question {
  readonly id: number
  readonly kind: 'password' | 'psk' | 'p12-password' | 'key-password' | 'one-time-code'
  readonly text: string
}

/** One for each profile that is not disconnected. */
export interface ConnectionStatus {
  readonly profileId: string
  readonly profileName: string
  readonly state: ConnectionState
  /** Whose process carries it: this one, or another terminal's or window's, where it is only seen and ended. */
  readonly carriedBy?: 'this' | 'another'
  readonly gateway?: { readonly name: string; readonly address: string; readonly port: number }
  readonly since?: number
  readonly virtualAddresses: readonly string[]
  readonly dns: { readonly servers: readonly string[]; readonly domains: readonly string[] }
  readonly interfaceName?: string
  readonly mtu?: number
  readonly dataPlane?: string
  readonly ikeSas: readonly IkeSaStatus[]
  /** With manual keys (`culvert manual`) alone; `profileName` is then the file. */
  readonly manualSas?: readonly ManualSaStatus[]
  /** Inner packets since the connection began, through all its SAs; only ever grows. */
  readonly traffic: Traffic
  /** Why packets and datagrams were dropped, by reason; only reasons that occurred. */
  readonly drops: Readonly<Record<string, number>>
  readonly policies?: readonly PolicyStatus[]
  readonly killSwitch?: KillSwitchState
  readonly question?: Question
}
