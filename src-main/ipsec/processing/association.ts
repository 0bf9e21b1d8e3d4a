/** Security associations of the whole architecture: AH or ESP, transport or tunnel (RFC 4301 section 4.4.2). */
import type { EspSpi, Millis } from '../../../src-shared/brands.ts'
import { addressToBytes } from '../../ip/address.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { PacketView } from '../../ip/packet.ts'
import type { PacketCipher, PacketIntegrity } from '../../ports.ts'
import type { SaLifetime } from '../data-plane.ts'
import type { IpsecMode, IpsecProtocol } from '../policy/policy.ts'
import { createReplayWindow } from '../replay.ts'
import type { ReplayWindow } from '../replay.ts'
import { createSequenceCounter } from '../sequence.ts'
import type { SequenceCounter } from '../sequence.ts'
import { createUsage } from '../usage.ts'
import type { ExpiryReport, Usage } from '../usage.ts'
import { createDropCounters } from '../drops.ts'
import type { ProcessingDropCounters } from './drop-reasons.ts'
import { createIndifferentWindow } from './indifferent-window.ts'

/** The UDP header that ESP travels behind (RFC 3948), for NATs on the way. */
export interface UdpEncapsulation {
  readonly sourcePort: number
  readonly destinationPort: number
}

/** What an SA does to a packet. The cipher or integrity is the SA's from now on: it is destroyed with it. */
export type AssociationTransform =
  | {
      readonly kind: 'esp'
      readonly cipher: PacketCipher
      readonly encapsulation?: UdpEncapsulation
      /** Traffic-flow confidentiality: inner packets of a tunnel are padded to this many bytes (RFC 4303 section 2.7). */
      readonly padTo?: number
    }
  | {
      readonly kind: 'ah'
      readonly integrity: PacketIntegrity
      /** Bytes that the header is a multiple of in IPv4: 4 by RFC 4302 section 2.6; Linux has 8 unless told otherwise. Default 4. */
      readonly ipv4Alignment?: 4 | 8
    }

export interface AssociationParameters {
  readonly direction: 'inbound' | 'outbound'
  readonly spi: EspSpi
  /** Of the packets that carry the SA: the tunnel's ends, or those of the packets themselves. */
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly mode: IpsecMode
  /** What policies call it by; absent or 0: nothing. */
  readonly requestId?: number
  readonly transform: AssociationTransform
  readonly extendedSequenceNumbers: boolean
  /** Packets; 0: replays are not looked for. */
  readonly replayWindow: number
  /** The number sent or seen last; default 0. */
  readonly lastSequence?: bigint
  readonly lifetime?: SaLifetime
  /** When it stops, on the monotonic clock. */
  readonly endsAt?: Millis
  /** Whether it may carry a packet, beside what policies say (RFC 4301 section 4.4.2.1), as the packet travels. Absent: any. */
  readonly carries?: (view: PacketView) => boolean
  /** Whether DSCP is copied to a tunnel's outer header (RFC 4301 section 5.1.2.1). Default true. */
  readonly copyDscp?: boolean
}

export interface Association {
  readonly direction: 'inbound' | 'outbound'
  readonly protocol: IpsecProtocol
  readonly spi: EspSpi
  readonly source: IpAddress
  readonly destination: IpAddress
  /** 4 or 16 bytes, as they stand in headers. */
  readonly sourceBytes: Uint8Array
  readonly destinationBytes: Uint8Array
  readonly mode: IpsecMode
  readonly requestId: number
  readonly transform: AssociationTransform
  readonly extended: boolean
  readonly window: ReplayWindow
  /** 0: replays are not looked for. */
  readonly windowSize: number
  readonly sequence: SequenceCounter
  readonly usage: Usage
  readonly endsAt: number
  readonly carries: ((view: PacketView) => boolean) | undefined
  readonly copyDscp: boolean
  readonly drops: ProcessingDropCounters
  readonly report: ExpiryReport
}

/** `report` is told when the SA nears its end, and when it ends. */
export function createAssociation(parameters: AssociationParameters, report: ExpiryReport): Association {
  const { transform, extendedSequenceNumbers: extended, replayWindow, lastSequence = 0n } = parameters
  // RFC 4303 section 3.4.3: without integrity a sequence number proves nothing.
  const proves = transform.kind === 'ah' || transform.cipher.icvLength > 0
  const windowSize = proves ? replayWindow : 0
  return {
    direction: parameters.direction,
    protocol: transform.kind,
    spi: parameters.spi,
    source: parameters.source,
    destination: parameters.destination,
    sourceBytes: addressToBytes(parameters.source),
    destinationBytes: addressToBytes(parameters.destination),
    mode: parameters.mode,
    requestId: parameters.requestId ?? 0,
    transform,
    extended,
    // RFC 4303 appendix A2: the high half of an extended number is found by the window, so there is always one.
    window:
      windowSize > 0 || extended
        ? createReplayWindow({ size: Math.max(32, windowSize), extended, last: lastSequence })
        : createIndifferentWindow(),
    windowSize: extended ? Math.max(32, windowSize) : windowSize,
    sequence: createSequenceCounter(extended, lastSequence),
    usage: createUsage(parameters.lifetime),
    endsAt: parameters.endsAt ?? Infinity,
    carries: parameters.carries,
    copyDscp: parameters.copyDscp ?? true,
    drops: createDropCounters(),
    report,
  }
}

/** Wipes its keys. */
export function destroyAssociation({ transform }: Association): void {
  if (transform.kind === 'esp') transform.cipher.destroy()
  else transform.integrity.destroy()
}
