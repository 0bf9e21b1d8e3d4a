/** A message in a combined mode: what node:crypto gives, as far as it is used, so that others can give it too. */

/** What is used of node's CipherGCM: associated data, then the whole message once, then the end. */
export interface Combined {
  setAAD(data: Uint8Array, options: { plaintextLength: number }): unknown
  update(data: Uint8Array): Uint8Array
  final(): unknown
  getAuthTag(): Uint8Array
}

/** The tag comes before the message; `final` throws when it does not fit. */
export interface CombinedOpening {
  setAAD(data: Uint8Array, options: { plaintextLength: number }): unknown
  setAuthTag(tag: Uint8Array): unknown
  update(data: Uint8Array): Uint8Array
  final(): unknown
}
