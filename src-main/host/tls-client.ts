/**
 * The runtime's TLS without a transport, as the client: what EAP-TLS, -TTLS and PEAP carry in fragments of their own. It checks no
 * certificate itself: the caller does, with our own rules, before anything that follows the server's certificate leaves.
 */
import { constants } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { connect, createSecureContext } from 'node:tls'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import type { SigningKey, TlsClient, TlsState } from '../ports.ts'
import { keyObjectOf } from './crypto/signatures.ts'

export interface TlsClientOptions {
  /** What the user shows when the server asks for it: the certificate first, then what leads to the authority, in DER. */
  readonly own?: { readonly key: SigningKey; readonly certificates: readonly Uint8Array[] }
}

/** With an ephemeral key exchange, so that the server has proven its key before our certificate leaves; and AEAD. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':')

/** TLS works within turns of the event loop and on no other thread: after so many turns without a change it waits for the server. */
const quietTurns = 4
const mostTurns = 400
/** Certificates of a chain; a server that sends more is not followed. */
const mostCertificates = 16

/** Throws TypeError for a key that is not of this process. */
export function createTlsClient(options: TlsClientOptions): TlsClient {
  return new RuntimeTls(options.own)
}

class RuntimeTls implements TlsClient {
  readonly #wire: Duplex
  readonly #socket: TLSSocket
  #outgoing: Uint8Array[] = []
  #incoming: Uint8Array[] = []
  #state: TlsState = { kind: 'handshaking' }
  #changes = 0

  constructor(own: TlsClientOptions['own']) {
    this.#wire = new Duplex({
      read: () => undefined,
      write: (chunk: Uint8Array, _encoding, done) => {
        this.#outgoing.push(Uint8Array.from(chunk))
        this.#changes += 1
        done()
      },
    })
    this.#socket = connect({
      socket: this.#wire,
      secureContext: contextOf(own),
      // Our own rules decide (ports.ts, Trust), and they do before this handshake's answer is let out.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    })
    this.#socket.on('secureConnect', () => {
      const version = this.#socket.getProtocol()
      if (version === 'TLSv1.2' || version === 'TLSv1.3')
        this.#become({ kind: 'established', version: version === 'TLSv1.3' ? '1.3' : '1.2' })
      else this.#become({ kind: 'failed', reason: 'an old version of TLS' })
    })
    this.#socket.on('data', (plaintext: Uint8Array) => {
      this.#incoming.push(Uint8Array.from(plaintext))
      plaintext.fill(0)
      this.#changes += 1
    })
    this.#socket.on('error', (error: Error) => this.#become({ kind: 'failed', ...failureOf(error) }))
    this.#socket.on('close', () => this.#become({ kind: 'failed', reason: 'TLS was closed' }))
    this.#socket.on('end', () => this.#become({ kind: 'failed', reason: 'TLS was closed' }))
  }

  async feed(records: Uint8Array): Promise<TlsState> {
    if (records.length > 0 && !this.#wire.destroyed) this.#wire.push(Buffer.from(records))
    await this.#settled()
    return this.#state
  }

  drain(): Uint8Array {
    const bytes = Buffer.concat(this.#outgoing)
    this.#outgoing = []
    return bytes
  }

  read(): Uint8Array {
    const bytes = Buffer.concat(this.#incoming)
    for (const part of this.#incoming) part.fill(0)
    this.#incoming = []
    return bytes
  }

  async write(plaintext: Uint8Array): Promise<TlsState> {
    if (this.#state.kind === 'established') this.#socket.write(plaintext)
    await this.#settled()
    return this.#state
  }

  serverCertificates(): readonly Uint8Array[] {
    const found: Uint8Array[] = []
    let next: ShownCertificate | null | undefined = shownBy(this.#socket)
    while (next?.raw !== undefined && found.length < mostCertificates) {
      const { raw } = next
      // A self-signed certificate is its own issuer.
      if (found.some((one) => Buffer.compare(one, raw) === 0)) break
      found.push(Uint8Array.from(raw))
      next = next.issuerCertificate
    }
    return found
  }

  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array {
    const exporter: KeyExporter = this.#socket
    const material =
      context === undefined
        ? exporter.exportKeyingMaterial(length, label)
        : exporter.exportKeyingMaterial(length, label, Buffer.from(context))
    return Uint8Array.from(material)
  }

  close(): void {
    this.read().fill(0)
    this.#outgoing = []
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
    this.#wire.destroy()
  }

  #become(state: TlsState): void {
    this.#changes += 1
    // The first trouble says most.
    if (this.#state.kind !== 'failed') this.#state = state
  }

  async #settled(): Promise<void> {
    let quiet = 0
    for (let turn = 0; turn < mostTurns && quiet < quietTurns; turn += 1) {
      const before = this.#changes
      await setImmediate()
      quiet = this.#changes === before ? quiet + 1 : 0
    }
  }
}

/** A context for this connection alone: nothing of it is resumed by another. */
function contextOf(own: TlsClientOptions['own']): ReturnType<typeof createSecureContext> {
  const common: SecureContextOptions = {
    // None of the runtime's authorities: they have no say.
    ca: [],
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers,
    // strongSwan's TLS has no RFC 5746. What that mends is not here: nothing renegotiates, and the key is this handshake's alone.
    secureOptions:
      constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_LEGACY_SERVER_CONNECT,
  }
  if (own === undefined) return createSecureContext(common)
  const key = keyObjectOf(own.key)
  if (key === undefined) throw new TypeError('a private key that TLS cannot use')
  const pem = pemOf(key)
  try {
    return createSecureContext({ ...common, key: pem, cert: own.certificates.map(certificatePem).join('') })
  } finally {
    pem.fill(0)
  }
}

const pemOf = (key: KeyObject): Buffer => Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }))

const certificatePem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`

/** What the runtime gives of a certificate, of which its declarations promise more. */
interface ShownCertificate {
  readonly raw?: Uint8Array
  readonly issuerCertificate?: ShownCertificate | null
}

const shownBy = (socket: TLSSocket): ShownCertificate | null => socket.getPeerCertificate(true)

/** The declarations demand a context, where TLS 1.2 tells none from an empty one (RFC 5705 section 4). */
interface KeyExporter {
  exportKeyingMaterial(length: number, label: string, context?: Buffer): Uint8Array
}

/** The server's alert by its name, where the trouble is one; OpenSSL and BoringSSL write the name in capitals. */
function failureOf(error: Error): { readonly reason: string; readonly alert?: string } {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const [, name] = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13|TLSV1_3)_ALERT_([A-Z_]+)$/.exec(code) ?? []
  const alert = name?.toLowerCase().replaceAll('_', ' ')
  const reason = code
    .replace(/^ERR_(?:SSL_)?/, '')
    .toLowerCase()
    .replaceAll('_', ' ')
  return { reason: reason === '' ? 'TLS failed' : reason, ...(alert === undefined ? {} : { alert }) }
}
