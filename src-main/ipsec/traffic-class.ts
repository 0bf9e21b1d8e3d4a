/** DSCP and ECN across the tunnel (RFC 4301 section 5.1.2, RFC 2983, RFC 6040). */

const ECN_MASK = 0b11
const DSCP_MASK = 0b1111_1100
const NOT_ECT = 0b00
const CE = 0b11

/** The outer header's traffic class: ECN is always copied out (RFC 6040 section 4.1, normal mode), DSCP as configured. */
export const outerTrafficClass = (inner: number, copyDscp: boolean): number =>
  copyDscp ? inner & 255 : inner & ECN_MASK

/**
 * The inner header's traffic class on the way in (RFC 6040 section 4.2, figure 4); undefined when the packet must be dropped.
 * DSCP stays as it is inside (RFC 4301 section 5.1.2.1).
 */
export function innerTrafficClass(inner: number, outer: number): number | undefined {
  const innerEcn = inner & ECN_MASK
  const outerEcn = outer & ECN_MASK
  // A mark of congestion that the transport inside could not understand: the drop is the signal.
  if (outerEcn === CE) return innerEcn === NOT_ECT ? undefined : (inner & DSCP_MASK) | CE
  // Figure 4: an outer ECT(1) turns an inner ECT(0) into ECT(1); everything else stays.
  if (outerEcn === 0b01 && innerEcn === 0b10) return (inner & DSCP_MASK) | 0b01
  return inner
}
