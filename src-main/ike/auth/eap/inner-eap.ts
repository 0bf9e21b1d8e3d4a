/** An EAP conversation inside of the tunnel of another: what EAP-TTLS and PEAP need of it. */
import type { Failed } from './tls-tunnel.ts'

export type InnerOutcome =
  /** A whole EAP packet. `through`: the inner method has come to its good end on our side. */
  { readonly kind: 'reply'; readonly data: Uint8Array; readonly through: boolean } | Failed

export interface InnerEap {
  /** The answer to the question for the identity, without that it was asked. */
  begin(): Promise<InnerOutcome>
  receive(packet: Uint8Array): Promise<InnerOutcome>
  /** The failure where the server claims success and the method is not through; undefined when it is. */
  successProblem(): Failed | undefined
  close(): void
}
