/** Throw-away X.509 certificates (RFC 5280), written with a DER writer of thirty lines so that wrong ones can be made as easily as right ones. */
import { createHash, createPublicKey, generateKeyPair, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes)
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes)
const yes = Buffer.from([0x01, 0x01, 0xff])
const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const arc of rest) {
    const digits = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f))
    bytes.push(...digits)
  }
  return der(0x06, Buffer.from(bytes))
}
const name = (commonName: string): Buffer =>
  sequence(
    der(0x31, sequence(oid('2.5.4.10'), der(0x0c, Buffer.from('Culvert Test')))),
    der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(commonName)))),
  )
const time = (at: Date): Buffer =>
  der(0x18, Buffer.from(at.toISOString().replace(/[-:T]/g, '').slice(0, 14) + 'Z'))
const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value))

export type KeyKind = 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'ecdsa-p256' | 'ecdsa-p384' | 'ed25519'

const generate = promisify(generateKeyPair)
const newKey = async (kind: KeyKind): Promise<KeyObject> => {
  switch (kind) {
    case 'rsa-2048':
    case 'rsa-3072':
    case 'rsa-4096':
      return (await generate('rsa', { modulusLength: Number(kind.slice(4)) })).privateKey
    case 'ecdsa-p256':
      return (await generate('ec', { namedCurve: 'P-256' })).privateKey
    case 'ecdsa-p384':
      return (await generate('ec', { namedCurve: 'P-384' })).privateKey
    case 'ed25519':
      return (await generate('ed25519')).privateKey
  }
}

const signatureAlgorithm = (
  key: KeyObject,
): { readonly identifier: Buffer; readonly hash: string | null } => {
  if (key.asymmetricKeyType === 'rsa') {
    return { identifier: sequence(oid('1.2.840.113549.1.1.11'), Buffer.from([5, 0])), hash: 'sha256' }
  }
  if (key.asymmetricKeyType === 'ec') {
    return key.asymmetricKeyDetails?.namedCurve === 'secp384r1'
      ? { identifier: sequence(oid('1.2.840.10045.4.3.3')), hash: 'sha384' }
      : { identifier: sequence(oid('1.2.840.10045.4.3.2')), hash: 'sha256' }
  }
  return { identifier: sequence(oid('1.3.101.112')), hash: null } // Ed25519
}

export interface Issued {
  readonly commonName: string
  /** The certificate alone. */
  readonly pem: string
  readonly keyPem: string
  readonly key: KeyObject
  /** The intermediate certificates between it and the root, nearest first. */
  readonly intermediates: readonly Issued[]
  /** It signed itself. */
  readonly root: boolean
}

export interface CertificateRequest {
  readonly commonName: string
  readonly kind: KeyKind
  /** Absent: it signs itself. */
  readonly issuer?: Issued
  readonly authority?: boolean
  /** `DNS:name`, `IP:1.2.3.4` or `email:user@host`. */
  readonly names?: readonly string[]
  readonly usage?: 'server' | 'client'
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Where its authority answers about revocation: an OCSP responder, a list. */
  readonly ocsp?: string
  readonly list?: string
  /** Bytes of a private extension that only makes the certificate bigger. */
  readonly padding?: number
}

const generalName = (text: string): Buffer => {
  const value = text.slice(text.indexOf(':') + 1)
  if (text.startsWith('DNS:')) return der(0x82, Buffer.from(value))
  if (text.startsWith('email:')) return der(0x81, Buffer.from(value))
  return der(0x87, Buffer.from(value.split('.').map(Number)))
}

const day = 86_400_000
let serial = 1000

export const issue = async (request: CertificateRequest): Promise<Issued> => {
  const key = await newKey(request.kind)
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const signer = request.issuer?.key ?? key
  const algorithm = signatureAlgorithm(signer)
  const keyId = (of: KeyObject): Buffer =>
    createHash('sha1')
      .update(createPublicKey(of).export({ type: 'spki', format: 'der' }))
      .digest()
  const extensions = [
    extension('2.5.29.19', true, request.authority === true ? sequence(yes) : sequence()),
    extension('2.5.29.15', true, Buffer.from(request.authority === true ? '03020106' : '03020780', 'hex')),
    extension('2.5.29.14', false, octets(keyId(key))),
    extension('2.5.29.35', false, sequence(der(0x80, keyId(signer)))),
    ...(request.names === undefined
      ? []
      : [extension('2.5.29.17', false, sequence(...request.names.map(generalName)))]),
    ...(request.usage === undefined
      ? []
      : [
          extension(
            '2.5.29.37',
            false,
            sequence(oid(request.usage === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2')),
          ),
        ]),
    ...(request.ocsp === undefined
      ? []
      : [
          extension(
            '1.3.6.1.5.5.7.1.1',
            false,
            sequence(sequence(oid('1.3.6.1.5.5.7.48.1'), der(0x86, Buffer.from(request.ocsp)))),
          ),
        ]),
    ...(request.list === undefined
      ? []
      : [
          extension(
            '2.5.29.31',
            false,
            sequence(sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from(request.list)))))),
          ),
        ]),
    ...(request.padding === undefined
      ? []
      : [extension('1.3.6.1.4.1.55555.1.1', false, octets(Buffer.alloc(request.padding, 0xaa)))]),
  ]
  const toBeSigned = sequence(
    der(0xa0, Buffer.from([0x02, 0x01, 0x02])), // version 3
    der(0x02, Buffer.from((serial++).toString(16).padStart(4, '0'), 'hex')),
    algorithm.identifier,
    name(request.issuer?.commonName ?? request.commonName),
    sequence(
      time(request.notBefore ?? new Date(Date.now() - day)),
      time(request.notAfter ?? new Date(Date.now() + 30 * day)),
    ),
    name(request.commonName),
    publicKey,
    der(0xa3, sequence(...extensions)),
  )
  const certificate = sequence(
    toBeSigned,
    algorithm.identifier,
    bits(sign(algorithm.hash, toBeSigned, signer)),
  )
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  const issuer = request.issuer
  return {
    commonName: request.commonName,
    pem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    key,
    // A root is its own issuer and is never sent along.
    intermediates: issuer === undefined || issuer.root ? [] : [issuer, ...issuer.intermediates],
    root: issuer === undefined,
  }
}
