/** Security associations as a person writes them by hand: everything that IKE would have agreed on (RFC 4301 section 4.5.1). */
import type { AhIntegrityName, EncryptionName } from '../../../src-shared/algorithms.ts'
import type { Secret } from '../../../src-shared/secret.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { IpsecMode, IpsecProtocol } from './policy.ts'
import type { AddressRange, FieldSelector, ProtocolSelector } from './selector.ts'

export interface ManualEncryption {
  readonly name: EncryptionName
  /** Of the cipher's key alone. */
  readonly keyBits: number
  /** The key, the salt behind it where the cipher has one, as IKE's keying material gives them. */
  readonly key: Secret
}

export interface ManualIntegrity {
  /** ESP never has GMAC here. */
  readonly name: AhIntegrityName
  readonly key: Secret
}

/** The kernel's names. `esn` is a field of its own. */
export type SaFlag =
  'noecn' | 'decap-dscp' | 'nopmtudisc' | 'af-unspec' | 'icmp' | 'dont-encap-dscp' | 'align4'

/** Absent: unlimited. `use`: from the first packet on. */
export interface ManualLifetime {
  readonly softBytes?: number
  readonly hardBytes?: number
  readonly softPackets?: number
  readonly hardPackets?: number
  readonly softSeconds?: number
  readonly hardSeconds?: number
  readonly softUseSeconds?: number
  readonly hardUseSeconds?: number
}

/** Packets as they travel: the SA has one direction. */
export interface FlowSelector {
  readonly source: AddressRange
  readonly destination: AddressRange
  readonly protocol: ProtocolSelector
  readonly sourcePorts: FieldSelector
  readonly destinationPorts: FieldSelector
  readonly message: FieldSelector
}

/** Named by SPI, destination and protocol. The same SA stands at both ends: whether it is inbound, its destination tells. */
export interface ManualSa {
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly protocol: IpsecProtocol
  readonly spi: number
  readonly mode: IpsecMode
  /** 0: none. */
  readonly requestId: number
  /** AH has none, ESP always: `null` where it only authenticates. */
  readonly encryption?: ManualEncryption
  /** Absent: a combined-mode cipher, or ESP without authentication, which nobody should use. */
  readonly integrity?: ManualIntegrity
  /** Packets; 0: replays are not looked for. */
  readonly replayWindow: number
  readonly extendedSequenceNumbers: boolean
  /** Used or seen already; 0: none. */
  readonly lastSent: bigint
  readonly lastReceived: bigint
  readonly flags: readonly SaFlag[]
  /** ESP in UDP (RFC 3948). */
  readonly encapsulation?: {
    readonly sourcePort: number
    readonly destinationPort: number
    readonly originalAddress: IpAddress
  }
  /** What may travel on it. */
  readonly selector?: FlowSelector
  readonly lifetime: ManualLifetime
  /** Traffic-flow confidentiality: inner packets are padded to this length in bytes (RFC 4303 section 2.7); 0: not. */
  readonly paddedLength: number
  /** Where a person wrote it. */
  readonly line?: number
}
