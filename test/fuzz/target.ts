/** What a fuzzer drives: bytes in, silence out. */
export interface FuzzTarget {
  readonly name: string
  /** Good inputs to begin from. */
  seeds(): readonly Uint8Array[]
  /** Throws exactly when the code under test did wrong. */
  run(input: Uint8Array): void
}
