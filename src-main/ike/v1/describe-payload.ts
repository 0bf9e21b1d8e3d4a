/** One payload of version 1 as a tree for the exchange view (RFC 2408 section 3): every kind, nothing secret. */
import type { MessageNode } from '../../../src-shared/exchange-message.ts'
import { addressFromBytes, formatAddress } from '../../ip/address.ts'
import { toHex, utf8Text } from '../../wire/text.ts'
import { certificateSubject } from '../certificate-subject.ts'
import { formatDistinguishedName } from '../distinguished-name.ts'
import { formatIdentity, identityFromWire } from '../identity.ts'
import { beginning, lengthWords, namesIn, node, shortText } from '../message-words.ts'
import { numberOf } from './attributes.ts'
import type { Attribute } from './attributes.ts'
import {
  AuthenticationMethod,
  EncapsulationMode,
  EspAuthentication,
  EspTransform,
  LifeType,
  notificationName,
  payloadName,
  Phase1Attribute,
  Phase1Encryption,
  Phase1Hash,
  Phase2Attribute,
  Protocol,
  TransactionAttribute as Transaction,
  TransactionType,
} from './code-points.ts'
import type { Payload, PayloadOf } from './payloads.ts'
import type { Proposal, Transform } from './proposal-format.ts'

const protocolName = namesIn(Protocol, 'protocol')
const transactionKind = namesIn(TransactionType, 'type')
const transactionName = namesIn(Transaction, 'attribute')
const espTransform = namesIn(EspTransform, 'transform')
const lifeType = namesIn(LifeType, 'life type')
const identityType = namesIn(
  {
    IPV4: 1,
    FQDN: 2,
    USER_FQDN: 3,
    IPV4_SUBNET: 4,
    IPV6: 5,
    IPV6_SUBNET: 6,
    IPV4_RANGE: 7,
    IPV6_RANGE: 8,
    DER_ASN1_DN: 9,
    KEY_ID: 11,
  },
  'ID type',
)

// ---------------------------------------------------------------- security association

type AttributeWords = ReadonlyMap<number, readonly [string, (value: number) => string]>

const group = (value: number): string => `group ${value}`

const phase1: AttributeWords = new Map([
  [Phase1Attribute.ENCRYPTION, ['Encryption Algorithm', namesIn(Phase1Encryption, 'cipher')] as const],
  [Phase1Attribute.HASH, ['Hash Algorithm', namesIn(Phase1Hash, 'hash')] as const],
  [
    Phase1Attribute.AUTHENTICATION,
    ['Authentication Method', namesIn(AuthenticationMethod, 'method')] as const,
  ],
  [Phase1Attribute.GROUP, ['Group Description', group] as const],
  [Phase1Attribute.KEY_LENGTH, ['Key Length', (bits: number) => `${bits} bits`] as const],
  [Phase1Attribute.LIFE_TYPE, ['Life Type', lifeType] as const],
  [Phase1Attribute.LIFE_DURATION, ['Life Duration', String] as const],
])

const phase2: AttributeWords = new Map([
  [Phase2Attribute.GROUP, ['Group Description', group] as const],
  [Phase2Attribute.MODE, ['Encapsulation Mode', namesIn(EncapsulationMode, 'mode')] as const],
  [
    Phase2Attribute.AUTHENTICATION,
    ['Authentication Algorithm', namesIn(EspAuthentication, 'algorithm')] as const,
  ],
  [Phase2Attribute.KEY_LENGTH, ['Key Length', (bits: number) => `${bits} bits`] as const],
  [Phase2Attribute.LIFE_TYPE, ['Life Type', lifeType] as const],
  [Phase2Attribute.LIFE_DURATION, ['Life Duration', String] as const],
])

function describeAttribute(words: AttributeWords, attribute: Attribute): MessageNode {
  const [name, say] = words.get(attribute.type) ?? [`attribute ${attribute.type}`, String]
  const value = numberOf(attribute)
  return node(name, value === undefined ? 'a number too long' : say(value))
}

const mostShown = 32

function describeTransform({ number, id, attributes }: Transform, protocol: number): MessageNode {
  const isPhase1 = protocol === Protocol.ISAKMP
  const words = isPhase1 ? phase1 : phase2
  const parts = attributes.map((attribute) => describeAttribute(words, attribute))
  const summary = parts
    .filter(({ name }) => !name.startsWith('Life') && name !== 'Encapsulation Mode')
    .map(({ value = '' }) => value.replaceAll('_', '-'))
  const algorithm = isPhase1 ? [] : [espTransform(id).replaceAll('_', '-')]
  return node(`Transform ${number}`, [...algorithm, ...summary].join(' · '), parts)
}

const describeProposal = ({ number, protocol, spi, transforms }: Proposal): MessageNode =>
  node(`Proposal ${number}`, protocolName(protocol), [
    ...(spi.length === 0 ? [] : [node('SPI', toHex(spi))]),
    ...transforms.slice(0, mostShown).map((transform) => describeTransform(transform, protocol)),
    ...(transforms.length > mostShown ? [node(`${transforms.length - mostShown} more`)] : []),
  ])

function describeSa({ proposals }: PayloadOf<'sa'>): MessageNode {
  const transforms = proposals.reduce((sum, proposal) => sum + proposal.transforms.length, 0)
  const [first] = proposals.map(describeProposal)
  const only = transforms === 1 ? first?.parts?.at(-1)?.value : undefined
  return node('SA', only ?? `${transforms} transforms`, proposals.map(describeProposal))
}

// ---------------------------------------------------------------- identities

/** RFC 2407 section 4.6.2: an address with its mask, or two ends of a range. */
function networkWords(kind: number, data: Uint8Array): string | undefined {
  const half = data.length / 2
  const [first, second] = [addressFromBytes(data.subarray(0, half)), addressFromBytes(data.subarray(half))]
  if (first === undefined || second === undefined) return undefined
  const mark = identityType(kind).endsWith('SUBNET') ? '/' : '-'
  return `${formatAddress(first)}${mark}${formatAddress(second)}`
}

const networkKinds = new Set([4, 6, 7, 8])

function describeId({ kind, protocol, port, data }: PayloadOf<'id'>): MessageNode {
  const identity = identityFromWire({ kind, data })
  const known = networkKinds.has(kind)
    ? networkWords(kind, data)
    : identity === undefined
      ? undefined
      : shortText(formatIdentity(identity))
  const words = known ?? lengthWords(data.length)
  return node('ID', words, [
    node('ID Type', identityType(kind)),
    ...(protocol === 0 ? [] : [node('Protocol ID', String(protocol))]),
    ...(port === 0 ? [] : [node('Port', String(port))]),
    node('Identification Data', words),
  ])
}

// ---------------------------------------------------------------- transactions

/** What proves who somebody is; of these the view says that they are there. */
const secrets: ReadonlySet<number> = new Set([
  Transaction.XAUTH_USER_PASSWORD,
  Transaction.XAUTH_PASSCODE,
  Transaction.XAUTH_CHALLENGE,
  Transaction.XAUTH_NEXT_PIN,
  Transaction.XAUTH_ANSWER,
])

const texts: ReadonlySet<number> = new Set([
  Transaction.APPLICATION_VERSION,
  Transaction.XAUTH_USER_NAME,
  Transaction.XAUTH_MESSAGE,
  Transaction.XAUTH_DOMAIN,
  Transaction.UNITY_BANNER,
  Transaction.UNITY_DEF_DOMAIN,
  Transaction.UNITY_SPLIT_DNS,
])

/** The payload as it may be kept: without passwords, in memory that is wiped by nobody. */
export function withoutPasswords(payload: Payload): Payload {
  if (payload.type !== 'attributes') return payload
  return {
    ...payload,
    attributes: payload.attributes.map((attribute) =>
      secrets.has(attribute.type)
        ? { form: 'variable', type: attribute.type, data: new Uint8Array() }
        : attribute,
    ),
  }
}

function transactionWords(attribute: Attribute): string {
  if (secrets.has(attribute.type)) return 'not shown'
  if (attribute.form === 'basic') return String(attribute.value)
  const { data } = attribute
  if (data.length === 0) return 'any'
  if (texts.has(attribute.type)) return shortText(utf8Text(data) ?? lengthWords(data.length))
  const address = addressFromBytes(data)
  return address === undefined ? lengthWords(data.length) : formatAddress(address)
}

const describeTransaction = ({ kind, identifier, attributes }: PayloadOf<'attributes'>): MessageNode =>
  node('ATTR', transactionKind(kind), [
    node('Identifier', String(identifier)),
    ...attributes.map((attribute) => node(transactionName(attribute.type), transactionWords(attribute))),
  ])

// ---------------------------------------------------------------- all of them

function describeCertificate({ data }: PayloadOf<'certificate'>): MessageNode {
  const subject = certificateSubject(data)
  const parts = [node('Certificate Data', lengthWords(data.length))]
  return subject === undefined
    ? node('CERT', lengthWords(data.length), parts)
    : node('CERT', shortText(subject), parts)
}

const describeNotification = ({
  notification,
  protocol,
  spi,
  data,
}: PayloadOf<'notification'>): MessageNode =>
  node(`N(${notificationName(notification)})`, data.length === 0 ? undefined : lengthWords(data.length), [
    node('Protocol ID', protocolName(protocol)),
    ...(spi.length === 0 ? [] : [node('SPI', toHex(spi))]),
  ])

const describeDelete = ({ protocol, spis }: PayloadOf<'delete'>): MessageNode =>
  node(
    'D',
    [protocolName(protocol), ...spis.slice(0, 4).map(toHex)].join(' '),
    spis.slice(0, mostShown).map((spi) => node('SPI', toHex(spi))),
  )

const addressWords = (data: Uint8Array): string => {
  const address = addressFromBytes(data)
  return address === undefined ? lengthWords(data.length) : formatAddress(address)
}

/** Of HASH and SIG the length alone: a hash under a pre-shared key lets guesses at the key be tried. */
export function describePayload(payload: Payload): MessageNode {
  switch (payload.type) {
    case 'sa':
      return describeSa(payload)
    case 'ke':
      return node('KE', beginning(payload.data))
    case 'id':
      return describeId(payload)
    case 'certificate':
      return describeCertificate(payload)
    case 'certificate-request': {
      const authority = payload.data.length === 0 ? 'any authority' : formatDistinguishedName(payload.data)
      return node('CR', authority === undefined ? lengthWords(payload.data.length) : shortText(authority))
    }
    case 'hash':
      return node('HASH', lengthWords(payload.data.length))
    case 'signature':
      return node('SIG', lengthWords(payload.data.length))
    case 'nonce':
      return node('NONCE', beginning(payload.data))
    case 'notification':
      return describeNotification(payload)
    case 'delete':
      return describeDelete(payload)
    case 'vendor-id':
      return node('VID', beginning(payload.data))
    case 'attributes':
      return describeTransaction(payload)
    case 'nat-d':
    case 'nat-d-draft':
      return node('NAT-D', beginning(payload.data))
    case 'nat-oa':
    case 'nat-oa-draft':
      return node('NAT-OA', addressWords(payload.data))
    case 'fragment':
      return node('FRAG', `number ${payload.number}, ${lengthWords(payload.data.length)}`)
    case 'unknown':
      return node(payloadName(payload.number), lengthWords(payload.data.length))
  }
}
