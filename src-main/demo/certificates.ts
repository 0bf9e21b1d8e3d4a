/** The demonstration's authority and gateway certificate: X.509 version 3 (RFC 5280), ECDSA P-256, made at run time. */
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

// X.690: a tag, the length in its shortest form, the content.
const element = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents)
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}
const sequence = (...contents: readonly Uint8Array[]): Buffer => element(0x30, ...contents)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

// Object identifiers in their encoded form.
const COMMON_NAME = hex('0603550403')
const ECDSA_WITH_SHA256 = sequence(hex('06082a8648ce3d040302'))
const BASIC_CONSTRAINTS = hex('0603551d13')
const KEY_USAGE = hex('0603551d0f')
const SUBJECT_KEY = hex('0603551d0e')
const AUTHORITY_KEY = hex('0603551d23')
const ALTERNATIVE_NAME = hex('0603551d11')
const EXTENDED_KEY_USAGE = hex('0603551d25')
const SERVER_AUTHENTICATION = hex('06082b06010505070301')
const TRUE = hex('0101ff')

const nameOf = (commonName: string): Buffer =>
  sequence(element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from(commonName)))))

// RFC 5280 section 4.1.2.5.2: GeneralizedTime holds no fractions; up to 2049 it must be UTCTime.
const timeOf = (at: number): Buffer =>
  element(0x17, Buffer.from(new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14) + 'Z'))

const extension = (id: Buffer, critical: boolean, value: Buffer): Buffer =>
  sequence(id, ...(critical ? [TRUE] : []), element(0x04, value))

export interface Issued {
  readonly commonName: string
  readonly certificate: string
  readonly key: KeyObject
}

const keyIdOf = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest()

/** Valid from an hour ago for a day. Without an issuer it is an authority that signs itself. */
function issue(commonName: string, issuer?: Issued): Issued {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signer = issuer?.key ?? privateKey
  const isAuthority = issuer === undefined
  const now = Date.now()
  const toBeSigned = sequence(
    element(0xa0, hex('020102')),
    element(0x02, Buffer.concat([hex('01'), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer?.commonName ?? commonName),
    sequence(timeOf(now - 3_600_000), timeOf(now + 86_400_000)),
    nameOf(commonName),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    element(
      0xa3,
      sequence(
        extension(BASIC_CONSTRAINTS, true, isAuthority ? sequence(TRUE) : sequence()),
        // keyCertSign and cRLSign, or digitalSignature.
        extension(KEY_USAGE, true, hex(isAuthority ? '03020106' : '03020780')),
        extension(SUBJECT_KEY, false, element(0x04, keyIdOf(privateKey))),
        extension(AUTHORITY_KEY, false, sequence(element(0x80, keyIdOf(signer)))),
        ...(isAuthority
          ? []
          : [
              extension(ALTERNATIVE_NAME, false, sequence(element(0x82, Buffer.from(commonName)))),
              extension(EXTENDED_KEY_USAGE, false, sequence(SERVER_AUTHENTICATION)),
            ]),
      ),
    ),
  )
  const der = sequence(
    toBeSigned,
    ECDSA_WITH_SHA256,
    element(0x03, hex('00'), sign('sha256', toBeSigned, signer)),
  )
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return {
    commonName,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey,
  }
}

export interface DemoPki {
  /** PEM. */
  readonly authority: string
  readonly gateway: string
  readonly gatewayKey: string
}

export function makePki(gatewayName: string): DemoPki {
  const authority = issue('Culvert demonstration authority')
  const gateway = issue(gatewayName, authority)
  return {
    authority: authority.certificate,
    gateway: gateway.certificate,
    gatewayKey: gateway.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
