/** One payload of version 2 as a tree for the exchange view (RFC 7296 section 3): every kind, nothing secret. */
import type { MessageNode } from '../../../src-shared/exchange-message.ts'
import { addressFromBytes, formatAddress } from '../../ip/address.ts'
import { formatSelector } from '../../ip/traffic-selector.ts'
import { toHex, utf8Text } from '../../wire/text.ts'
import { certificateSubject } from '../certificate-subject.ts'
import { formatIdentity, identityFromWire } from '../identity.ts'
import {
  CertificateEncoding,
  ConfigurationAttribute as Attribute,
  configurationAttributeName,
  payloadName,
} from './code-points.ts'
import { describeEap } from './describe-eap.ts'
import { describeNotify } from './describe-notify.ts'
import { describeDelete, describeSa } from './describe-sa.ts'
import { beginning, lengthWords, node, shortText } from '../message-words.ts'
import {
  authenticationMethodName,
  certificateEncodingName,
  configurationKindName,
  groupWords,
  identificationTypeName,
} from './describe-words.ts'
import type { Identification, Payload, PayloadOf } from './payloads.ts'

// ---------------------------------------------------------------- identities and certificates

function describeIdentification(name: 'IDi' | 'IDr', { kind, data }: Identification): MessageNode {
  const identity = identityFromWire({ kind, data })
  const words = identity === undefined ? lengthWords(data.length) : shortText(formatIdentity(identity))
  return node(name, words, [
    node('ID Type', identificationTypeName(kind)),
    node('Identification Data', words),
  ])
}

function describeCertificate({ encoding, data }: PayloadOf<'certificate'>): MessageNode {
  const subject = encoding === CertificateEncoding.X509_SIGNATURE ? certificateSubject(data) : undefined
  const parts = [
    node('Cert Encoding', certificateEncodingName(encoding)),
    node('Certificate Data', lengthWords(data.length)),
  ]
  if (subject === undefined) return node('CERT', lengthWords(data.length), parts)
  const words = shortText(subject)
  return node('CERT', words, [...parts, node('Subject', words)])
}

const HASH_LENGTH = 20
const mostAuthorities = 16

/** Section 3.7: the SHA-1 of each authority's public key. */
function describeCertificateRequest({ encoding, data }: PayloadOf<'certificate-request'>): MessageNode {
  const count = data.length % HASH_LENGTH === 0 ? data.length / HASH_LENGTH : 0
  const shown = Math.min(count, mostAuthorities)
  return node('CERTREQ', `${count} ${count === 1 ? 'authority' : 'authorities'}`, [
    node('Cert Encoding', certificateEncodingName(encoding)),
    ...Array.from({ length: shown }, (_, index) =>
      node('Certification Authority', toHex(data.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH))),
    ),
    ...(count > shown ? [node(`${count - shown} more`)] : []),
  ])
}

// ---------------------------------------------------------------- configuration

const texts: ReadonlySet<number> = new Set([Attribute.APPLICATION_VERSION, Attribute.INTERNAL_DNS_DOMAIN])

/** RFC 7296 section 3.15.1: an address, or one with the length of its prefix or its netmask behind it. */
function attributeWords(attribute: number, value: Uint8Array): string {
  if (value.length === 0) return 'any'
  if (texts.has(attribute)) return shortText(utf8Text(value) ?? lengthWords(value.length))
  const [address, behind] = value.length === 17 ? [value.subarray(0, 16), value[16]] : [value, undefined]
  const parsed = addressFromBytes(address)
  if (parsed !== undefined)
    return behind === undefined ? formatAddress(parsed) : `${formatAddress(parsed)}/${behind}`
  const [network, mask] = [addressFromBytes(value.subarray(0, 4)), addressFromBytes(value.subarray(4))]
  if (value.length === 8 && network !== undefined && mask !== undefined)
    return `${formatAddress(network)}/${formatAddress(mask)}`
  return lengthWords(value.length)
}

const describeConfiguration = ({ kind, attributes }: PayloadOf<'configuration'>): MessageNode =>
  node(
    'CP',
    configurationKindName(kind),
    attributes.map(({ attribute, value }) =>
      node(configurationAttributeName(attribute), attributeWords(attribute, value)),
    ),
  )

// ---------------------------------------------------------------- all of them

const mostSelectors = 64

function describeSelectors(
  name: 'TSi' | 'TSr',
  { selectors, unknownSelectors = 0 }: Pick<PayloadOf<'ts-initiator'>, 'selectors' | 'unknownSelectors'>,
): MessageNode {
  const words = selectors.slice(0, mostSelectors).map(formatSelector)
  const left = selectors.length - words.length
  return node(name, words.slice(0, 4).join(', ') + (selectors.length > 4 ? ', …' : ''), [
    ...words.map((text) => node('Traffic Selector', text)),
    ...(left > 0 ? [node(`${left} more`)] : []),
    ...(unknownSelectors > 0 ? [node(`${unknownSelectors} of a type that is not known`)] : []),
  ])
}

const describeKe = ({ group, data }: PayloadOf<'ke'>, letter: 'i' | 'r'): MessageNode =>
  node(`KE${letter}`, `${groupWords(group)}, ${lengthWords(data.length)}`, [
    node('Key Exchange Method', groupWords(group)),
    node('Key Exchange Data', beginning(data)),
  ])

const describeAuthentication = ({ method, data }: PayloadOf<'authentication'>): MessageNode =>
  node('AUTH', authenticationMethodName(method), [
    node('Auth Method', authenticationMethodName(method)),
    node('Authentication Data', lengthWords(data.length)),
  ])

const nameOfVendor = (data: Uint8Array): string => {
  const text = utf8Text(data)
  return text !== undefined && /^[\x20-\x7e]+$/.test(text) ? shortText(text) : beginning(data)
}

/** `response`: of two payloads with one name the RFC tells whose they are by a letter, KEi and KEr, Ni and Nr. */
export function describePayload(payload: Payload, response: boolean): MessageNode {
  const letter = response ? 'r' : 'i'
  switch (payload.type) {
    case 'sa':
      return describeSa(payload.proposals)
    case 'ke':
      return describeKe(payload, letter)
    case 'id-initiator':
      return describeIdentification('IDi', payload)
    case 'id-responder':
      return describeIdentification('IDr', payload)
    case 'certificate':
      return describeCertificate(payload)
    case 'certificate-request':
      return describeCertificateRequest(payload)
    case 'authentication':
      return describeAuthentication(payload)
    case 'nonce':
      return node(`N${letter}`, beginning(payload.data))
    case 'notify':
      return describeNotify(payload)
    case 'delete':
      return describeDelete(payload.protocol, payload.spis)
    case 'vendor-id':
      return node('V', nameOfVendor(payload.data))
    case 'ts-initiator':
      return describeSelectors('TSi', payload)
    case 'ts-responder':
      return describeSelectors('TSr', payload)
    case 'configuration':
      return describeConfiguration(payload)
    case 'eap':
      return describeEap(payload.data)
    case 'unknown':
      return node(
        payloadName(payload.number),
        `${lengthWords(payload.data.length)}${payload.critical ? ', critical' : ''}`,
      )
  }
}
