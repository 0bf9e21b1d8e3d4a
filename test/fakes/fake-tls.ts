/**
 * TLS made up: two ends that behave like it and protect nothing. Records have a type and a length; the hello of each has a random
 * value, the server's the certificates too; what is inside is scrambled.
 */
import { createHash } from 'node:crypto'
import type { TlsClient, TlsState } from '../../src-main/ports.ts'
import type { TlsServerEnd } from './tls-end.ts'

const Type = { CLIENT_HELLO: 1, SERVER_HELLO: 2, FINISHED: 3, DATA: 4, ALERT: 5 } as const

const record = (type: number, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5)
  head.writeUInt8(type)
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** The whole records of the bytes; undefined where they are none. */
function records(bytes: Uint8Array): readonly { readonly type: number; readonly body: Buffer }[] | undefined {
  const found: { readonly type: number; readonly body: Buffer }[] = []
  const all = Buffer.from(bytes)
  for (let at = 0; at < all.length;) {
    if (all.length - at < 5) return undefined
    const length = all.readUInt32BE(at + 1)
    if (length > all.length - at - 5) return undefined
    found.push({ type: all.readUInt8(at), body: all.subarray(at + 5, at + 5 + length) })
    at += 5 + length
  }
  return found
}

const scrambled = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a)

const exported = (secret: Uint8Array, label: string, length: number, context?: Uint8Array): Uint8Array =>
  Uint8Array.from(
    createHash('shake256', { outputLength: length })
      .update(secret)
      .update(`${label}/${length}/${context === undefined ? 'none' : Buffer.from(context).toString('hex')}`)
      .digest(),
  )

/** A client that shows `own`, where it has one, without that it proves it. */
export function createFakeTlsClient(random: Uint8Array, own?: Uint8Array): TlsClient {
  let state: TlsState = { kind: 'handshaking' }
  let outgoing: Buffer[] = []
  let incoming: Uint8Array[] = []
  let certificates: readonly Uint8Array[] = []
  let secret: Uint8Array = new Uint8Array(0)
  let greeted = false
  const take = (type: number, body: Buffer): TlsState => {
    if (type === Type.ALERT) return { kind: 'failed', reason: 'alert', alert: body.toString() }
    if (type === Type.SERVER_HELLO && state.kind === 'handshaking' && body.length >= 16) {
      secret = Buffer.concat([random, body.subarray(0, 16)])
      certificates = (records(body.subarray(16)) ?? []).map((one) => Uint8Array.from(one.body))
      outgoing.push(record(Type.FINISHED, own ?? new Uint8Array(0)))
      return { kind: 'established', version: '1.3' }
    }
    if (type === Type.DATA && state.kind === 'established') {
      incoming.push(scrambled(body))
      return state
    }
    return { kind: 'failed', reason: 'unexpected message' }
  }
  return {
    feed(bytes) {
      if (!greeted) {
        greeted = true
        outgoing.push(record(Type.CLIENT_HELLO, random))
      }
      const found = records(bytes)
      if (found === undefined) state = { kind: 'failed', reason: 'no record' }
      for (const { type, body } of found ?? []) if (state.kind !== 'failed') state = take(type, body)
      return Promise.resolve(state)
    },
    write(plaintext) {
      if (state.kind === 'established') outgoing.push(record(Type.DATA, scrambled(plaintext)))
      return Promise.resolve(state)
    },
    drain() {
      const bytes = Uint8Array.from(Buffer.concat(outgoing))
      outgoing = []
      return bytes
    },
    read() {
      const bytes = Uint8Array.from(Buffer.concat(incoming))
      incoming = []
      return bytes
    },
    serverCertificates: () => certificates,
    exportKeyingMaterial(label, length, context) {
      if (state.kind !== 'established') throw new Error('no keys yet')
      return exported(secret, label, length, context)
    },
    close() {
      state = { kind: 'failed', reason: 'closed' }
    },
  }
}

export function createFakeTlsServer(random: Uint8Array, certificates: readonly Uint8Array[]): TlsServerEnd {
  const outgoing: Buffer[] = []
  const incoming: Uint8Array[] = []
  let secret: Uint8Array = new Uint8Array(0)
  let isEstablished = false
  let clientCertificate: Uint8Array | undefined
  return {
    feed(bytes) {
      for (const { type, body } of records(bytes) ?? []) {
        if (type === Type.CLIENT_HELLO) {
          secret = Buffer.concat([body, random])
          const chain = certificates.map((der) => record(0, der))
          outgoing.push(record(Type.SERVER_HELLO, Buffer.concat([random, ...chain])))
        }
        if (type === Type.FINISHED) {
          isEstablished = true
          if (body.length > 0) clientCertificate = Uint8Array.from(body)
        }
        if (type === Type.DATA) incoming.push(scrambled(body))
      }
      return Promise.resolve()
    },
    drain: () => Uint8Array.from(Buffer.concat(outgoing.splice(0))),
    read: () => Uint8Array.from(Buffer.concat(incoming.splice(0))),
    write(plaintext) {
      outgoing.push(record(Type.DATA, scrambled(plaintext)))
      return Promise.resolve()
    },
    get isEstablished() {
      return isEstablished
    },
    get clientCertificate() {
      return clientCertificate
    },
    exportKeyingMaterial: (label, length, context) => exported(secret, label, length, context),
    close: () => undefined,
  }
}

/** What a server says that wants no more. */
export const fakeAlert = (name: string): Uint8Array => record(Type.ALERT, Buffer.from(name))
