/** What other processes tell of their connections, as schemas: checked before it is believed. */
import * as v from 'valibot'
import type { ConnectionSlices } from '../../src-shared/contract.ts'
import { isErrorCode } from '../../src-shared/error-words.ts'
import type { ErrorCode, Failure } from '../../src-shared/errors.ts'
import type { MessageNode } from '../../src-shared/exchange-message.ts'

const text = v.pipe(v.string(), v.maxLength(65_536))
const shortText = v.pipe(v.string(), v.maxLength(1024))
const count = v.number()
const texts = v.pipe(v.array(shortText), v.maxLength(1024))

const errorCode = v.pipe(
  v.string(),
  // Another version may know more codes; told as `internal`, it still tells its details.
  v.transform((code): ErrorCode => (isErrorCode(code) ? code : 'internal')),
)
export const failureSchema: v.GenericSchema<unknown, Failure> = v.object({
  code: errorCode,
  details: v.record(v.string(), text),
})

// ---------------------------------------------------------------- slices

const protection = {
  encryption: v.picklist([
    'aes-gcm-8',
    'aes-gcm-12',
    'aes-gcm-16',
    'aes-ccm-8',
    'aes-ccm-12',
    'aes-ccm-16',
    'camellia-ccm-8',
    'camellia-ccm-12',
    'camellia-ccm-16',
    'chacha20-poly1305',
    'aes-cbc',
    'camellia-cbc',
    '3des-cbc',
    'des-cbc',
    'blowfish-cbc',
    'cast-cbc',
    'idea-cbc',
    'rc5-cbc',
    'aes-ctr',
    'camellia-ctr',
    'null',
    'null-aes-gmac',
  ]),
  keyBits: count,
  integrity: v.exactOptional(
    v.picklist([
      'hmac-md5-96',
      'hmac-sha1-96',
      'hmac-sha256-128',
      'hmac-sha384-192',
      'hmac-sha512-256',
      'aes-xcbc-96',
      'aes-cmac-96',
    ]),
  ),
}
const group = v.picklist([
  'modp768',
  'modp1024',
  'modp1536',
  'modp2048',
  'modp3072',
  'modp4096',
  'modp6144',
  'modp8192',
  'ecp192',
  'ecp224',
  'ecp256',
  'ecp384',
  'ecp521',
  'ecp224bp',
  'ecp256bp',
  'ecp384bp',
  'ecp512bp',
  'curve25519',
  'curve448',
])
const flow = v.object({ packets: count, bytes: count, highestSequence: count })

const childSa = v.object({
  inboundSpi: count,
  outboundSpi: count,
  suite: v.object({ ...protection, group: v.exactOptional(group), extendedSequenceNumbers: v.boolean() }),
  mode: v.picklist(['tunnel', 'transport']),
  encapsulation: v.picklist(['udp', 'none']),
  localSelectors: texts,
  remoteSelectors: texts,
  ageMs: count,
  rekeyInMs: v.exactOptional(count),
  expiresInMs: v.exactOptional(count),
  inbound: flow,
  outbound: flow,
  replayWindow: v.exactOptional(
    v.object({ size: count, seen: v.pipe(v.string(), v.maxLength(256), v.regex(/^[01]*$/)) }),
  ),
})

const ikeSa = v.object({
  initiatorSpi: shortText,
  responderSpi: shortText,
  suite: v.object({
    ...protection,
    prf: v.picklist([
      'hmac-md5',
      'hmac-sha1',
      'hmac-sha256',
      'hmac-sha384',
      'hmac-sha512',
      'aes-xcbc-128',
      'aes-cmac-128',
    ]),
    group,
  }),
  localIdentity: shortText,
  remoteIdentity: shortText,
  ageMs: count,
  rekeyInMs: v.exactOptional(count),
  weaknesses: v.exactOptional(v.array(v.picklist(['aggressive-psk', 'guessable-psk']))),
  childSas: v.array(childSa),
})

const manualSa = v.object({
  direction: v.picklist(['inbound', 'outbound']),
  protocol: v.picklist(['esp', 'ah']),
  mode: v.picklist(['tunnel', 'transport']),
  spi: count,
  source: shortText,
  destination: shortText,
  requestId: v.exactOptional(count),
  algorithms: shortText,
  encapsulation: v.picklist(['udp', 'none']),
  extendedSequenceNumbers: v.boolean(),
  flow,
  replayWindow: v.exactOptional(
    v.object({ size: count, seen: v.pipe(v.string(), v.maxLength(256), v.regex(/^[01]*$/)) }),
  ),
  drops: v.record(v.string(), count),
  stopped: v.exactOptional(shortText),
})

const phase = v.picklist(['resolving', 'negotiating', 'authenticating', 'configuring'])
const state = v.variant('kind', [
  v.object({ kind: v.literal('disconnected') }),
  v.object({ kind: v.literal('connecting'), phase }),
  v.object({ kind: v.literal('connected') }),
  v.object({
    kind: v.literal('reconnecting'),
    cause: v.picklist([
      'unreachable',
      'gateway-silent',
      'expired',
      'gateway-closed',
      'network-changed',
      'woke-up',
      'reauthentication',
    ]),
    attempt: count,
    phase: v.exactOptional(phase),
  }),
  v.object({ kind: v.literal('disconnecting') }),
  v.object({ kind: v.literal('failed'), failure: failureSchema }),
])

const policy = v.object({
  direction: v.picklist(['outbound', 'inbound']),
  action: v.picklist(['protect', 'bypass', 'discard']),
  local: shortText,
  remote: shortText,
  protocol: shortText,
  spi: v.exactOptional(count),
  reason: shortText,
})

const carried = v.object({ packets: count, bytes: count })
const connectionStatus = v.object({
  profileId: shortText,
  profileName: shortText,
  state,
  carriedBy: v.exactOptional(v.picklist(['this', 'another'])),
  gateway: v.exactOptional(v.object({ name: shortText, address: shortText, port: count })),
  since: v.exactOptional(count),
  virtualAddresses: texts,
  dns: v.object({ servers: texts, domains: texts }),
  interfaceName: v.exactOptional(shortText),
  mtu: v.exactOptional(count),
  dataPlane: v.exactOptional(shortText),
  ikeSas: v.array(ikeSa),
  manualSas: v.exactOptional(v.array(manualSa)),
  traffic: v.object({ inbound: carried, outbound: carried }),
  drops: v.record(v.string(), count),
  policies: v.exactOptional(v.array(policy)),
  killSwitch: v.exactOptional(v.picklist(['off', 'armed', 'holding'])),
  question: v.exactOptional(
    v.object({
      id: count,
      kind: v.picklist(['password', 'psk', 'p12-password', 'key-password', 'one-time-code']),
      text: shortText,
    }),
  ),
})

const level = v.picklist(['error', 'warn', 'info', 'debug'])
export const logLineSchema = v.object({
  at: count,
  level,
  area: shortText,
  message: text,
  fields: v.exactOptional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
})

const messageNode: v.GenericSchema<unknown, MessageNode> = v.object({
  name: shortText,
  value: v.exactOptional(text),
  parts: v.exactOptional(v.array(v.lazy(() => messageNode))),
})

const exchangeMessage = v.object({
  number: count,
  profileId: shortText,
  at: count,
  direction: v.picklist(['sent', 'received']),
  version: v.picklist([1, 2]),
  exchange: shortText,
  kind: v.picklist(['request', 'response']),
  messageId: count,
  initiatorSpi: shortText,
  responderSpi: shortText,
  length: count,
  fragments: count,
  encrypted: v.boolean(),
  retransmissions: count,
  summary: shortText,
  payloads: v.array(messageNode),
})

type SliceSchemas = {
  readonly [Name in keyof ConnectionSlices]: v.GenericSchema<unknown, ConnectionSlices[Name]>
}

export const sliceSchemas: SliceSchemas = {
  connections: v.array(connectionStatus),
  log: v.array(logLineSchema),
  exchanges: v.array(exchangeMessage),
}

export const isSliceName = (name: string): name is keyof ConnectionSlices => Object.hasOwn(sliceSchemas, name)
