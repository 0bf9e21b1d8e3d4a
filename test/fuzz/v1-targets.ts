/** IKEv1's parsers under mutated bytes: seeds are what our own two ends say. The message target repairs the header's length. */
import { attributes } from '../../src-main/ike/v1/attributes.ts'
import { createAssembly, inPieces } from '../../src-main/ike/v1/fragments.ts'
import { decodeMessage, encodeMessage } from '../../src-main/ike/v1/message.ts'
import type { Message } from '../../src-main/ike/v1/message.ts'
import { modeConfigurationReply, readModeConfiguration, wishes } from '../../src-main/ike/v1/mode-config.ts'
import type { Payload } from '../../src-main/ike/v1/payloads.ts'
import { bodyOf } from '../../src-main/ike/v1/payloads.ts'
import { securityAssociation } from '../../src-main/ike/v1/proposal-format.ts'
import { shapes, violationOf } from '../../src-main/ike/v1/rules.ts'
import { selectorOf, selectorPayload } from '../../src-main/ike/v1/selectors.ts'
import {
  phase1Proposals,
  phase1Suites,
  phase2Proposals,
  phase2Suites,
  readPhase1Transform,
  readPhase2Transform,
} from '../../src-main/ike/v1/suites.ts'
import { EncapsulationMode } from '../../src-main/ike/v1/code-points.ts'
import { readInformation } from '../../src-main/ike/v1/exchanges/informational.ts'
import { xauthRequest, xauthStatus } from '../../src-main/ike/v1/xauth.ts'
import { featuresOf, ourVendorIds } from '../../src-main/ike/v1/vendor-ids.ts'
import { DecodeError, decode, encode } from '../../src-main/wire/codec.ts'
import { ikeSpi, messageId } from '../../src-shared/brands.ts'
import { proposals, selector } from '../exchange/v1/wire.ts'
import type { Target } from './targets.ts'

const suites1 = phase1Suites(
  proposals('ike', 'aes256-aes128-sha256-modp2048', '3des-sha1-modp1024'),
  [1, 65001],
  86_400,
)
const suites2 = phase2Suites(
  proposals('esp', 'aes256-sha256', 'aes128gcm16'),
  undefined,
  EncapsulationMode.TUNNEL,
  {
    lifetimeSeconds: 3600,
  },
)
const bytes = (length: number, fill = 0x5a) => new Uint8Array(length).fill(fill)
const configuration = {
  addresses: [{ address: '10.9.0.2', length: 32 }],
  dnsServers: ['10.20.0.53', 'fd00::53'],
  dnsDomains: ['corp.example'],
  subnets: [{ address: '10.20.0.0', length: 16 }],
  banner: 'Welcome',
}

const first: readonly Payload[] = [
  { type: 'sa', proposals: phase1Proposals(suites1) },
  ...ourVendorIds({ xauth: true }),
]
const quick: readonly Payload[] = [
  { type: 'hash', data: bytes(32) },
  { type: 'sa', proposals: phase2Proposals(suites2, bytes(4)) },
  { type: 'nonce', data: bytes(32) },
  { type: 'ke', data: bytes(256) },
  selectorPayload(selector('10.9.0.1/32')),
  selectorPayload(selector('10.0.0.0/8')),
]
const informational: readonly Payload[] = [
  { type: 'hash', data: bytes(20) },
  { type: 'notification', doi: 1, protocol: 1, notification: 36136, spi: bytes(16), data: bytes(4) },
  { type: 'delete', doi: 1, protocol: 3, spis: [bytes(4), bytes(4, 1)] },
]
const transaction: readonly Payload[] = [
  { type: 'hash', data: bytes(20) },
  {
    type: 'attributes',
    kind: 2,
    identifier: 7,
    attributes: modeConfigurationReply(configuration, wishes({ ipv4: true, ipv6: true })),
  },
]
const header = {
  initiatorSpi: ikeSpi(1n),
  responderSpi: ikeSpi(2n),
  exchange: 2,
  messageId: messageId(0),
  commit: false,
}
const messages = [first, quick, informational, transaction].map(
  (payloads) => encodeMessage(header, payloads).datagram,
)

const names = Object.keys(shapes)
const isShape = (name: string): name is keyof typeof shapes => names.includes(name)

/** Everything that looks at a message before or after it is known to be genuine. */
function look(message: Message): void {
  for (const name of names) if (isShape(name)) violationOf(message, name)
  featuresOf(message)
  readInformation(message)
  for (const { payload } of message.payloads) {
    if (payload.type === 'id') selectorOf(payload)
    if (payload.type === 'sa')
      for (const { transforms } of payload.proposals)
        for (const transform of transforms) {
          readPhase1Transform(transform)
          readPhase2Transform(transform)
        }
    if (payload.type !== 'attributes') continue
    xauthRequest(payload)
    xauthStatus(payload)
    readModeConfiguration(payload.attributes)
  }
}

function tryDecode(read: () => void): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (error instanceof DecodeError) return false
    throw error
  }
}

export const v1Targets: readonly Target[] = [
  {
    name: 'IKEv1 messages',
    seeds: messages,
    share: 0.2,
    run: (input) => {
      const repaired = input.slice()
      if (repaired.length >= 28) {
        const view = new DataView(repaired.buffer)
        view.setUint32(24, repaired.length)
        view.setUint8(17, 0x10)
        view.setUint8(19, 0)
      }
      const decoded = decodeMessage(repaired)
      if (decoded.ok) look(decoded.value.message)
      return decoded.ok
    },
  },
  {
    name: 'IKEv1 fragments',
    seeds: inPieces(encodeMessage(header, [{ type: 'ke', data: bytes(3000) }]).datagram, 7),
    share: 0.05,
    run: (input) => {
      const assembly = createAssembly()
      const repaired = input.slice()
      if (repaired.length >= 28) {
        const view = new DataView(repaired.buffer)
        view.setUint32(24, repaired.length)
        view.setUint8(17, 0x10)
        view.setUint8(19, 0)
      }
      const decoded = decodeMessage(repaired)
      assembly.add(repaired)
      assembly.add(repaired)
      return decoded.ok
    },
  },
  {
    name: 'IKEv1 security associations',
    seeds: [first[0], quick[1]].flatMap((payload) => (payload?.type === 'sa' ? [bodyOf(payload)] : [])),
    share: 0.05,
    run: (input) =>
      tryDecode(() => {
        // What is understood can be said again.
        encode(securityAssociation, decode(securityAssociation, input))
      }),
  },
  {
    name: 'IKEv1 attributes',
    seeds: [encode(attributes, modeConfigurationReply(configuration, wishes({ ipv4: true, ipv6: true })))],
    share: 0.05,
    run: (input) => tryDecode(() => void readModeConfiguration(decode(attributes, input))),
  },
]
