/**
 * Security policies (RFC 4301 section 4.4.1): which packets are protected, and how, which pass, and which do not. The words that
 * the policy database, the policy file, manual keying and packet processing share.
 */
import type { IpAddress } from '../../ip/address.ts'

export type IpsecProtocol = 'esp' | 'ah'

export type IpsecMode = 'transport' | 'tunnel'

/** Where a tunnel's outer header comes from and leads to. */
export interface TunnelEnds {
  readonly source: IpAddress
  readonly destination: IpAddress
}

/**
 * One SA that a policy asks for. The SAD is searched for one that fits: protocol, mode, tunnel ends, and where they are said the
 * request id and the SPI. An SA in transport mode leads to the packet's own destination.
 */
export type SaTemplate = {
  readonly protocol: IpsecProtocol
  /** Binds policies to SAs (the kernel's `reqid`); 0 or absent: any. */
  readonly requestId?: number
  readonly spi?: number
} & ({ readonly mode: 'transport' } | { readonly mode: 'tunnel'; readonly ends: TunnelEnds })

/**
 * What becomes of a packet. `protect` names a bundle, innermost SA first: outbound it is applied in this order, inbound it must
 * have been undone in the reverse (RFC 4301 sections 4.1 and 5).
 */
export type PolicyAction =
  | { readonly kind: 'bypass' }
  | { readonly kind: 'discard' }
  | { readonly kind: 'protect'; readonly bundle: readonly SaTemplate[] }

/** `forward`: packets that come in protected and go on to another host behind us. */
export type PolicyDirection = 'in' | 'out' | 'forward'
