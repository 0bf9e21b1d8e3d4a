/** The runtime's TLS as the server, without a transport. */
import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { SecureVersion } from 'node:tls'
import type { TlsHolder, TlsServerEnd } from './tls-end.ts'

export const certificatePem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`

export function createRuntimeTlsServer(options: {
  readonly own: TlsHolder
  readonly version: '1.2' | '1.3'
  /** Clients must show a certificate of this authority, or are refused. */
  readonly clientAuthority?: Uint8Array
}): TlsServerEnd {
  const outgoing: Uint8Array[] = []
  const incoming: Uint8Array[] = []
  const wire = new Duplex({
    read: () => undefined,
    write: (chunk: Uint8Array, _encoding, done) => {
      outgoing.push(Uint8Array.from(chunk))
      done()
    },
  })
  const { own, clientAuthority } = options
  const version: SecureVersion = options.version === '1.2' ? 'TLSv1.2' : 'TLSv1.3'
  const socket = new TLSSocket(wire, {
    isServer: true,
    requestCert: clientAuthority !== undefined,
    rejectUnauthorized: clientAuthority !== undefined,
    secureContext: createSecureContext({
      key: own.keyPem,
      cert: own.certificates.map(certificatePem).join(''),
      ...(clientAuthority === undefined ? {} : { ca: certificatePem(clientAuthority) }),
      minVersion: version,
      maxVersion: version,
    }),
  })
  let isEstablished = false
  socket.on('secure', () => (isEstablished = true))
  socket.on('data', (data: Uint8Array) => incoming.push(Uint8Array.from(data)))
  socket.on('error', () => undefined)
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn += 1) await setImmediate()
  }
  const taken = (parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts.splice(0)))
  return {
    async feed(records) {
      wire.push(Buffer.from(records))
      await settle()
    },
    drain: () => taken(outgoing),
    read: () => taken(incoming),
    async write(plaintext) {
      socket.write(plaintext)
      await settle()
    },
    get isEstablished() {
      return isEstablished
    },
    get clientCertificate() {
      const raw: Uint8Array | undefined = socket.getPeerCertificate().raw
      return raw
    },
    exportKeyingMaterial(label, length, context) {
      const exporter: {
        exportKeyingMaterial(length: number, label: string, context?: Buffer): Uint8Array
      } = socket
      return context === undefined
        ? exporter.exportKeyingMaterial(length, label)
        : exporter.exportKeyingMaterial(length, label, Buffer.from(context))
    },
    close() {
      socket.destroy()
      wire.destroy()
    },
  }
}
