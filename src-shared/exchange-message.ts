/** IKE messages as the exchange view shows them: RFC names and values, no secret. */

/** One field, or one part with parts of its own: payload, proposal, transform, selector, attribute. */
export interface MessageNode {
  /** The RFC's term: `SA`, `Proposal 1`, `Traffic Selector`. */
  readonly name: string
  /** What it says in one line: `AES-GCM-16 256 · HMAC-SHA2-384 · ECP-384`; of what must stay secret, its length alone. */
  readonly value?: string
  readonly parts?: readonly MessageNode[]
}

export interface ExchangeMessage {
  /** Grows by one with each message of a process. */
  readonly number: number
  readonly profileId: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly direction: 'sent' | 'received'
  readonly version: 1 | 2
  /** `IKE_SA_INIT`, `IKE_AUTH`, `CREATE_CHILD_SA`, `INFORMATIONAL`, … */
  readonly exchange: string
  readonly kind: 'request' | 'response'
  readonly messageId: number
  readonly initiatorSpi: string
  readonly responderSpi: string
  /** Of all its datagrams, in bytes. */
  readonly length: number
  readonly fragments: number
  readonly encrypted: boolean
  /** How often it was sent again. */
  readonly retransmissions: number
  /** In one line what it is for: `Offer of suites and key exchange`, `Rekey Child SA c0ffee01`, `Liveness check`. */
  readonly summary: string
  readonly payloads: readonly MessageNode[]
}
