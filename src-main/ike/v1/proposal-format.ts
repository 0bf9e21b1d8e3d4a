/** The body of a Security Association payload (RFC 2408 sections 3.4 to 3.6, RFC 2407 section 4.6.1). */
import type { Codec, Decoded } from '../../wire/codec.ts'
import { struct } from '../../wire/codec.ts'
import { reserved, u32, u8 } from '../../wire/integers.ts'
import { link, mapped, substructures } from '../../wire/sequences.ts'
import { attributes } from './attributes.ts'
import { IPSEC_DOI, PayloadNumber, SIT_IDENTITY_ONLY } from './code-points.ts'

/** Caps for what one SA payload may hold; phase 1 offers of real clients reach some sixty transforms. */
const MOST_PROPOSALS = 32
const MOST_TRANSFORMS = 255

/*
 * Transform (section 3.6)
 * !  Transform #  !  Transform-Id !           RESERVED2           !
 * ~                        SA Attributes                          ~
 */
const transform = struct({ number: u8, id: u8, _: reserved(2), attributes })

export type Transform = Decoded<typeof transform>

const transformChain = substructures(PayloadNumber.TRANSFORM, transform, MOST_TRANSFORMS)

/*
 * Proposal (section 3.5)
 * !  Proposal #   !  Protocol-Id  !    SPI Size   !# of Transforms!
 * !                        SPI (variable)                         !
 */
const spiSize = link(u8)
const transformCount = link(u8)
const proposal = struct({
  number: u8,
  protocol: u8,
  _spiSize: spiSize.field,
  _transformCount: transformCount.field,
  spi: spiSize.bytes,
  transforms: transformCount.counting(transformChain),
})

/** Those with one number stand for SAs that are made together, a bundle (RFC 2408 section 4.2). */
export type Proposal = Decoded<typeof proposal>

/*
 * Security Association (section 3.4, RFC 2407 section 4.6.1)
 * !                Domain of Interpretation (IPsec: 1)            !
 * !              Situation (SIT_IDENTITY_ONLY: 1)                 !
 * ~                          Proposals                            ~
 */
const saBody = struct({
  doi: u32,
  situation: u32,
  proposals: substructures(PayloadNumber.PROPOSAL, proposal, MOST_PROPOSALS),
})

/** Only the IPsec DOI with identities in clear, which is all that anyone uses; the rest is refused as `bad-value`. */
export const securityAssociation: Codec<readonly Proposal[]> = mapped(
  saBody,
  ({ doi, situation, proposals }, refuse) =>
    doi === IPSEC_DOI && situation === SIT_IDENTITY_ONLY ? proposals : refuse(),
  (proposals) => ({ doi: IPSEC_DOI, situation: SIT_IDENTITY_ONLY, proposals }),
)
