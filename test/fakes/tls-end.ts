/** The server's end of TLS in the tests, over the runtime's own or a made-up one. */
export interface TlsServerEnd {
  feed(records: Uint8Array): Promise<void>
  drain(): Uint8Array
  /** What the client has said inside since the last time. */
  read(): Uint8Array
  write(plaintext: Uint8Array): Promise<void>
  readonly isEstablished: boolean
  /** The client's certificate, in DER. */
  readonly clientCertificate: Uint8Array | undefined
  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array
  close(): void
}

/** A certificate and its key. */
export interface TlsHolder {
  readonly keyPem: string
  /** In DER, its own first. */
  readonly certificates: readonly Uint8Array[]
}
